"""The durable log: what came in and what followed from it, in order, provable, on disk before anybody is told."""

from monitor.journal.batch import Batch as Batch
from monitor.journal.errors import JournalError as JournalError
from monitor.journal.journal import Journal as Journal
from monitor.journal.recorder import Recorder as Recorder
from monitor.journal.stored import Checkpoint as Checkpoint
from monitor.journal.stored import DeadLetter as DeadLetter
from monitor.journal.stored import Stored as Stored
from monitor.journal.writer import JournalWriter as JournalWriter
