"""What the engines offer here, and a voice's sample: what people hear before they choose it."""

import io
import logging
from fractions import Fraction

import av
import numpy as np
from babel import Locale, UnknownLocaleError
from django.conf import settings

from catalog import files
from catalog.models import Voice
from engine.errors import EngineError
from engine.speech import VoiceLibrary, VoiceSources, open_library, speak
from engine.speech.types import VIDEO_RATE, Speech

SAMPLE_TEXTS = {
    "de": "Hallo! Das ist meine Stimme. Gib mir ein Foto, und ich lasse es für dich sprechen.",
    "en": "Hello! This is my voice. Give me a photo, and I will let it speak for you.",
    "es": "¡Hola! Esta es mi voz. Dame una foto y la haré hablar para ti.",
    "fr": "Bonjour ! Voici ma voix. Donne-moi une photo, et je la ferai parler pour toi.",
    "hi": "नमस्ते! यह मेरी आवाज़ है। मुझे एक तस्वीर दीजिए, मैं उसे बोलने दूँगी।",
    "it": "Ciao! Questa è la mia voce. Dammi una foto, e la farò parlare per te.",
    "ja": "こんにちは。これが私の声です。写真をくだされば、あなたのために話させます。",
    "nl": "Hallo! Dit is mijn stem. Geef me een foto, en ik laat hem voor je praten.",
    "pl": "Cześć! To jest mój głos. Daj mi zdjęcie, a sprawię, że przemówi.",
    "pt": "Olá! Esta é a minha voz. Dê-me uma foto, e eu a farei falar por você.",
    "ru": "Здравствуйте! Это мой голос. Дайте мне фотографию, и она заговорит.",
    "zh": "你好！这是我的声音。给我一张照片，我会让它为你说话。",
}

logger = logging.getLogger(__name__)


def library() -> VoiceLibrary:
    """The voices of this installation."""
    return open_library(VoiceSources(piper_folder=settings.PIPER_VOICES, espeak_program=settings.ESPEAK_PROGRAM))


def language_name(language: str) -> str:
    """What a language (BCP 47) is called in English, as in “German (Germany)”; the tag where nobody knows."""
    try:
        return Locale.parse(language, sep="-").get_display_name("en") or language
    except (UnknownLocaleError, ValueError):
        return language


def sample_text(language: str) -> str:
    """A greeting in the language (BCP 47); for others than SAMPLE_TEXTS its own name, and numbers."""
    base = language.split("-", maxsplit=1)[0]
    if base in SAMPLE_TEXTS:
        return SAMPLE_TEXTS[base]
    try:
        name = Locale.parse(base).get_display_name()
    except (UnknownLocaleError, ValueError):
        name = None
    return f"{name or ''} 1, 2, 3, 4, 5, 6, 7, 8, 9, 10."


def make_sample(engine_voice: str) -> bytes:
    """Return the sample text spoken by this voice of the engine, as M4A (AAC, mono, 48 kHz).

    Raises the engine's UnknownVoice, VoiceUnavailable, WeightsMissing.
    """
    language = library().find(engine_voice).language
    return _encode_m4a(speak(sample_text(language), engine_voice, library=library()))


def keep_sample(voice_id: str) -> None:
    """Let a voice speak its sample, unless it has one."""
    voice = Voice.objects.filter(pk=voice_id).first()
    if voice is None or files.is_stored(voice.preview_audio):
        return
    try:
        sample = make_sample(voice.engine_voice)
    except EngineError as error:
        logger.warning("voice %s: no sample could be made (%s: %s)", voice_id, error.code, error.message)
        return
    name = files.store(f"catalog/voices/{voice_id}", ".m4a", sample)
    # Unless somebody gave it another sample, or another voice of the engine, in the meantime.
    same = Voice.objects.filter(pk=voice_id, preview_audio=voice.preview_audio.name, engine_voice=voice.engine_voice)
    if same.update(preview_audio=name):
        logger.info("voice %s: sample made", voice_id)


def without_sample() -> list[str]:
    """Return the ids of the voices whose sample is missing and that could speak one."""
    known = {voice.name for voice in library().voices}
    voices = Voice.objects.filter(engine_voice__in=known)
    return [voice.pk for voice in voices if not files.is_stored(voice.preview_audio)]


def _encode_m4a(speech: Speech) -> bytes:
    out = io.BytesIO()
    with av.open(out, "w", format="ipod") as container:  # FFmpeg's name for M4A
        stream = container.add_stream("aac", rate=VIDEO_RATE, layout="mono", bit_rate=96_000)
        samples = av.AudioFrame.from_ndarray(np.ascontiguousarray(speech.video[None, :]), format="fltp", layout="mono")
        samples.sample_rate, samples.time_base, samples.pts = VIDEO_RATE, Fraction(1, VIDEO_RATE), 0
        for packet in [*stream.encode(samples), *stream.encode(None)]:
            container.mux(packet)
    return out.getvalue()
