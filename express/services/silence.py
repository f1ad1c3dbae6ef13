"""Which workers have fallen silent, judged without anybody's clock.

Clocks of machines differ and jump, and while the database is away nobody can beat. So a janitor counts for how long
it has itself seen a heartbeat stand still, in seconds of its own monotonic clock during which the database answered.
"""

import time
from collections.abc import Iterable
from typing import Any

from django.conf import settings

LONGEST_STEP = 2.0  # intervals of the janitor that one look counts for at most; in longer ones it was cut off itself


class Watch:
    """What one process has seen of the heartbeats so far. It must look every JANITOR_INTERVAL_S or so."""

    def __init__(self) -> None:
        self._seen: dict[Any, tuple[object, float]] = {}  # the beat, and for how many seconds it has stood still
        self._looked_at = time.monotonic()

    def silent(self, beats: Iterable[tuple[Any, Any]]) -> set[Any]:
        """Take (id, latest beat) of everything that is being worked on; return the ids that nobody works on.

        The beat may be anything that changes with every heartbeat and every claim.
        """
        now = time.monotonic()
        step_s = min(now - self._looked_at, LONGEST_STEP * settings.JANITOR_INTERVAL_S)
        self._looked_at = now
        self._seen = {one: (beat, self._stood_still_s(one, beat, step_s)) for one, beat in beats}
        lost_s = settings.HEARTBEAT_LOST_AFTER_S
        return {one for one, (_, still_s) in self._seen.items() if still_s >= lost_s}

    def _stood_still_s(self, one: Any, beat: object, step_s: float) -> float:
        known, still_s = self._seen.get(one, (None, 0.0))
        return still_s + step_s if known == beat else 0.0


HEARTBEATS, PART_HEARTBEATS = Watch(), Watch()  # this process's
