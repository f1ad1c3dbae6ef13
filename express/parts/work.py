"""What a worker does with a part: claim the row, fetch what it needs, call the engine, store what came out."""

import logging
import tempfile
from collections import Counter
from collections.abc import Callable
from functools import partial
from io import BufferedRandom
from typing import Any, BinaryIO, cast

from django.utils import timezone

import engine
from engine import Options, Rendered, Speech
from engine.errors import Canceled
from engine.parts import join, unpack, write_sound
from express import rendering, workers
from express.errors import StorageUnavailable
from express.files import opened, read, told_as_unavailable
from express.heartbeat import Claim, Heartbeat
from express.inputs import mouth_of, photo_of, speech_of
from express.models import Kind, Part, Status, Video
from express.parts import files, transitions
from express.parts.removal import remove_needless
from express.patience import patiently

KEPT = ("width", "height", "provider", "timings")  # of what the engine tells of a part

_last_rig = engine.LastRig()
logger = logging.getLogger(__name__)


def make_next(queue: str, send: Callable[[Video], None]) -> bool:
    """Render the video whose turn it is in `queue`; of a long one, cut it and do the sound. Returns as render_next.

    send: tells the workers of the parts of a video that are due.
    """

    def on_cut(video: Video, speech: Speech) -> None:
        send(video)
        part = Part.objects.alive().filter(video=video, kind=Kind.SOUND).first()
        if part is not None and transitions.claim(part, workers.owner()):
            _do(part, lambda heartbeat: _encode_sound(part, speech), send)

    _last_rig.forget()
    return rendering.render_next(queue, on_cut)


def do_part(part_id: int, send: Callable[[Video], None]) -> bool:
    """Do a part that waits. Does nothing when another worker has it, or when nobody wants it any more.

    False: its video has ended without a result, and another worker is to render one that waits for the same.
    """
    part = Part.objects.select_related("video__avatar", "video__voice").filter(pk=part_id).first()
    if part is not None and patiently(lambda: transitions.claim(part, workers.owner())):
        _do(part, partial(WORK[Kind(part.kind)], part), send)
    else:
        logger.info("part %s: not waiting for a worker", part_id)
    return part is None or rendering.serve_twins(part.video)


def _do(part: Part, work: Callable[[Heartbeat], None], send: Callable[[Video], None]) -> None:
    hand_back = partial(transitions.requeue, part, crashed=False)
    rendering.attempt(
        part.video, Claim(partial(transitions.beat, part), partial(transitions.holds, part), hand_back), work
    )
    send(part.video)


def _frames(part: Part, heartbeat: Heartbeat) -> None:
    parcel = _of(part, Kind.SPEECH)[0]
    mouth = patiently(lambda: mouth_of(part.video))
    with tempfile.TemporaryFile(prefix="talkingphotos-") as out:
        rendered = engine.render(
            patiently(lambda: photo_of(part.video)),
            unpack(patiently(lambda: read(parcel.file))),
            out,
            Options(**part.video.options),
            mouth=mouth,
            part=part.frames(),
            last_rig=_last_rig,
            on_progress=heartbeat.note,
        )
        figures = {name: getattr(rendered, name) for name in KEPT}
        _store(part, out, figures, poster=b"" if part.first else rendered.poster)


def _sound(part: Part, heartbeat: Heartbeat) -> None:
    _encode_sound(part, patiently(lambda: speech_of(part.video)))


def _encode_sound(part: Part, speech: Speech) -> None:
    with tempfile.TemporaryFile(prefix="talkingphotos-") as out:
        write_sound(speech, out, Options(**part.video.options))
        _store(part, out, {"duration_s": speech.duration_s})


def _join(part: Part, heartbeat: Heartbeat) -> None:
    frames, (sound,) = _of(part, Kind.FRAMES), _of(part, Kind.SOUND)
    options = Options(**part.video.options)
    with tempfile.TemporaryFile(prefix="talkingphotos-") as out:
        count = patiently(lambda: _joined(frames, sound, out, options))
        figures = frames[0].figures
        began = part.video.started_at or part.video.created_at
        rendered = Rendered(
            duration_s=max(count / options.fps, sound.figures["duration_s"]),
            frames=count,
            width=figures["width"],
            height=figures["height"],
            fps=options.fps,
            provider=figures["provider"],
            timings=_timings(frames) | {"total": (timezone.now() - began).total_seconds()},
            poster=patiently(lambda: read(frames[0].poster)),
            cues=tuple(part.video.captions()),
        )
        rendering.store(part.video, rendered, out)
    remove_needless(part.video)


def _joined(frames: list[Part], sound: Part, out: BufferedRandom, options: Options) -> int:
    out.seek(0)
    out.truncate()  # what a try wrote that was cut off
    with told_as_unavailable(), opened(sound.file) as heard:
        return join(files.each_opened(frames), cast(BinaryIO, heard), out, options)


def _store(part: Part, out: BufferedRandom, figures: dict[str, Any], *, poster: bytes = b"") -> None:
    """The files first, then the row: a completed part always has its files. Without the row, no file stays."""

    def put() -> dict[str, str]:
        out.seek(0)
        file = files.put(files.part_name(part), out)
        return {"file": file, "poster": files.put(files.poster_name(part), poster) if poster else ""}

    try:
        names = patiently(put)
    except (Canceled, StorageUnavailable):
        files.discard(part)
        raise
    if not patiently(lambda: transitions.complete(part, figures=figures, **names)) and not _is_completed(part):
        files.discard(part)


def _is_completed(part: Part) -> bool:
    """Whether the answer to a try got lost with the connection."""
    return Part.objects.filter(pk=part.pk, attempt=part.attempt, status=Status.COMPLETED).exists()


def _of(part: Part, kind: Kind) -> list[Part]:
    """The video's parts of a kind, in order."""
    return list(Part.objects.filter(video=part.video, video_attempt=part.video_attempt, kind=kind).order_by("number"))


def _timings(parts: list[Part]) -> dict[str, float]:
    """Seconds a stage, of all parts together: what one worker alone would have taken, a little more."""
    stages: Counter[str] = Counter()
    for part in parts:
        stages.update(part.figures["timings"])
    del stages["total"]
    return dict(stages)


WORK: dict[Kind, Callable[[Part, Heartbeat], None]] = {Kind.FRAMES: _frames, Kind.SOUND: _sound, Kind.JOIN: _join}
