"""Record Access Control Point (2A52): asking a device for what it has stored."""

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct

from devices.gatt.octets import Octets
from devices.source import DeviceError

REPORT, DELETE, ABORT, COUNT, COUNT_RESPONSE, RESPONSE = 1, 2, 3, 4, 5, 6
_ALL, _NO_OPERATOR = 1, 0

RESULTS: Mapping[int, str] = MappingProxyType(
    {
        1: "success",
        2: "operation not supported",
        3: "invalid operator",
        4: "operator not supported",
        5: "invalid operand",
        6: "no records found",
        7: "abort unsuccessful",
        8: "procedure not completed",
        9: "operand not supported",
    }
)


class RecordRequest(Struct, frozen=True):
    """What a collector asks: to report, count or delete all records, or to stop."""

    operation: int

    @classmethod
    def decode(cls, octets: Octets, operation: int) -> "RecordRequest":
        operator = octets.unsigned(1, "operator")
        if operator != (_NO_OPERATOR if operation == ABORT else _ALL):
            raise DeviceError(f"operator {operator} is not known: only all records")
        return cls(operation)

    def encode(self) -> bytes:
        """The payload of the request."""
        return bytes([self.operation, _NO_OPERATOR if self.operation == ABORT else _ALL])


class RecordCount(Struct, frozen=True):
    """How many records a device has."""

    count: int

    def encode(self) -> bytes:
        """The payload of a device that says this."""
        return bytes([COUNT_RESPONSE, _NO_OPERATOR]) + self.count.to_bytes(2, "little")


class RecordResponse(Struct, frozen=True):
    """How a request ended: `code` 1 is success."""

    response_to: int
    code: int

    @property
    def name(self) -> str:
        """The code in words."""
        return RESULTS.get(self.code, f"code {self.code}")

    def encode(self) -> bytes:
        """The payload of a device that says this."""
        return bytes([RESPONSE, _NO_OPERATOR, self.response_to, self.code])


def decode_records(octets: Octets) -> RecordRequest | RecordCount | RecordResponse:
    """Any of the three. Raises DeviceError for an operation that is none."""
    operation = octets.unsigned(1, "operation")
    value: RecordRequest | RecordCount | RecordResponse
    if operation in (REPORT, DELETE, ABORT, COUNT):
        value = RecordRequest.decode(octets, operation)
    elif operation in (COUNT_RESPONSE, RESPONSE):
        octets.unsigned(1, "operator")
        if operation == COUNT_RESPONSE:
            value = RecordCount(octets.unsigned(2, "count"))
        else:
            value = RecordResponse(octets.unsigned(1, "request"), octets.unsigned(1, "result"))
    else:
        raise DeviceError(f"there is no record operation {operation}")
    return value
