"""What can be wrong with a Bluetooth device, as settings that may be changed at any time."""

from enum import IntEnum

from msgspec import Struct


class Refusal(IntEnum):
    """How a device refuses a subscription over a link that is not encrypted; the numbers are ATT error codes."""

    NONE = 0
    INSUFFICIENT_AUTHENTICATION = 0x05
    INSUFFICIENT_ENCRYPTION = 0x0F


class Flaws(Struct, kw_only=True):
    """One device's. Without any it is a good one, which wants no pairing and knows the time."""

    refusal: Refusal = Refusal.NONE
    hangs_up_before_bond: bool = False
    """Ends the connection when anything is asked over a link that is not encrypted, as the A&D UA-651BLE does."""
    vanishes_after: int | None = None
    """So many messages from now, the device is out of reach."""
    mute: bool = False
    """Connected, and sends nothing."""
    zombie: bool = False
    """Connected, and nothing that it sends is a valid value."""
    clock_off_s: int = 0
    """How much its clock is ahead of the true time; setting the clock mends it."""
    clock_set: bool = True
    refuses_clock: int = 0
    """ATT error code with which it answers an attempt to set its clock."""

    def out_of_reach(self) -> bool:
        """Count a message that was sent; whether it was the last."""
        if self.vanishes_after is None:
            return False
        self.vanishes_after -= 1
        if self.vanishes_after > 0:
            return False
        self.vanishes_after = None
        return True
