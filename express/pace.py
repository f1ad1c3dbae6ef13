"""How fast a worker is: seconds of the clock for a second of effort (express/effort.py).

What it has in work says most about that, then what it did last: the load of a machine changes within minutes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import exp
from statistics import median
from typing import Self

from engine.pipeline import STAGES
from express.effort import after_share, before_s
from express.models import Video

# Effort at one place after which an older video counts a third as much as a new one. Simulated with videos that are
# off by 12 % each and a load that changes 2.5-fold: of the next eight, 84 % are told within 30 % with 6, 73 % with 10,
# 51 % with 20; without a change 96 to 98 %.
FADES_S = 8.0
LONG_S = 4.0  # what a long video counts for in that, so that there are always several
OUTLIER = 3.0  # times the usual: a machine that slept, not its pace
OWN_S = 2.0  # of effort, after which a video's own pace counts as much for it as all others'


@dataclass(frozen=True, slots=True)
class Job:
    """A video, or a part of one, that a worker has in work.

    before_s, after_s: of its effort, what passes before the first frame and after the last one.
    told_at: when `progress` was told, by the worker's clock, as `started_at`.
    """

    effort_s: float
    before_s: float
    after_s: float
    progress: float
    started_at: datetime
    told_at: datetime

    @classmethod
    def of(cls, video: Video) -> Self:
        """Return a video that is being rendered by one worker."""
        before, after_s = phases_s(video)
        began = video.started_at or video.created_at
        return cls(video.effort_s, before, after_s, video.progress, began, video.heartbeat_at or began)

    @property
    def told_s(self) -> float:
        """Seconds from its begin to the progress that was told."""
        return max(0.0, (self.told_at - self.started_at).total_seconds())

    @property
    def has_frames(self) -> bool:
        """Whether its progress says anything: it is drawing frames."""
        return STAGES["frames"] < self.progress < 1.0 and self.told_s > 0.0

    @property
    def done_s(self) -> float:
        """The effort that was made when it told its progress, while it draws frames."""
        first = STAGES["frames"]
        frames_s = self.effort_s - self.before_s - self.after_s
        return self.before_s + frames_s * max(0.0, self.progress - first) / (1 - first)

    def left_s(self, pace: float, now: datetime) -> float:
        """Seconds until it is ready: by its own pace, the more of it there is, and by its worker's."""
        if self.has_frames:
            own = (self.told_s + OWN_S * pace) / (self.done_s + OWN_S)
            return max(0.0, (self.effort_s - self.done_s) * own - (now - self.told_at).total_seconds())
        left_s = self.effort_s * pace - (now - self.started_at).total_seconds()
        if self.progress >= 1.0:
            return max(0.0, min(left_s, self.after_s * pace))
        return max(left_s, (self.effort_s - self.before_s) * pace)


def phases_s(video: Video) -> tuple[float, float]:
    """Return a video's effort before its first frame and after its last."""
    before = before_s(video.speech_s, video.options, recorded=bool(video.audio))
    before = min(before, 0.9 * video.effort_s)
    return before, (video.effort_s - before) * after_share(video.options)


def pace_of(jobs: Sequence[Job], ended: Iterable[Video], places: int) -> float:
    """Return the pace of workers with so many places, by what they have in work and what they made, newest first.

    1.0 while nothing is known: as on the machine of docs/benchmarks.md.
    """
    worked = [(work_s(video), video.effort_s) for video in ended]
    usual = median(seconds / effort for seconds, effort in worked) if worked else 1.0
    drawing = [(job.told_s, job.done_s) for job in jobs if job.has_frames]
    seconds_s = sum(seconds for seconds, _ in drawing)
    effort_s = sum(effort for _, effort in drawing)
    since_s = sum(min(effort, LONG_S) for _, effort in drawing)
    for seconds, effort in worked:
        weight = exp(-since_s / (FADES_S * places))
        seconds_s += weight * min(seconds, OUTLIER * usual * effort)
        effort_s += weight * effort
        since_s += min(effort, LONG_S)
    return seconds_s / effort_s if effort_s else 1.0


def work_s(video: Video) -> float:
    """Return the seconds that workers had with a completed video: those of all its parts, if it was made in parts."""
    stages_s: float = sum(seconds for stage, seconds in video.timings.items() if stage != "total")
    total_s: float = video.timings.get("total", stages_s)
    return max(0.0, (video.render_s or 0.0) - total_s + stages_s)
