"""What waits in one queue, dealt out to its workers: each message is a part of a video, or the right to the next."""

from dataclasses import dataclass
from datetime import UTC, datetime
from heapq import heapify, heapreplace
from typing import ClassVar, Self
from uuid import UUID

from express.effort import SETUP_S, SETUP_S_A_MP, USUAL_MP
from express.models import Part, Status, Video
from express.pace import Job, phases_s

PART_S = SETUP_S + SETUP_S_A_MP * USUAL_MP  # of effort, on top of its frames: listening, storage, sometimes the photo
CUT_S_A_S = 0.05  # of effort a second of speech, before there are parts
JOIN_S, JOIN_S_A_S = 0.3, 0.002  # and after them
LATER = datetime.max.replace(tzinfo=UTC)  # when those will be sent to the workers that were not yet


@dataclass(frozen=True, slots=True)
class Waiting:
    """What there is to know of a video that waits."""

    FIELDS: ClassVar = ("pk", "client", "fingerprint", "effort_s", "speech_s", "enqueued_at")  # of the model

    pk: UUID
    client: str
    fingerprint: str
    effort_s: float
    speech_s: float
    enqueued_at: datetime | None

    @classmethod
    def of(cls, video: Video) -> Self:
        """Return what there is to know of this one."""
        return cls(*(getattr(video, name) for name in cls.FIELDS))


@dataclass(frozen=True, slots=True)
class InParts:
    """A video that several workers make together, and those of its parts that hold frames."""

    video: Video
    parts: list[Part]

    def effort_s(self, part: Part) -> float:
        """The effort of one part."""
        before_s, _ = phases_s(self.video)
        share = (part.last - part.first) / max(1, self.parts[-1].last)
        return PART_S + share * (self.video.effort_s - before_s)

    def jobs(self) -> list[Job]:
        """Those parts that workers have in work."""
        return [
            Job(self.effort_s(part), PART_S, 0.0, part.progress, part.started_at, part.heartbeat_at or part.started_at)
            for part in self.parts
            if part.status == Status.PROCESSING and part.started_at
        ]


def parts_of(video: Waiting | Video, slots: int) -> int:
    """Return into how many parts a video will be cut, 1 for not at all."""
    from express.parts.cutting import how_many  # which knows of inputs, and these of webhooks, which tell of us

    return how_many(video.speech_s, slots)


def cutting_job(video: Video) -> Job:
    """Return the cutting of a video that a worker has just begun."""
    began, cut_s = video.started_at or video.created_at, video.speech_s * CUT_S_A_S
    return Job(cut_s, cut_s, 0.0, 0.0, began, began)


class Deal:
    """What an answer knows of one queue.

    positions, from 1: of the videos that wait. ends_s: of these and of those in work, seconds from now. in_work_s:
    what is left of the latter, all workers together.
    """

    def __init__(self, pace: float, slots: int, left_s: dict[UUID, list[float]]) -> None:
        """left_s: what is left of all that is in work, by the id of the video."""
        self.pace, self.slots = pace, slots
        self.positions: dict[UUID, int] = {}
        self.ends_s = {pk: max(some, default=0.0) for pk, some in left_s.items()}
        busy_s = [one for some in left_s.values() for one in some]
        self.in_work_s = sum(busy_s)
        self._free_s = busy_s + [0.0] * (slots - len(busy_s))
        heapify(self._free_s)
        self._firsts: dict[tuple[str, str], UUID] = {}

    def note(self, pk: UUID, client: str, fingerprint: str) -> UUID:
        """Take note of a video; return the first one that asks for the same, which may be itself."""
        return self._firsts.setdefault((client, fingerprint), pk) if fingerprint else pk

    def out(self, waiting: list[Waiting], cut: list[InParts], being_cut: list[Waiting]) -> None:
        """Deal out what waits: `waiting` in the order of its turns, and the rest of those that are made in parts."""
        twins: dict[UUID, UUID] = {}
        turns: list[Waiting] = []
        for position, one in enumerate(waiting, start=1):
            self.positions[one.pk] = position
            first = self.note(one.pk, one.client, one.fingerprint)
            if first == one.pk:
                turns.append(one)
            else:
                twins[one.pk] = first
        long = [(one, self.ends_s[one.pk], parts_of(one, self.slots)) for one in being_cut]
        long += self._in_turn(turns, cut)
        for video in cut:
            self._join(video.video.pk, video.video.speech_s)
        for one, ready_s, count in long:
            for _ in range(count):
                self._take(one.pk, PART_S + one.effort_s / count, ready_s)
            self._join(one.pk, one.speech_s)
        for pk, first in twins.items():  # whoever renders one has both
            self.ends_s[pk] = self.ends_s[first]

    def _in_turn(self, turns: list[Waiting], cut: list[InParts]) -> list[tuple[Waiting, float, int]]:
        """Deal out all messages in the order in which they were sent.

        Returns the long videos, when each is ready to be made in parts, which are sent only then, and in how many.
        """
        messages: list[tuple[datetime, Part | None, InParts | None]] = [
            (part.enqueued_at or LATER, part, one) for one in cut for part in one.parts if part.status == Status.QUEUED
        ]
        messages += [(one.enqueued_at or LATER, None, None) for one in turns]
        messages.sort(key=lambda message: message[0])
        following = iter(turns)
        long = []
        for _, part, video in messages:
            if part and video:
                self.in_work_s += self._take(video.video.pk, video.effort_s(part))
                continue
            one = next(following)
            if (count := parts_of(one, self.slots)) > 1:
                self._take(one.pk, one.speech_s * CUT_S_A_S)
                long.append((one, self.ends_s[one.pk], count))
            else:
                self._take(one.pk, one.effort_s)
        return long

    def _take(self, pk: UUID, effort_s: float, ready_s: float = 0.0) -> float:
        """Put work of a video on the place that is free first, not before it is ready; return how long it takes."""
        seconds = effort_s * self.pace
        end_s = max(self._free_s[0], ready_s) + seconds
        heapreplace(self._free_s, end_s)
        self.ends_s[pk] = max(self.ends_s.get(pk, 0.0), end_s)
        return seconds

    def _join(self, pk: UUID, speech_s: float) -> None:
        """The parts of a video are joined by the worker that is free when all are there."""
        ready_s = max(self.ends_s[pk], self._free_s[0])
        self.ends_s[pk] = ready_s + (JOIN_S + JOIN_S_A_S * speech_s) * self.pace
