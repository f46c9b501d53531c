"""Payloads that are laid out against the standard, put in order before they are decoded.

Only what the standard could not mean is touched: the payload would be refused otherwise.
"""

_STAMP_PULSE_STATUS, _USER, _RESERVED = 0x16, 0x08, 0x40
_LENGTH = 19


def standard_blood_pressure(payload: bytes) -> bytes:
    """A blood pressure (2A35) as the standard lays it out.

    Beurer BM85 (captures published by derdilla/blood-pressure-monitor-fl): reserved bit 6 is set, a user id is there
    though its flag is not, pulse and status are big endian.
    """
    if len(payload) != _LENGTH or payload[0] & 0xFE != _STAMP_PULSE_STATUS | _RESERVED or payload[0] & _USER:
        return payload
    flags = payload[0] & ~_RESERVED | _USER
    pulse, user, status = payload[14:16], payload[16:17], payload[17:19]
    return bytes([flags]) + payload[1:14] + pulse[::-1] + user + status[::-1]
