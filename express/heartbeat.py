"""A thread that tells the database that a worker lives and how far it is, while the renderer renders.

The renderer only leaves a note here: it never waits for the database, and a long stage does not look like death.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Self

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from express import leaving, transitions
from express.models import Video
from express.patience import hang_up

WRITE_EVERY_S = 0.5  # how fresh the progress is that a page shows; two small updates a second
LOOK_EVERY_S = 0.25  # how soon a cancel is noticed; a look-up by primary key
# Past the longest time: then the work hangs. Celery's time limit kills processes, but no threads (GPU workers).
SILENT_AFTER_S = 60.0
DATABASE_FAULTS = (DatabaseError, InterfaceError)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a worker can do with the row that it has claimed, as in express/transitions.py; False: it is not ours."""

    beat: Callable[[str, float], bool]
    holds: Callable[[], bool]
    hand_back: Callable[[], bool]


class Heartbeat:
    """Context manager around the rendering of one claimed video, or of a part of it."""

    def __init__(self, video: Video, claim: Claim | None = None) -> None:
        """claim: on a part; else on the video as a whole."""
        self.claim = claim or Claim(
            *(partial(change, video) for change in (transitions.beat, transitions.holds, transitions.hand_back))
        )
        self._note = ("", 0.0)
        self._deadline: float = time.monotonic() + settings.RENDER_TIME_LIMIT_S
        self._ended = threading.Event()
        self._lost = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"heartbeat-{video.pk}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.end()

    def end(self) -> None:
        """Tell nothing more, before the context ends: the video is others' now."""
        self._ended.set()
        self._thread.join()

    @property
    def is_late(self) -> bool:
        """Whether the video takes longer than any video may."""
        return time.monotonic() > self._deadline

    def note(self, stage: str, progress: float) -> None:
        """Take the renderer's progress, 0..1."""
        self._note = (stage, progress)

    def should_stop(self) -> bool:
        """Whether the video was canceled, given to another worker, or takes too long; or the worker has to end."""
        return self._lost.is_set() or self.is_late or leaving.is_due()

    @property
    def is_lost(self) -> bool:
        """Whether the video is no longer this worker's."""
        return self._lost.is_set()

    def _run(self) -> None:
        written, written_at = ("", 0.0), time.monotonic()
        try:
            while not self._ended.wait(LOOK_EVERY_S) and time.monotonic() < self._deadline + SILENT_AFTER_S:
                note, now = self._note, time.monotonic()
                wait_s = settings.HEARTBEAT_INTERVAL_S if note == written else WRITE_EVERY_S
                if now - written_at < wait_s:
                    self._look()
                elif self._beat(note):
                    written, written_at = note, now
        finally:
            connection.close()

    def _look(self) -> None:
        try:
            if not self.claim.holds():
                self._lost.set()
        except DATABASE_FAULTS:
            return  # the next beat says more

    def _beat(self, note: tuple[str, float]) -> bool:
        try:
            if not self.claim.beat(*note):
                self._lost.set()
        except DATABASE_FAULTS:
            hang_up()
            return False  # the next beat tries again; if none gets through, the janitor takes the video away
        return True
