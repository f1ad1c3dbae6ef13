"""Speech: any audio, or text through a voice, with what is known of its phonemes."""

from engine.speech.decode import check_audio, open_speech
from engine.speech.speak import speak
from engine.speech.text import DEFAULT_VOICE, check_text
from engine.speech.types import Phone, Speech, SpeechLimits
from engine.speech.voice_library import VoiceLibrary, open_library
from engine.speech.voices import VoiceInfo, VoiceSources

__all__ = [
    "DEFAULT_VOICE",
    "Phone",
    "Speech",
    "SpeechLimits",
    "VoiceInfo",
    "VoiceLibrary",
    "VoiceSources",
    "check_audio",
    "check_text",
    "open_library",
    "open_speech",
    "speak",
]
