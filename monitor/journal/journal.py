"""The journal: every input and every output of the core, in order, on disk before anybody acts on it."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple, Self

import msgspec

from monitor.events import Record
from monitor.journal import codec, schema
from monitor.journal.errors import JournalError, Reason, explained
from monitor.journal.hashing import GENESIS, Row, broken_links, chain, seal
from monitor.journal.lock import WriterLock
from monitor.journal.stored import Checkpoint, DeadLetter, JournalInfo, SessionSummary, Stored, Tail

KEPT_CHECKPOINTS = 200
