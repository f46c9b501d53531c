"""What goes wrong with equipment: faults as stories tell them, what they do to messages, and what is true of them."""

from simulators.faults.kinds import KINDS as KINDS
from simulators.faults.kinds import KindInfo as KindInfo
from simulators.faults.kinds import mistakes as mistakes
from simulators.faults.story import Fault as Fault
from simulators.faults.story import FaultKind as FaultKind
from simulators.faults.story import FaultSpan as FaultSpan
