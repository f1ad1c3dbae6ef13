"""Synthetic speech with the times of its phonemes, by many voices in many languages.

    python -m training.mouth.corpus OUT hibari|kokoro|espeak COUNT [--seed 7] [--tools PYTHON] [--kokoro FOLDER]
        [--first N]

Writes OUT/ENGINE-NUMBER.npz: `samples` (n,) float16 at 16 kHz, `symbols`, `starts_s`, `ends_s`, `stresses` (k,),
`language`, `voice`. A file that exists is passed over. PYTHON is an interpreter that has espeakng-loader and wordfreq
(training/README.md); FOLDER holds part1.bin to part4.bin and voices/. What is said are words drawn by how common
they are: a network that hears single sounds needs no sense, and every word that people use comes up.
"""

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from hibari.g2p import G2P

from engine.speech import Speech
from engine.speech.decode import speech_from_samples
from engine.speech.types import Phone
from training.mouth.ipa import phones
from training.mouth.kokoro import RATE, TONES, open_kokoro
from training.mouth.synthetic import speeches

# language: share of the corpus, Kokoro's voices for it by their first letter ("": any)
KOKORO = {
    "en-us": (0.2, "a"), "en-gb": (0.12, "b"), "fr": (0.15, "f"), "de": (0.13, ""), "cmn": (0.14, "z"),
    "es": (0.08, "e"), "it": (0.07, "i"), "pt-br": (0.06, "p"), "hi": (0.05, "h"),
}  # fmt: skip
ESPEAK = (
    "en-us", "en-gb-x-rp", "en-gb-scotland", "fr", "fr", "de", "de", "cmn", "cmn", "yue", "es", "it", "pt", "pt-br",
    "nl", "pl", "ru", "ko", "hi", "tr", "sv", "ar", "vi", "fi", "cs",
)  # fmt: skip
VARIANTS = (
    "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "f1", "f2", "f3", "f4", "f5", "klatt", "klatt2", "klatt3", "klatt4",
    "Alex", "Andrea", "Annie", "Denis", "Diogo", "Gene", "Jacky", "Lee", "Mike", "Storm", "aunty", "belinda",
    "benjamin", "caleb", "david", "ed", "edward", "grandma", "grandpa", "linda", "max", "michel", "norbert", "pablo",
    "paul", "quincy", "rob", "robert", "sandro", "shelby", "steph", "travis", "victor", "zac",
)  # fmt: skip
ESPEAK_LAG_S = 0.015  # its events come this much behind the sound, by vowels against loudness; more above 165 words/min
WORD_LISTS = {"cmn": "zh", "yue": "zh", "pt-br": "pt"}
WORDS = 4000
TEMPER = 0.6  # of the words' frequency: at 1 half of the speech would be "the"
ASPIRATED = re.compile(r"(?<=[ptkɕʦʂ])h")  # eSpeak's way of writing it
CLAUSE, SENTENCES = (3, 8), (1, 4)


def texts(languages: list[str], seed: int, tools: Path) -> list[str]:
    """Return a text for each of `languages`."""
    wanted = sorted({WORD_LISTS.get(name, name.split("-")[0]) for name in languages})
    program = (
        "import json, sys, wordfreq as w\n"
        "def top(l): return sorted(w.get_frequency_dict(l).items(), key=lambda x: -x[1])[:int(sys.argv[1])]\n"
        "print(json.dumps({l: top(l) for l in sys.argv[2:]}))"
    )
    answer = subprocess.run([tools, "-c", program, str(WORDS), *wanted], capture_output=True, check=True, text=True)
    lists: dict[str, list[tuple[str, float]]] = json.loads(answer.stdout)
    random = np.random.default_rng([seed, 1])
    return [_text(lists[WORD_LISTS.get(name, name.split("-")[0])], random) for name in languages]


def _text(words: list[tuple[str, float]], random: np.random.Generator) -> str:
    sayable = [(word, frequency) for word, frequency in words if not any(sign.isdigit() for sign in word)]
    chances = np.array([frequency for _, frequency in sayable]) ** TEMPER
    sentences = []
    for _ in range(random.integers(*SENTENCES)):
        clauses = [
            " ".join(
                sayable[i][0] for i in random.choice(len(sayable), random.integers(*CLAUSE), p=chances / chances.sum())
            )
            for _ in range(random.integers(1, 3))
        ]
        sentences.append(", ".join(clauses) + random.choice([".", ".", "?", "!"]))
    return " ".join(sentences)


def by_hibari(out: Path, count: int, seed: int) -> None:
    """The bundled English voice at five playing speeds."""
    for number, speech in enumerate(speeches(count, seed)):
        _save(out / f"hibari-{number:04d}.npz", speech, "en-us", "hibari")


def by_espeak(out: Path, count: int, seed: int, tools: Path) -> None:
    """eSpeak NG, in a process of its own: languages in turn, each time another voice, rate and pitch."""
    random = np.random.default_rng([seed, 2])
    languages = [ESPEAK[number % len(ESPEAK)] for number in range(count)]
    jobs: list[dict[str, Any]] = [
        {
            "text": text,
            "voice": f"{language}+{random.choice(VARIANTS)}",
            "rate": int(random.integers(115, 165)),
            "pitch": int(random.integers(25, 75)),
            "spread": int(random.integers(30, 80)),
            "out": str(out / f"espeak-{number:04d}.raw.npz"),
        }
        for number, (language, text) in enumerate(zip(languages, texts(languages, seed, tools), strict=True))
    ]
    _espeak(jobs, tools)
    for number, (job, language) in enumerate(zip(jobs, languages, strict=True)):
        raw = np.load(job["out"])
        Path(job["out"]).unlink()
        times_s = np.maximum(0, raw["times_s"] - ESPEAK_LAG_S).tolist()
        said = tuple(phones(raw["symbols"].tolist(), times_s))
        speech = speech_from_samples(raw["samples"].astype(np.float32) / 32768, int(raw["rate"]), phones=said)
        _save(out / f"espeak-{number:04d}.npz", speech, language, job["voice"])


def by_kokoro(out: Path, count: int, seed: int, tools: Path, folder: Path, first: int) -> None:
    """Kokoro: half of the time a voice of the language, else any."""
    random = np.random.default_rng([seed, 3])
    engine = open_kokoro(sorted(folder.glob("part*.bin")), folder / "voices")
    voices = sorted(path.stem for path in (folder / "voices").glob("*.bin"))
    shares = np.array([share for share, _ in KOKORO.values()])
    languages = [str(name) for name in random.choice(list(KOKORO), count, p=shares / shares.sum())]
    said = texts(languages, seed + 1, tools)
    for number, (language, text, ipa) in enumerate(zip(languages, said, _read(languages, said, tools), strict=True)):
        own = [voice for voice in voices if voice.startswith(KOKORO[language][1])]
        voice = str(random.choice(own if random.random() < 0.5 else voices))
        speed = float(random.uniform(0.85, 1.15))
        target = out / f"kokoro-{number:04d}.npz"
        if number == first:
            return
        if not target.exists() and ipa:
            spoken = engine.speak(ipa, voice, speed)
            known: dict[str, Any] = {"phones": spoken.phones, "text": text}
            _save(target, speech_from_samples(spoken.samples, RATE, **known), language, voice)


def _read(languages: list[str], said: list[str], tools: Path) -> Iterator[str]:
    """Yield each text in Kokoro's alphabet: English by hibari's reader, the rest by eSpeak's."""
    others = [(name, text) for name, text in zip(languages, said, strict=True) if not name.startswith("en")]
    lines = iter(_espeak([{"text": text, "voice": name} for name, text in others], tools).splitlines())
    readers = {"en-us": G2P(), "en-gb": G2P(british=True)}
    for language, text in zip(languages, said, strict=True):
        if language in readers:
            yield str(readers[language](text))
        else:
            plain = next(lines).translate(TONES).replace("tʃ", "ʧ").replace("dʒ", "ʤ").replace("ts", "ʦ")
            yield ASPIRATED.sub("ʰ", plain)


def _espeak(jobs: Sequence[dict[str, Any]], tools: Path) -> str:
    lines = "\n".join(json.dumps(job) for job in jobs)
    command = [tools, "-m", "training.mouth.espeak"]
    return subprocess.run(command, input=lines, stdout=subprocess.PIPE, check=True, text=True).stdout


def _save(path: Path, speech: Speech, language: str, voice: str) -> None:
    heard = [phone for phone in speech.phones if phone.start_s < speech.duration_s]
    np.savez(
        path,
        samples=speech.analysis.astype(np.float16),
        symbols=np.array([phone.symbol for phone in heard]),
        starts_s=np.array([phone.start_s for phone in heard]),
        ends_s=np.array([phone.end_s for phone in heard]),
        stresses=np.array([phone.stress for phone in heard]),
        language=language,
        voice=voice,
    )


def load(path: Path) -> tuple[np.ndarray[Any, np.dtype[np.float32]], list[Phone], str]:
    """Return samples at 16 kHz, phones and the language."""
    data = np.load(path)
    columns = (data[name].tolist() for name in ("symbols", "starts_s", "ends_s", "stresses"))
    said = [Phone(*one) for one in zip(*columns, strict=True)]
    return data["samples"].astype(np.float32), said, str(data["language"])


def main() -> None:
    """Make one engine's part of the corpus."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("engine", choices=["hibari", "kokoro", "espeak"])
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--tools", type=Path, default=Path(sys.executable))
    parser.add_argument("--kokoro", type=Path)
    parser.add_argument("--first", type=int, default=-1, help="stop after so many of Kokoro's, which take seconds each")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    if options.engine == "hibari":
        by_hibari(options.out, options.count, options.seed)
    elif options.engine == "espeak":
        by_espeak(options.out, options.count, options.seed, options.tools)
    else:
        by_kokoro(options.out, options.count, options.seed, options.tools, options.kokoro, options.first)


if __name__ == "__main__":
    main()
