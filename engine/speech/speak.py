"""Text -> Speech, with the exact times of its phonemes where the voice knows them."""

from engine.errors import TextUnspeakable
from engine.speech.decode import speech_from_samples
from engine.speech.markup import Pause, without_marks
from engine.speech.sentences import paragraphs, sentences
from engine.speech.tape import Tape
from engine.speech.text import DEFAULT_VOICE, clean
from engine.speech.types import Speech, SpeechLimits, Word
from engine.speech.voice_library import VoiceLibrary, open_library
from engine.speech.voices import Spoken, VoiceEngine, VoiceInfo
from engine.speech.words import audible_slots, words_among
from engine.stopping import checkpoint

PARAGRAPH_PAUSE_S = 0.35  # on top of what the voice itself leaves between two sentences


def speak(
    text: str,
    voice: str = DEFAULT_VOICE,
    limits: SpeechLimits = SpeechLimits(),
    *,
    speed: float = 1.0,
    library: VoiceLibrary | None = None,
) -> Speech:
    """Speak `text` with the voice called `voice`; the same text always sounds the same.

    speed: 0.5..2, at which the voice speaks while its pitch stays. The text may hold the marks of markup.py.
    Raises UnknownVoice, VoiceUnavailable, TextTooLong (too many characters, or too many seconds when spoken),
    TextUnspeakable, MarkupInvalid, PronunciationIgnored, WeightsMissing.
    """
    library = library or open_library()
    info = library.find(voice)
    parts = clean(text, limits, info)
    spoken = _read(parts, info, library.engine_of(info), Tape(info.sample_rate, limits.max_duration_s), speed)
    return speech_from_samples(
        spoken.samples,
        spoken.sample_rate,
        phones=spoken.phones,
        words=spoken.words,
        text=without_marks(text),
        language=info.language,
    )


def _read(parts: list[str | Pause], voice: VoiceInfo, engine: VoiceEngine, tape: Tape, speed: float) -> Spoken:
    said = False
    for part in parts:
        if isinstance(part, Pause):
            tape.pause(part.seconds)
            continue
        for number, paragraph in enumerate(paragraphs(part)):
            if number:
                tape.pause(PARAGRAPH_PAUSE_S / speed)
            for sentence in sentences(paragraph, voice.language):
                checkpoint()
                spoken = engine.say(sentence, voice, speed)
                if len(spoken.samples):
                    tape.add(spoken, _words(sentence, spoken, voice, engine))
                    said = True
    if not said:
        raise TextUnspeakable("nothing in the text can be spoken", language=voice.language)
    return tape.play()


def _words(sentence: str, spoken: Spoken, voice: VoiceInfo, engine: VoiceEngine) -> list[Word]:
    if spoken.words:
        return list(spoken.words)
    slots = spoken.phones or audible_slots(spoken.samples, spoken.sample_rate)
    return words_among(sentence, slots, lambda word: engine.weigh(word, voice))
