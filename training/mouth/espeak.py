"""eSpeak NG as a program of its own: jobs in, sounds with the times of their phonemes out.

    python -m training.mouth.espeak < JOBS.jsonl

Each line: {"text", "voice" (as "fr+f3"), "rate" (words a minute), "pitch" (0..100), "spread" (0..100), "out"}. Writes
`out`, an .npz with `samples` (n,) int16 at `rate` Hz, `symbols` (k,) IPA with stress marks as eSpeak has them, and
`times_s` (k + 1,) where each begins. With "out" left away, prints the IPA of the text instead.

eSpeak NG is GPL-3.0. This script only runs it to make training material; nothing of it is linked with or part of
what we ship.
"""

import ctypes
import json
import sys
from typing import Any

import espeakng_loader  # type: ignore[import-untyped]
import numpy as np

RETRIEVAL = 1  # audio comes to the callback
PHONEME_EVENTS, PHONEME_IPA, DONT_EXIT = 1, 2, 0x8000
EVENT_END, EVENT_PHONEME = 0, 7
UTF8 = 1
RATE, PITCH, SPREAD = 1, 3, 4  # espeak_PARAMETER
IPA = 2  # espeak_TextToPhonemes: IPA in UTF-8


class Event(ctypes.Structure):
    """espeak_EVENT."""

    _fields_ = [
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("symbol", ctypes.c_char * 8),
    ]


CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(Event))


class Espeak:
    """The library, opened once."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        self._library.espeak_TextToPhonemes.restype = ctypes.c_char_p
        data = str(espeakng_loader.get_data_path()).removesuffix("/espeak-ng-data").encode()
        options = PHONEME_EVENTS | PHONEME_IPA | DONT_EXIT
        self.rate = int(self._library.espeak_Initialize(RETRIEVAL, 0, data, options))
        self._callback = CALLBACK(self._on_audio)
        self._library.espeak_SetSynthCallback(self._callback)
        self._pieces: list[np.ndarray[Any, Any]] = []
        self._events: list[tuple[float, str]] = []

    def speak(self, job: dict[str, Any]) -> tuple[np.ndarray[Any, Any], list[str], list[float]]:
        """Return samples, symbols and where each begins in seconds, with the end as the last time."""
        self._pieces, self._events = [], []
        self._choose(job["voice"])
        for parameter, name in ((RATE, "rate"), (PITCH, "pitch"), (SPREAD, "spread")):
            self._library.espeak_SetParameter(parameter, int(job[name]), 0)
        text = job["text"].encode()
        self._library.espeak_Synth(text, len(text) + 1, 0, 1, 0, UTF8, None, None)
        self._library.espeak_Synchronize()
        samples = np.concatenate(self._pieces) if self._pieces else np.zeros(0, np.int16)
        times = [time for time, _ in self._events] + [len(samples) / self.rate]
        return samples, [symbol for _, symbol in self._events], times

    def read(self, job: dict[str, Any]) -> str:
        """Return the text in IPA."""
        self._choose(job["voice"])
        rest, clauses = ctypes.c_char_p(job["text"].encode()), []
        while rest.value:
            found = self._library.espeak_TextToPhonemes(ctypes.byref(rest), UTF8, IPA)
            clauses.append((found or b"").decode())
        return ", ".join(clauses)

    def _choose(self, voice: str) -> None:
        language, _, _ = voice.partition("+")  # some variants cannot be had in every language
        if all(self._library.espeak_SetVoiceByName(name.encode()) for name in (voice, language)):
            raise ValueError(f"eSpeak has no voice {voice}")

    def _on_audio(self, samples: Any, count: int, events: Any) -> int:
        if samples and count:
            self._pieces.append(np.ctypeslib.as_array(samples, (count,)).copy())
        index = 0
        while events[index].type != EVENT_END:
            event = events[index]
            if event.type == EVENT_PHONEME:
                self._events.append((event.sample / self.rate, event.symbol.decode("utf-8", "ignore")))
            index += 1
        return 0


def main() -> None:
    """Do the jobs on standard input."""
    espeak = Espeak()
    for line in sys.stdin:
        job = json.loads(line)
        if "out" in job:
            samples, symbols, times = espeak.speak(job)
            np.savez(job["out"], samples=samples, rate=espeak.rate, symbols=np.array(symbols), times_s=np.array(times))
        else:
            print(espeak.read(job), flush=True)


if __name__ == "__main__":
    main()
