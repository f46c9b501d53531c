"""Ways to reach people."""

from alerts.pagers.base import Attempt, Pager, Reach
from alerts.pagers.recording import RecordingPager
from alerts.pagers.settings import PagerError, PagerSettings, build_pagers

__all__ = ["Attempt", "Pager", "PagerError", "PagerSettings", "Reach", "RecordingPager", "build_pagers"]
