"""A long video is cut into parts, for as many workers as there are."""

import logging
import math
from dataclasses import asdict

from django.conf import settings
from django.db import transaction

import engine
from engine import Options, Speech
from engine.captions import caption
from engine.parts import cut, pack
from express.inputs import photo_of
from express.models import Kind, Part, Status, Video
from express.parts import files
from express.parts.transitions import slots
from express.patience import patiently

logger = logging.getLogger(__name__)

PART_S = 30.0  # what each part costs on top, about 0.2 s, is a few percent of the time that so much speech takes
SHORTEST_PART_S = 8.0


def how_many(duration_s: float, workers: int) -> int:
    """Return into how many parts speech is cut, 1 for not at all: each worker gets as many as any other."""
    if not 0 < settings.SPLIT_ABOVE_S < duration_s or workers < 2:
        return 1
    rounds = math.ceil(duration_s / (workers * PART_S))
    return max(1, min(rounds * workers, int(duration_s / SHORTEST_PART_S)))


def split(video: Video, speech: Speech) -> bool:
    """Cut the video into parts if it is worth it. True: its parts wait for workers, and the video for them.

    Raises what the photo deserves where it has to be looked at.
    """
    count = how_many(speech.duration_s, slots(video.queue))
    if count < 2:
        return False
    options = Options(**video.options)
    if options.captions != "off":
        picture, _ = engine.look(photo_of(video), options)
        width, height = picture.size_px
        video.cues = [asdict(cue) for cue in caption(speech, upright=height > width)]
    parts = [Part(kind=Kind.SPEECH, status=Status.COMPLETED)]
    parts += [
        Part(kind=Kind.FRAMES, first=share.first, last=share.last)
        for share in cut(speech, fps=options.fps, count=count)
    ]
    parts += [Part(kind=Kind.SOUND), Part(kind=Kind.JOIN)]
    for number, part in enumerate(parts):
        part.video, part.video_attempt, part.number = video, video.attempt, number
    parcel = parts[0]
    parcel.file = patiently(lambda: files.put(files.part_name(parcel), pack(speech)))
    if not _saved(video, parts):
        files.discard(parcel)
        return False
    logger.info("video %s: %.0f s of speech cut into %d parts", video.pk, speech.duration_s, len(parts) - 3)
    return True


def _saved(video: Video, parts: list[Part]) -> bool:
    with transaction.atomic():
        ours = Video.objects.filter(pk=video.pk, status=Status.PROCESSING, attempt=video.attempt)
        if not ours.update(cues=video.cues):  # and nobody changes the row until the parts are there
            return False
        Part.objects.bulk_create(parts)
    return True
