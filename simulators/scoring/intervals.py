"""How sure a count is: exact 95 % confidence intervals of proportions and of rates."""

from msgspec import Struct
from scipy import stats

CONFIDENCE = 0.95


class Estimate(Struct, frozen=True):
    """`count` out of `of`, as a value between `low` and `high`; the value is None where there was nothing to count."""

    count: int
    of: float
    value: float | None
    low: float
    high: float


def proportion(count: int, of: int) -> Estimate:
    """A share of `of` equal chances, 0 to 1, with the exact interval of Clopper and Pearson (1934).

    Raises:
        ValueError: `count` is not between 0 and `of`.
    """
    if of == 0 and count == 0:
        return Estimate(0, 0, None, 0.0, 1.0)
    interval = stats.binomtest(count, of).proportion_ci(CONFIDENCE, method="exact")
    return Estimate(count, of, count / of, float(interval.low), float(interval.high))


def rate(count: int, hours: float) -> Estimate:
    """Events per hour, with the exact interval of a Poisson count (Garwood 1936).

    Raises:
        ValueError: a count or a time is negative, or something was counted in no time.
    """
    if count < 0 or hours < 0 or (count and not hours):
        raise ValueError(f"{count} events in {hours} hours cannot be")
    if not hours:
        return Estimate(0, 0, None, 0.0, float("inf"))
    tail = (1 - CONFIDENCE) / 2
    low = float(stats.chi2.ppf(tail, 2 * count)) / 2 if count else 0.0
    high = float(stats.chi2.ppf(1 - tail, 2 * (count + 1))) / 2
    return Estimate(count, hours, count / hours, low / hours, high / hours)
