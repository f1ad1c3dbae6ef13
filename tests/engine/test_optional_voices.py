"""Kokoro, eSpeak NG and Piper: each where it is installed; Piper's networks are tiny ones made here."""

import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from engine.captions.transcribe import transcribe
from engine.errors import TextUnspeakable, WeightsMissing
from engine.speech import VoiceLibrary, VoiceSources, open_library, speak
from engine.speech.voices import VoiceInfo

RATE = 16_000
HAS_ESPEAK = shutil.which("espeak-ng") is not None
KOKORO = [voice for voice in open_library().voices if voice.engine == "kokoro"]
TEXTS = {
    "en": "Good morning. I am a photo that can talk.",
    "es": "Buenos días. Soy una foto que puede hablar.",
    "fr": "Bonjour. Je suis une photo qui sait parler.",
    "hi": "नमस्ते। मैं एक तस्वीर हूँ जो बोल सकती है।",
    "it": "Buongiorno. Sono una foto che sa parlare.",
    "ja": "おはようございます。私は話せる写真です。",
    "pt": "Bom dia. Sou uma foto que sabe falar.",
    "zh": "早上好。我是一张会说话的照片。",
}


def write_piper(folder: Path, name: str, phoneme_type: str, language: str = "de_DE") -> None:
    """A network with Piper's inputs and outputs: a hum of 0.05 s for each number that it is given."""

    def constant(label: str, value: object, kind: int) -> onnx.NodeProto:
        return helper.make_node("Constant", [], [label], value=helper.make_tensor(label, kind, [], [value]))

    nodes = [
        helper.make_node("Cast", ["input_lengths"], ["count"], to=TensorProto.FLOAT),
        constant("one", 1, TensorProto.INT64),
        helper.make_node("Gather", ["scales", "one"], ["tempo"]),
        constant("samples", 0.05 * RATE, TensorProto.FLOAT),
        helper.make_node("Mul", ["count", "samples"], ["plain"]),
        helper.make_node("Mul", ["plain", "tempo"], ["length"]),
        helper.make_node("Squeeze", ["length"], ["end"]),
        constant("start", 0.0, TensorProto.FLOAT),
        constant("step", 1.0, TensorProto.FLOAT),
        helper.make_node("Range", ["start", "end", "step"], ["time"]),
        constant("pitch", 2 * np.pi * 150 / RATE, TensorProto.FLOAT),
        helper.make_node("Mul", ["time", "pitch"], ["phase"]),
        helper.make_node("Sin", ["phase"], ["output"]),
    ]
    inputs = [
        helper.make_tensor_value_info("input", TensorProto.INT64, [1, "n"]),
        helper.make_tensor_value_info("input_lengths", TensorProto.INT64, [1]),
        helper.make_tensor_value_info("scales", TensorProto.FLOAT, [3]),
    ]
    outputs = [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["m"])]
    graph = helper.make_graph(nodes, "piper", inputs, outputs)
    onnx.save(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), folder / f"{name}.onnx"
    )
    signs = "_^$ abcdefghijklmnopqrstuvwxyzäöüɑɐəɛɪʊʃɡŋɾʁˈː,.!?\u0308"
    config = {
        "audio": {"sample_rate": RATE},
        "espeak": {"voice": language.split("_", maxsplit=1)[0]},
        "language": {"code": language},
        "phoneme_type": phoneme_type,
        "phoneme_id_map": {sign: [number] for number, sign in enumerate(signs)},
        "inference": {"length_scale": 1.0},
        "num_speakers": 1,
        "dataset": "thorsten",
    }
    (folder / f"{name}.onnx.json").write_text(json.dumps(config), "utf-8")


def library_of(folder: Path) -> VoiceLibrary:
    return VoiceLibrary(VoiceSources(piper_folder=folder, espeak_program="espeak-ng"))


def test_a_piper_voice_is_found_by_its_file_and_speaks(tmp_path: Path) -> None:
    write_piper(tmp_path, "de_DE-thorsten-low", "text")
    library = library_of(tmp_path)
    voice = library.find("piper-de-de-thorsten-low")
    assert (voice.language, voice.sample_rate, voice.title) == ("de-DE", RATE, "Thorsten (Piper)")
    plain, slow = (speak("Drei Äpfel, bitte.", voice.name, speed=speed, library=library) for speed in (1, 0.5))
    assert slow.duration_s == pytest.approx(2 * plain.duration_s, rel=0.02)
    assert [word.text for word in plain.words] == ["Drei", "Äpfel,", "bitte."]
    assert plain.phones == ()
    with pytest.raises(TextUnspeakable):
        speak("😀", voice.name, library=library)


def test_what_is_no_piper_voice_is_passed_over_or_named(tmp_path: Path) -> None:
    (tmp_path / "lonely.onnx").write_bytes(b"no network")
    (tmp_path / "odd.onnx").write_bytes(b"no network")
    (tmp_path / "odd.onnx.json").write_text('{"audio": {}}')
    write_piper(tmp_path, "broken", "text")
    (tmp_path / "broken.onnx").write_bytes(b"no network")
    library = library_of(tmp_path)
    assert [voice.name for voice in library.voices if voice.engine == "piper"] == ["piper-broken"]
    with pytest.raises(WeightsMissing, match=r"broken\.onnx"):
        speak("Hallo.", "piper-broken", library=library)


def test_a_voice_that_reads_phonemes_waits_for_espeak(tmp_path: Path) -> None:
    write_piper(tmp_path, "phonemes", "espeak")
    library = VoiceLibrary(VoiceSources(piper_folder=tmp_path, espeak_program="no-such-program"))
    assert not [voice for voice in library.voices if voice.engine in ("piper", "espeak")]


@pytest.mark.skipif(not HAS_ESPEAK, reason="espeak-ng is not installed")
def test_piper_reads_through_espeak_and_takes_pronunciations(tmp_path: Path) -> None:
    write_piper(tmp_path, "phonemes", "espeak")
    library = library_of(tmp_path)
    told = speak("[Wien](/viːn/).", "piper-phonemes", library=library)
    assert told.duration_s == pytest.approx(0.05 * (1 + 2 * len("viːn .") + 2), abs=0.11)
    assert speak("Guten Tag, Herr Müller!", "piper-phonemes", library=library).duration_s > 1


@pytest.mark.skipif(not HAS_ESPEAK, reason="espeak-ng is not installed")
def test_espeak_speaks_many_languages() -> None:
    voices = [voice for voice in open_library().voices if voice.engine == "espeak"]
    assert len({voice.language for voice in voices}) > 50
    plain, quick = (speak("Hej! Jag heter Anna, och jag är 25 år.", "espeak-sv", speed=speed) for speed in (1, 2))
    assert 1.6 < plain.duration_s / quick.duration_s < 2.6
    assert [word.text for word in plain.words][:2] == ["Hej!", "Jag"]
    assert speak("Привет, мир.", "espeak-ru").duration_s > 0.5


@pytest.mark.skipif(not KOKORO, reason="Kokoro is not installed (scripts/voices kokoro)")
@pytest.mark.parametrize("language", sorted({voice.base_language for voice in KOKORO}))
def test_kokoro_speaks_with_times_of_its_phonemes(language: str) -> None:
    voice = next(voice for voice in KOKORO if voice.base_language == language)
    speech = speak(TEXTS[language], voice.name)
    assert 2 < speech.duration_s < 8
    assert len(speech.phones) > 12
    assert all(0 <= phone.start_s < phone.end_s <= speech.duration_s for phone in speech.phones)
    assert "".join(word.text for word in speech.words).replace(" ", "") == TEXTS[language].replace(" ", "")
    if language == "en":
        assert [heard.text for heard in transcribe(speech.analysis)] == [TEXTS["en"]]


@pytest.mark.skipif(not KOKORO, reason="Kokoro is not installed (scripts/voices kokoro)")
def test_kokoro_reads_mixed_scripts_and_pronunciations() -> None:
    def sounds(text: str, voice: VoiceInfo) -> str:
        return " ".join(phone.symbol for phone in speak(text, voice.name).phones)

    chinese = next(voice for voice in KOKORO if voice.base_language == "zh")
    english = next(voice for voice in KOKORO if voice.language == "en-US")
    assert "ɡ u ɡ ə l" in sounds("我用Google搜索。", chinese)
    assert "t ə m ɑ t oʊ" in sounds("[tomato](/təˈmɑːtoʊ/)", english)
