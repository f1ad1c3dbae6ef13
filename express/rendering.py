"""One video, rendered: claim the row, fetch the files, call the engine, store the result.

The only place where an engine error becomes the row's error.
"""

import hashlib
import logging
import tempfile
from io import BufferedRandom
from uuid import UUID

import numpy as np
from django.core.files import File
from django.core.files.base import ContentFile

import engine
from engine import EngineError, Options, Rendered
from engine.errors import Canceled, InputError
from engine.face import find_faces
from engine.motion import animate
from engine.renderer.device import open_device
from engine.sessions import choose_device, live_providers, use_cores
from express import logs, transitions, workers
from express.errors import engine_problem, problem
from express.heartbeat import Heartbeat
from express.inputs import photo_of, speech_of
from express.models import Video

logger = logging.getLogger(__name__)


def warm_up(device: str, threads: int) -> None:
    """Load every model, so that the first video does not wait for it, and log what runs them.

    device, threads: what this process may use, as for engine.sessions.choose_device and use_cores; 0: every core.
    Raises GpuUnavailable.
    """
    using = choose_device(device)
    if threads:
        use_cores(threads)
    find_faces(np.zeros((64, 64, 3), np.uint8))
    spoken = engine.speak("Hello.")
    animate(spoken, fps=25.0)
    animate(engine.Speech(analysis=spoken.analysis, video=spoken.video), fps=25.0)
    if using != "cpu":
        open_device()  # the graph that draws the frames
    logger.info("models loaded on %s; live providers: %s", using, ", ".join(live_providers()))


def render_next(queue: str) -> None:
    """Render the video whose turn it is in `queue`, if one waits there."""
    video = transitions.claim_next(queue, workers.owner())
    if video is None:
        logger.info("queue %s: nothing waits in it", queue)
    else:
        _make(video)


def render_video(video_id: UUID) -> None:
    """Render this very video. Does nothing when a worker has it, or when it has ended."""
    video = Video.objects.filter(pk=video_id).first()
    if video is None or not transitions.claim(video, workers.owner()):
        logger.info("video %s: not waiting for a worker", video_id)
    else:
        _make(video)


def _make(video: Video) -> None:
    with logs.about(video=video.pk, request=video.request_id), Heartbeat(video) as heartbeat:
        try:
            _render(video, heartbeat)
        except Canceled:
            _stopped(video, heartbeat)
        except EngineError as error:
            _fail(video, error)
        except Exception:
            logger.exception("video %s: failed", video.pk)
            transitions.fail(video, _our_fault(), rejected=False)


def _render(video: Video, heartbeat: Heartbeat) -> None:
    with tempfile.TemporaryFile(prefix="talkingphotos-") as out:
        heartbeat.note("speech", 0.0)
        speech = speech_of(video)
        rendered = engine.render(
            photo_of(video),
            speech,
            out,
            Options(**video.options),
            on_progress=heartbeat.note,
            should_stop=heartbeat.should_stop,
        )
        _store(video, rendered, out)


def _store(video: Video, rendered: Rendered, out: BufferedRandom) -> None:
    """Files first, then the row: a completed video always has its files. Without the row, no file stays."""
    out.seek(0)
    sha256 = hashlib.file_digest(out, "sha256").hexdigest()
    out.seek(0)
    names: list[tuple[str, str]] = []
    done = False
    try:
        for field, content in (("result", File(out)), ("poster", ContentFile(rendered.poster))):
            file = getattr(video, field)
            file.save("", content, save=False)
            names.append((field, file.name))
        done = transitions.complete(video, rendered, sha256=sha256, **dict(names))
    finally:
        if not done:
            for field, name in names:
                getattr(video, field).storage.delete(name)
    if done:
        logger.info(
            "video %s: completed, %.1f s of %dx%d at %.1f x real time",
            *(video.pk, rendered.duration_s, rendered.width, rendered.height),
            rendered.duration_s / rendered.timings["total"],
        )


def _fail(video: Video, error: EngineError) -> None:
    rejected = isinstance(error, InputError)
    logger.log(logging.INFO if rejected else logging.ERROR, "video %s: %s", video.pk, error.code)
    if transitions.fail(video, engine_problem(error), rejected=rejected) and rejected:
        for file in (video.photo, video.audio):
            if file:
                file.delete(save=False)
        Video.objects.filter(pk=video.pk).update(photo="", audio="")


def _stopped(video: Video, heartbeat: Heartbeat) -> None:
    if not heartbeat.is_late:
        logger.info("video %s: stopped, it is no longer ours", video.pk)
        return
    logger.error("video %s: took too long", video.pk)
    error = problem(
        "render_timeout",
        "Rendering took longer than any video may.",
        hint="Ask for a smaller resolution or fewer frames per second, or send shorter speech.",
    )
    transitions.fail(video, error, rejected=False)


def _our_fault() -> dict[str, object]:
    return problem(
        "internal_error",
        "The service failed while it rendered this video.",
        hint="Create the video again; if it fails again, tell whoever runs this service.",
        retryable=True,
    )
