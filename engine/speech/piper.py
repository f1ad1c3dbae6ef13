"""Piper voices by file (https://github.com/OHF-Voice/piper1-gpl): the operator's folder of .onnx and .onnx.json.

Only their networks are used. Most read phonemes as eSpeak NG writes them, which runs as a program of its own;
voices of the phoneme type "text" read letters and need nothing.
"""

import json
import re
import unicodedata
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort

from engine.errors import WeightsMissing
from engine.sessions import CPU, open_session
from engine.speech import espeak
from engine.speech.markup import PRONOUNCED
from engine.speech.reading import as_said
from engine.speech.voices import Offer, Spoken, VoiceEngine, VoiceInfo, VoiceSources

START, END, PAD = "^", "$", "_"
HOW_TO_GET = (
    "Piper voices are files of the operator's: put NAME.onnx and NAME.onnx.json into the folder that PIPER_VOICES "
    "names, and install espeak-ng, which reads for them."
)


@dataclass(frozen=True, slots=True)
class PiperVoice:
    """One file and what stands in its JSON."""

    info: VoiceInfo
    model: Path
    config: dict[str, Any]


def offer(sources: VoiceSources) -> Offer:
    """The voices in the folder that can be read for."""
    found = {voice.info: voice for voice in _find(sources)}
    return Offer("piper", tuple(found), partial(_open, found, sources), HOW_TO_GET)


def _find(sources: VoiceSources) -> list[PiperVoice]:
    if sources.piper_folder is None or not sources.piper_folder.is_dir():
        return []
    has_espeak = espeak.find_program(sources) is not None
    voices = []
    for model in sorted(sources.piper_folder.glob("*.onnx")):
        try:
            config = json.loads(model.with_suffix(".onnx.json").read_text("utf-8"))
            voice = PiperVoice(_info(model.stem, config), model, config)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue  # a network without its JSON, or with another's
        if has_espeak or _reads_letters(config):
            voices.append(voice)
    return voices


def _info(stem: str, config: dict[str, Any]) -> VoiceInfo:
    """The name is a slug of the file's; the language comes as "de_DE" or "de"."""
    code = str(config.get("language", {}).get("code") or config["espeak"]["voice"])
    language, _, region = code.replace("-", "_").partition("_")
    slug = re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-")
    title = f"{str(config.get('dataset') or stem).replace('_', ' ').capitalize()} (Piper)"
    tag = f"{language}-{region.upper()}" if region else language
    config["phoneme_id_map"][PAD]
    rate = int(config["audio"]["sample_rate"])
    return VoiceInfo(f"piper-{slug}"[:64], title, tag, "neutral", "piper", rate, "See the voice's MODEL_CARD")


def _reads_letters(config: dict[str, Any]) -> bool:
    return bool(config.get("phoneme_type") == "text")


def _open(found: dict[VoiceInfo, PiperVoice], sources: VoiceSources) -> VoiceEngine:
    return PiperEngine(found, espeak.find_program(sources) or "")


class PiperEngine:
    """Every voice is a network of its own, opened when it first speaks."""

    def __init__(self, voices: dict[VoiceInfo, PiperVoice], espeak_program: str) -> None:
        self._voices = voices
        self._espeak = espeak_program
        self._sessions: dict[str, ort.InferenceSession] = {}

    def say(self, sentence: str, voice: VoiceInfo, speed: float) -> Spoken:
        """Speak one sentence. Raises WeightsMissing for a file that is no Piper voice."""
        known = self._voices[voice]
        ids = self._ids(sentence, known)
        if not ids:
            return Spoken(np.zeros(0, np.float32), voice.sample_rate)
        tempo = float(known.config.get("inference", {}).get("length_scale", 1.0)) / speed
        inputs: dict[str, Any] = {
            "input": np.array([ids], np.int64),
            "input_lengths": np.array([len(ids)], np.int64),
            "scales": np.array([0.0, tempo, 0.0], np.float32),  # without noise the same text sounds the same
        }
        if known.config.get("num_speakers", 1) > 1:
            inputs["sid"] = np.zeros(1, np.int64)
        try:
            samples = self._session(known).run(None, inputs)[0]
        except Exception as error:  # ONNX Runtime's own exceptions share no other parent
            raise WeightsMissing(f"{known.model.name} does not run as a Piper voice: {error}") from error
        return Spoken(np.asarray(samples, np.float32).ravel(), voice.sample_rate)

    def weigh(self, word: str, voice: VoiceInfo) -> int:
        """How many letters and digits it has."""
        return sum(sign.isalnum() for sign in PRONOUNCED.sub(r"\1", word))

    def _session(self, voice: PiperVoice) -> ort.InferenceSession:
        name = voice.info.name
        if name not in self._sessions:
            self._sessions[name] = open_session(voice.model, provider=CPU)
        return self._sessions[name]

    def _ids(self, sentence: str, voice: PiperVoice) -> list[int]:
        """Return the numbers of the sentence's phonemes, a pad after each; none when there is nothing to say."""
        numbers: dict[str, list[int]] = voice.config["phoneme_id_map"]
        phonemes = [sign for sign in unicodedata.normalize("NFD", self._phonemes(sentence, voice)) if sign in numbers]
        if not any(sign.isalpha() for sign in phonemes):
            return []
        pad = numbers[PAD]
        ids = [*numbers.get(START, []), *pad]
        for sign in phonemes:
            ids += [*numbers[sign], *pad]
        return [*ids, *numbers.get(END, [])]

    def _phonemes(self, sentence: str, voice: PiperVoice) -> str:
        if _reads_letters(voice.config):
            return as_said(PRONOUNCED.sub(r"\1", sentence), voice.info.language).lower()
        said: list[str] = []
        for at, part in enumerate(re.split(PRONOUNCED, sentence)):
            if at % 3 == 0:  # what is pronounced comes as its word and its sounds
                said.append(espeak.read_clauses(self._espeak, part, voice.config["espeak"]["voice"]))
            elif at % 3 == 2:
                said.append(f" {part} ")
        return "".join(said).strip()
