"""render(): a photo and speech become a talking video. The recipe, top to bottom."""

import hashlib
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.captions import Cue, burn, caption
from engine.face import Face, choose_face, find_faces
from engine.framing import framed
from engine.matte import part as parted
from engine.motion import animate
from engine.motion.types import MotionTrack
from engine.options import Options
from engine.output import film_of, write_in
from engine.parts.types import Part
from engine.photo import Picture, fit, open_photo, quarter_turns
from engine.renderer import build_rig
from engine.renderer.cutout import ORIGINAL
from engine.renderer.rig import Rig
from engine.sessions import live_providers
from engine.speech.types import Speech
from engine.stopping import ShouldStop, checkpoint, stoppable
from engine.video import poster, write_video

OnProgress = Callable[[str, float], None]
FindFaces = Callable[[NDArray[np.uint8]], list[Face]]  # (h, w, 3) RGB -> faces, the largest first

# How far along the whole job is when a stage begins; nearly all of the time goes into frames.
STAGES = {"photo": 0.0, "face": 0.01, "rig": 0.03, "captions": 0.04, "motion": 0.05, "frames": 0.08}

MOTION = ("fps", "seed", "head_motion", "expressiveness")  # the options that say how the face moves


class MouthGenerator(Protocol):
    """What draws the mouth in the place of the layered renderer: see engine.wav2lip."""

    def frames(
        self, rig: Rig, face: Face, speech: Speech, motion: MotionTrack, first: int = 0
    ) -> Iterator[NDArray[np.uint8]]:
        """Yield each frame of a track as Rig.frames does.

        face: the one that the rig was built around. first: the number of the track's first frame in the speech.
        """


@dataclass(frozen=True, slots=True)
class Rendered:
    """What came out. timings: seconds a stage, "frames" split into "render" and "encode"; none of stages not needed."""

    duration_s: float
    frames: int
    width: int
    height: int
    fps: float
    provider: str  # ONNX Runtime's name of what the networks ran on
    timings: dict[str, float]
    poster: bytes  # JPEG
    cues: tuple[Cue, ...] = ()  # the captions, when they were asked for


class LastRig:
    """Remembers the rig that was made last, for the next part of the same video. Threads may share it."""

    def __init__(self) -> None:
        self._last: tuple[tuple[bytes, Options], tuple[Rig, Face]] | None = None

    def get(self, photo: bytes, options: Options, make: Callable[[], tuple[Rig, Face]]) -> tuple[Rig, Face]:
        """Return the rig of a photo and the face that it was built around; `make` is called when it is another one."""
        wanted = hashlib.sha256(photo).digest(), options
        last = self._last
        if last is None or last[0] != wanted:
            del last
            self.forget()  # two at once would take twice the memory
            self._last = last = wanted, make()
        return last[1]

    def forget(self) -> None:
        """Give the memory back: 12 MB for 512×512, 37 for 1080×1080, up to 110."""
        self._last = None


def look(photo: bytes, options: Options) -> tuple[Picture, Face]:
    """Open a photo, choose the face that talks and cut the photo as asked; one that lies on its side is set upright.

    Raises every PhotoError but BackgroundUnclear, and InvalidOption for a face_index that no face has.
    """
    return look_at(open_photo(photo), options)


def check(photo: bytes, options: Options, find: FindFaces = find_faces) -> tuple[Picture, Face]:
    """Do as `look`, and raise every PhotoError and InvalidOption that render() would."""
    return check_picture(open_photo(photo), options, find)


def check_picture(whole: Picture, options: Options, find: FindFaces = find_faces) -> tuple[Picture, Face]:
    """Do as `check` with a photo that is open."""
    picture, face = look_at(whole, options, find)
    if options.background != ORIGINAL:
        parted(picture, face, options.background)
    return picture, face


def render(  # noqa: PLR0913 - each is something that a caller may or may not bring
    photo: bytes,
    speech: Speech,
    out: BinaryIO,
    options: Options | None = None,
    *,
    mouth: MouthGenerator | None = None,
    part: Part | None = None,
    find: FindFaces = find_faces,
    last_rig: LastRig | None = None,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> Rendered:
    """Write the video of the photo saying the speech to `out`, an MP4 unless the options ask for another format.

    mouth: draws the mouth; None: the layered renderer does. part: write only these frames, without sound, for
    engine.parts.join. find: finds the faces in the photo, or remembers them. last_rig: spares the next part the photo.
    on_progress is told the stage ("photo", "face", "rig", "captions" where they are asked for, "motion", "frames")
    and the share of the whole job that is done, 0..1. should_stop is asked several times a second (engine.stopping).
    Raises every PhotoError, InvalidOption, Canceled, EncoderFailed. Nothing is written to `out` on an error.
    """
    with stoppable(should_stop):
        options, watch = options or Options(), _Watch(on_progress)
        make = partial(_rig, photo, options, watch, find)
        seen = last_rig.get(photo, options, make) if last_rig else make()
        return _render(seen, speech, out, options, watch, mouth=mouth, part=part)


def _render(
    seen: tuple[Rig, Face],
    speech: Speech,
    out: BinaryIO,
    options: Options,
    watch: "_Watch",
    *,
    mouth: MouthGenerator | None,
    part: Part | None,
) -> Rendered:
    rig, face = seen
    height, width = rig.source.rgb.shape[:2]
    cues: tuple[Cue, ...] = part.cues if part else ()
    if options.captions != "off" and not part:
        watch.begin("captions")
        cues = tuple(caption(speech, upright=height > width))
    watch.begin("motion")
    first, rows = (part.first, slice(part.first, part.last)) if part else (0, None)
    motion = animate(speech, frames=rows, **{name: getattr(options, name) for name in MOTION})
    watch.begin("frames")
    drawn = mouth.frames(rig, face, speech, motion, first) if mouth else rig.frames(motion)
    frames = watch.over(drawn, len(motion))
    if options.captions == "burned":
        frames = burn(frames, cues, (width, height), options.fps, first)
    write = partial(write_video, frames, fps=options.fps, size_px=(width, height), film=film_of(options))
    count = write(None, out) if part else write_in(partial(write, speech), out, options)
    return Rendered(
        duration_s=count / options.fps if part else max(count / options.fps, speech.duration_s),
        frames=count,
        width=width,
        height=height,
        fps=options.fps,
        provider=live_providers()[0],
        timings=watch.finish(),
        poster=poster(rig.source.rgb),
        cues=cues,
    )


def _rig(photo: bytes, options: Options, watch: "_Watch", find: FindFaces) -> tuple[Rig, Face]:
    watch.begin("photo")
    whole = open_photo(photo)
    watch.begin("face")
    picture, face = look_at(whole, options, find)
    del whole  # up to 300 MB
    watch.begin("rig")
    cutout = parted(picture, face, options.background)
    checkpoint()
    return build_rig(picture.rgb, face, cutout), face


def look_at(whole: Picture, options: Options, find: FindFaces = find_faces) -> tuple[Picture, Face]:
    """Do as look() does, with a photo that was opened already."""
    picture = fit(whole, options.resolution)
    face = choose_face(find(picture.rgb), picture.size_px, options.face_index)
    turns = round(face.pose.roll / 90)
    if turns != 0:
        whole, picture = quarter_turns(whole, turns), quarter_turns(picture, turns)
        face = choose_face(find(picture.rgb), picture.size_px, options.face_index)
    return framed(whole, picture, face, options.aspect_ratio, options.resolution)


class _Watch:
    """Times the stages, tells the progress and asks whether to stop."""

    def __init__(self, on_progress: OnProgress | None) -> None:
        self._on_progress = on_progress or (lambda stage, fraction: None)
        self._stage = ""
        self._since = self._start = time.perf_counter()
        self._seconds: dict[str, float] = {}

    def begin(self, stage: str) -> None:
        checkpoint()
        self._end_stage()
        self._stage = stage
        self._on_progress(stage, STAGES[stage])

    def over(self, frames: Iterator[NDArray[np.uint8]], count: int) -> Iterator[NDArray[np.uint8]]:
        """The `count` frames, with the time that goes into making them told apart from encoding."""
        first = STAGES["frames"]
        render_s = 0.0
        began = time.perf_counter()
        for index, frame in enumerate(frames):
            render_s += time.perf_counter() - began
            self._seconds["render"] = render_s
            yield frame
            checkpoint()
            self._on_progress("frames", min(1.0, first + (1 - first) * (index + 1) / count))
            began = time.perf_counter()

    def finish(self) -> dict[str, float]:
        self._end_stage()
        seconds = self._seconds
        seconds["encode"] = seconds.pop("frames") - seconds["render"]
        seconds["total"] = time.perf_counter() - self._start
        return {stage: math.ceil(value * 1e4) / 1e4 for stage, value in seconds.items()}

    def _end_stage(self) -> None:
        now = time.perf_counter()
        if self._stage:
            self._seconds[self._stage] = now - self._since
        self._since = now
