"""Laws of acknowledging late and in order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from devices.mqtt_acks import Acknowledgement, AckQueue, Counts, acknowledge

PUBACK_BYTES = 4


def packet_ids(writes: list[bytes]) -> list[int]:
    packets = b"".join(writes)
    return [int.from_bytes(packets[at + 2 : at + 4], "big") for at in range(0, len(packets), PUBACK_BYTES)]


def queue_of(count: int) -> tuple[AckQueue, list[Acknowledgement], list[bytes], Counts]:
    writes: list[bytes] = []
    counts = Counts()
    queue = AckQueue(writes.append, counts)
    return queue, [queue.add(packet_id) for packet_id in range(1, count + 1)], writes, counts


@st.composite
def commits(draw: st.DrawFn) -> list[list[int]]:
    """Messages 0, 1, ... settled in any order, some twice, in commits of any size."""
    count = draw(st.integers(1, 30))
    order = draw(st.permutations(range(count)))
    order += draw(st.lists(st.sampled_from(range(count)), max_size=5))
    cuts = sorted(draw(st.lists(st.integers(0, len(order)), max_size=6)))
    return [list(order[start:end]) for start, end in zip([0, *cuts], [*cuts, len(order)], strict=True)]


@given(commits())
def test_acknowledgements_leave_once_and_in_the_order_of_arrival(batches: list[list[int]]) -> None:
    """After every commit exactly the longest settled prefix has been acknowledged, each message once."""
    count = 1 + max(number for batch in batches for number in batch)
    queue, acks, writes, counts = queue_of(count)
    settled: set[int] = set()
    for batch in batches:
        acknowledge(acks[number] for number in batch)
        settled.update(batch)
        prefix = next((number for number in range(count) if number not in settled), count)
        assert packet_ids(writes) == list(range(1, prefix + 1))
        assert counts.acknowledged == prefix
        assert len(queue) == count - prefix


def test_a_commit_is_one_write() -> None:
    """However many messages a commit holds, their acknowledgements are written together."""
    _, acks, writes, _ = queue_of(500)
    acknowledge(acks)
    assert len(writes) == 1
    assert len(packet_ids(writes)) == 500


def test_nothing_is_written_before_it_is_settled() -> None:
    """A message that nobody has settled is not acknowledged, nor anything behind it."""
    _, acks, writes, _ = queue_of(3)
    acks[1].done()
    acks[2].done()
    assert writes == []


def test_what_belongs_to_a_connection_that_is_gone_is_dropped() -> None:
    """Packet identifiers start again with the next connection: an old one must never be written to it."""
    queue, acks, writes, counts = queue_of(3)
    queue.forget()
    acknowledge(acks)
    assert writes == []
    assert counts.acknowledged == 0
    assert len(queue) == 0


def test_a_commit_may_hold_messages_of_two_connections() -> None:
    """Each connection gets its own acknowledgements."""
    _, first, first_writes, _ = queue_of(2)
    _, second, second_writes, _ = queue_of(3)
    acknowledge([*first, *second])
    assert packet_ids(first_writes) == [1, 2]
    assert packet_ids(second_writes) == [1, 2, 3]
