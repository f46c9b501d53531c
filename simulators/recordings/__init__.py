"""People who were recorded: stored numerics, played as devices would send them. What ours are: `data/README.md`."""

from simulators.recordings.body import RecordedPatient as RecordedPatient
from simulators.recordings.library import FOLDER as FOLDER
from simulators.recordings.library import load_recording as load_recording
from simulators.recordings.library import names as names
from simulators.recordings.library import read_recording as read_recording
from simulators.recordings.mapping import load_mapping as load_mapping
from simulators.recordings.mapping import mappings as mappings
from simulators.recordings.recording import Recording as Recording
from simulators.recordings.recording import RecordingError as RecordingError
from simulators.recordings.sending import observations as observations
