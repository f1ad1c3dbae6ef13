"""The voices that a fresh installation finds in its catalog: all that its engines have, but for eSpeak NG's."""

import logging

from catalog.models import Voice
from catalog.voices import library
from engine.speech import DEFAULT_VOICE

BY_HAND = frozenset(("espeak",))  # a hundred of one robot: a curator adds those that are wanted

logger = logging.getLogger(__name__)


def load_voices() -> int:
    """Add the voices that the catalog lacks; return how many. A worker makes their samples when it starts."""
    offered = [voice for voice in library().voices if voice.engine not in BY_HAND]
    known = set(Voice.objects.values_list("pk", flat=True))
    new = [
        Voice(
            id=voice.name,
            name=voice.title,
            gender=voice.gender,
            language=voice.language,
            engine=voice.engine,
            engine_voice=voice.name,
            sample_rate=voice.sample_rate,
            licence=voice.licence,
            position=10 * (place + 1),
        )
        for place, voice in enumerate(offered)
        if voice.name not in known
    ]
    Voice.objects.bulk_create(new)
    if not Voice.objects.filter(is_default=True).exists() and (first := Voice.objects.filter(pk=DEFAULT_VOICE).first()):
        first.make_default()
    for voice in new:
        logger.info("stock voice %s: loaded", voice.pk)
    return len(new)
