"""Text -> Speech with the exact times of its phonemes."""

from engine.speech.decode import speech_from_samples
from engine.speech.text import DEFAULT_VOICE, clean
from engine.speech.types import Speech, SpeechLimits
from engine.speech.voices import engine_of, find_voice


def speak(text: str, voice: str = DEFAULT_VOICE, limits: SpeechLimits = SpeechLimits()) -> Speech:
    """Speak `text` with the voice called `voice`; the same text always sounds the same.

    Raises UnknownVoice, TextTooLong (too many characters, or too many seconds when spoken), TextUnspeakable.
    """
    info = find_voice(voice)
    spoken = engine_of(info).speak(clean(text, limits, info), info, limits.max_duration_s)
    return speech_from_samples(
        spoken.samples, spoken.sample_rate, phones=spoken.phones, words=spoken.words, text=text, language=info.language
    )
