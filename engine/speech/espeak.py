"""eSpeak NG (https://github.com/espeak-ng/espeak-ng), where the operator has installed it: some 100 languages.

It is GPL-3.0-or-later: it runs as a program of its own, and nothing of it is part of this project.
"""

import io
import re
import shutil
import subprocess
import wave

import numpy as np

from engine.errors import WeightsMissing
from engine.speech.voices import Offer, Spoken, VoiceEngine, VoiceInfo, VoiceSources

RATE = 22_050
WORDS_A_MINUTE = 165  # its own 175 is hasty
PROGRAM_LIMIT_S = 30.0  # a sentence takes some 10 ms
LICENCE = "GPL-3.0-or-later (the program; what it says is free)"
HOW_TO_GET = "eSpeak NG is a program of the system: install it (Debian, Ubuntu: sudo apt install espeak-ng)."
CLAUSES = re.compile(r"([,.;:!?…—]+)")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z]{2})?")  # variants such as en-gb-x-rp are left out
LINE = re.compile(r"\s*\d+\s+(\S+)\s+\S+/(\S)\s+(\S+)")  # priority, language, age/gender, name


def offer(sources: VoiceSources) -> Offer:
    """A voice for each of its languages, where the program is found."""
    program = find_program(sources)
    voices = _voices(program) if program else ()
    return Offer("espeak", voices, lambda: open_espeak(sources), HOW_TO_GET)


def find_program(sources: VoiceSources) -> str | None:
    """Return the path of the program, if it is there."""
    return shutil.which(sources.espeak_program)


def open_espeak(sources: VoiceSources) -> VoiceEngine:
    """Raises WeightsMissing when the program is gone."""
    program = find_program(sources)
    if program is None:
        raise WeightsMissing(f"{sources.espeak_program} is not installed. {HOW_TO_GET}")
    return EspeakEngine(program)


def read_ipa(program: str, text: str, language: str) -> str:
    """Return text in IPA as it reads it, with stress marks; punctuation is lost."""
    said = _run([program, "-q", "--ipa", "-v", language, "--stdin"], text).decode("utf-8", "replace")
    return " ".join(re.sub(r"\([a-z-]+\)", "", said).split())  # (en): where it changes the language


def read_clauses(program: str, text: str, language: str) -> str:
    """Return text in IPA with the punctuation that it had, which networks read as pauses."""
    return " ".join(
        part[0] if at % 2 else read_ipa(program, part, language)
        for at, part in enumerate(CLAUSES.split(text))
        if part.strip()
    )


class EspeakEngine:
    """One process a sentence."""

    def __init__(self, program: str) -> None:
        self._program = program

    def say(self, sentence: str, voice: VoiceInfo, speed: float) -> Spoken:
        """Speak one sentence; it reads numbers and dates itself."""
        rate = str(round(WORDS_A_MINUTE * speed))
        wav = _run([self._program, "--stdout", "--stdin", "-s", rate, "-v", espeak_name(voice)], sentence)
        with wave.open(io.BytesIO(wav)) as sound:  # its header claims the longest length there is
            samples = np.frombuffer(sound.readframes(len(wav)), np.int16).astype(np.float32) / np.float32(32768)
            return Spoken(samples if np.any(samples) else samples[:0], sound.getframerate())

    def weigh(self, word: str, voice: VoiceInfo) -> int:
        """How many letters and digits it has."""
        return sum(sign.isalnum() for sign in word)


def espeak_name(voice: VoiceInfo) -> str:
    """Its own name of a voice of ours."""
    return voice.name.removeprefix("espeak-")


def _voices(program: str) -> tuple[VoiceInfo, ...]:
    found: dict[str, VoiceInfo] = {}
    for line in _run([program, "--voices"], "").decode("utf-8", "replace").splitlines():
        row = LINE.match(line)
        if row and LANGUAGE.fullmatch(row[1]) and row[1] not in found:
            base, _, region = row[1].partition("-")
            tag = f"{base}-{region.upper()}" if region else base
            gender = {"M": "male", "F": "female"}.get(row[2], "neutral")
            title = f"eSpeak ({row[3].replace('_', ' ')})"
            found[row[1]] = VoiceInfo(f"espeak-{row[1]}", title, tag, gender, "espeak", RATE, LICENCE, takes_ipa=False)
    return tuple(found.values())


def _run(command: list[str], text: str) -> bytes:
    """Return what the program writes. Raises WeightsMissing when it fails."""
    try:
        done = subprocess.run(command, input=text.encode(), capture_output=True, timeout=PROGRAM_LIMIT_S, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise WeightsMissing(f"{command[0]} failed: {error}", program=command[0]) from error
    return done.stdout
