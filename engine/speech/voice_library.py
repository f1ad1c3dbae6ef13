"""The voices of this machine: every engine's offer, and each engine loaded once."""

import threading
from functools import cache, cached_property

from engine.errors import UnknownVoice, VoiceUnavailable
from engine.speech import espeak, hibari, kokoro, pico, piper
from engine.speech.voices import Offer, VoiceEngine, VoiceInfo, VoiceSources

ENGINES = (hibari, kokoro, pico, piper, espeak)  # in the order in which their voices are listed


BUNDLED = VoiceSources()


class VoiceLibrary:
    """What the engines offer, looked up once; a program that was installed later is seen after a restart."""

    def __init__(self, sources: VoiceSources = BUNDLED) -> None:
        self._sources = sources
        self._opened: dict[str, VoiceEngine] = {}
        self._lock = threading.Lock()

    @cached_property
    def offers(self) -> tuple[Offer, ...]:
        """Every engine's offer, those without voices included."""
        return tuple(engine.offer(self._sources) for engine in ENGINES)

    @cached_property
    def voices(self) -> tuple[VoiceInfo, ...]:
        """The voices that can speak here."""
        return tuple(voice for offer in self.offers for voice in offer.voices)

    def find(self, name: str) -> VoiceInfo:
        """Return the voice called `name`. Raises UnknownVoice, and VoiceUnavailable when its engine is missing."""
        for voice in self.voices:
            if voice.name == name:
                return voice
        for offer in self.offers:
            if name.startswith(f"{offer.engine}-"):
                raise VoiceUnavailable(
                    f"the voice {name[:100]!r} is not installed here. {offer.how_to_get}",
                    voice=name[:100],
                    engine=offer.engine,
                )
        raise UnknownVoice(f"no voice is called {name[:100]!r}", voice=name[:100], voices=[v.name for v in self.voices])

    def engine_of(self, voice: VoiceInfo) -> VoiceEngine:
        """Return the engine that speaks with `voice`, loaded once. Raises WeightsMissing."""
        with self._lock:
            if voice.engine not in self._opened:
                offer = next(offer for offer in self.offers if offer.engine == voice.engine)
                self._opened[voice.engine] = offer.open()
            return self._opened[voice.engine]


@cache
def open_library(sources: VoiceSources = BUNDLED) -> VoiceLibrary:
    """Return the library of these sources, one a process."""
    return VoiceLibrary(sources)
