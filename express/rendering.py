"""One video, rendered: claim the row, fetch the files, call the engine, store the result.

The only place where an engine error becomes the row's error.
"""

import errno
import hashlib
import logging
import tempfile
import time
from collections.abc import Callable
from functools import partial
from io import BufferedRandom
from uuid import UUID

import numpy as np
from django.core.files import File
from django.core.files.base import ContentFile

import engine
from engine import EngineError, Options, Rendered, Speech
from engine.errors import Canceled, InputError
from engine.face import find_faces
from engine.motion import animate
from engine.renderer.device import open_device
from engine.sessions import choose_device, live_providers, use_cores
from engine.stopping import stoppable
from express import disk, logs, transitions, workers
from express.analyses import FaceFinder
from express.errors import StorageUnavailable, engine_problem, problem
from express.files import discard, keep
from express.heartbeat import Claim, Heartbeat
from express.inputs import mouth_of, photo_of, speech_of
from express.models import Status, Video
from express.parts import cutting
from express.patience import DATABASE_AWAY, patiently

FULL_PAUSE_S = 5.0  # while a disk is full: a worker that has nothing to do must not eat up the tickets of the others

OnCut = Callable[[Video, Speech], None]

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


def render_next(queue: str, on_cut: OnCut | None = None) -> bool:
    """Render the video whose turn it is in `queue`, if one waits there. False: it waits again, for another worker.

    on_cut: has the parts done of a video that was cut into parts instead; None: none is cut.
    """
    if short := disk.shortage():
        logger.error("no video is begun: %s", short)
        time.sleep(FULL_PAUSE_S)
        return False
    video = patiently(lambda: transitions.claim_next(queue, workers.owner()))
    if video is None:
        logger.info("queue %s: nothing waits in it", queue)
        return True
    return _make(video, on_cut) and serve_twins(video)


def serve_twins(video: Video) -> bool:
    """Give those that wait for the same what has become of `video`, unless it is still being made, in parts.

    False: there is nothing to give, and another worker is to render one of them.
    """
    if patiently(Video.objects.running().filter(pk=video.pk).exists):
        return True
    waiting = patiently(lambda: list(Video.objects.waiting().like(video)))
    return all(patiently(partial(transitions.share, twin)) for twin in waiting)


def render_video(video_id: UUID) -> None:
    """Render this very video, alone. Does nothing when a worker has it, or when it has ended."""
    video = patiently(lambda: _claimed(video_id))
    if video is None:
        logger.info("video %s: not waiting for a worker", video_id)
    else:
        _make(video)


def attempt(video: Video, claim: Claim | None, work: Callable[[Heartbeat], None]) -> bool:
    """Do work on a video, or on the part that is claimed; whatever goes wrong becomes the video's end.

    False: it waits again, for another worker.
    """
    with logs.about(video=video.pk, request=video.request_id), Heartbeat(video, claim) as heartbeat:
        try:
            with stoppable(heartbeat.should_stop):
                work(heartbeat)
        except DATABASE_AWAY:
            raise  # nothing can be written; the janitor gives the video to a worker when the database is back
        except Canceled:
            return _stopped(video, heartbeat)
        except EngineError as error:
            _fail(video, error)
        except Exception as error:
            logger.exception("video %s: failed", video.pk)
            _fail_by_us(video, error)
    return True


def _make(video: Video, on_cut: OnCut | None = None) -> bool:
    return attempt(video, None, partial(_render, video, on_cut))


def _claimed(video_id: UUID) -> Video | None:
    video = Video.objects.select_related("avatar", "voice").filter(pk=video_id).first()
    is_ours = video is not None and transitions.claim(video, workers.owner())
    return video if is_ours else None


def _render(video: Video, on_cut: OnCut | None, heartbeat: Heartbeat) -> None:
    if video.fingerprint and patiently(lambda: transitions.share(video)):
        logger.info("video %s: the same as an earlier one", video.pk)
        return
    heartbeat.note("speech", 0.0)
    speech = patiently(lambda: speech_of(video))
    if on_cut and cutting.split(video, speech):
        heartbeat.end()
        on_cut(video, speech)
        return
    with tempfile.TemporaryFile(prefix="talkingphotos-") as out:
        mouth = patiently(lambda: mouth_of(video))
        photo = patiently(lambda: photo_of(video))
        rendered = engine.render(
            photo,
            speech,
            out,
            Options(**video.options),
            mouth=mouth,
            find=FaceFinder(reuse=bool(video.analyses)),
            on_progress=heartbeat.note,
        )
        store(video, rendered, out)


def store(video: Video, rendered: Rendered, out: BufferedRandom) -> None:
    """Files first, then the row: a completed video always has its files. Without the row, no file stays."""
    out.seek(0)
    sha256 = hashlib.file_digest(out, "sha256").hexdigest()
    names: dict[str, str] = {}
    done = False
    try:
        for field, content in (("result", File(out)), ("poster", ContentFile(rendered.poster))):
            names[field] = patiently(partial(_keep, video, field, content))
        done = patiently(lambda: _completed(video, rendered, sha256=sha256, **names))
    except DATABASE_AWAY:
        done = True  # perhaps: if the row says so, it needs its files; if not, the sweep takes them
        raise
    finally:
        if not done:
            for field, name in names.items():
                discard(getattr(video, field), name)
    if done:
        logger.info(
            "video %s: completed, %.1f s of %dx%d at %.1f x real time",
            *(video.pk, rendered.duration_s, rendered.width, rendered.height),
            rendered.duration_s / rendered.timings["total"],
        )


def _keep(video: Video, field: str, content: "File[bytes]") -> str:
    content.seek(0)
    return keep(video, field, content)


def _completed(video: Video, rendered: Rendered, *, result: str, sha256: str, poster: str) -> bool:
    """Complete the video, or see that it is: the answer to the first try may have got lost with the connection."""
    if transitions.complete(video, rendered, result=result, sha256=sha256, poster=poster):
        return True
    return Video.objects.filter(pk=video.pk, status=Status.COMPLETED, result=result).exists()


def _fail(video: Video, error: EngineError) -> None:
    rejected = isinstance(error, InputError)
    logger.log(logging.INFO if rejected else logging.ERROR, "video %s: %s", video.pk, error.code)
    done = patiently(lambda: transitions.fail(video, engine_problem(error), rejected=rejected))
    if done and rejected:
        for file in (video.photo, video.audio):
            if file:
                discard(file, file.name)
        Video.objects.filter(pk=video.pk).update(photo="", audio="")


def _stopped(video: Video, heartbeat: Heartbeat) -> bool:
    """What becomes of a video that was stopped. False: it waits again."""
    if heartbeat.is_late:
        logger.error("video %s: took too long", video.pk)
        patiently(lambda: transitions.fail(video, _too_late(), rejected=False))
    elif heartbeat.is_lost or not patiently(heartbeat.claim.hand_back):
        logger.info("video %s: stopped, it is no longer ours", video.pk)
    else:
        logger.info("video %s: handed back, this worker ends", video.pk)
        return False
    return True


def _too_late() -> dict[str, object]:
    return problem(
        "render_timeout",
        "Rendering took longer than any video may.",
        hint="Ask for a smaller resolution or fewer frames per second, or send shorter speech.",
    )


def _fail_by_us(video: Video, error: Exception) -> None:
    """Fail for a reason that nobody foresaw, or for a full disk under the temporary files."""
    is_full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    told = engine_problem(StorageUnavailable("the worker's disk is full")) if is_full else _our_fault()
    patiently(lambda: transitions.fail(video, told, rejected=False))


def _our_fault() -> dict[str, object]:
    return problem(
        "internal_error",
        "The service failed while it rendered this video.",
        hint="Create the video again; if it fails again, tell whoever runs this service.",
        retryable=True,
    )
