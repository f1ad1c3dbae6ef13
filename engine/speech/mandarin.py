"""Chinese text -> phonemes in Kokoro's alphabet: pypinyin reads the characters, pinyin-to-ipa the syllables.

As misaki (Apache-2.0) writes them, with which Kokoro learnt: arrows are the tones. Latin words are read as English.
"""

import re
from collections.abc import Callable
from functools import cache

from engine.speech.markup import PRONOUNCED
from engine.speech.reading import as_said

HAN = re.compile(r"([㐀-鿿〇]+)")
PUNCTUATION = str.maketrans("，、。！？：；（）《》【】", ",,.!?:;()“”“”", "「」『』")
# After pinyin-to-ipa: tones, then affricates in one letter, then what has no letter of its own.
SIGNS = (
    ("˧˩˧", "↓"),
    ("˧˥", "↗"),
    ("˥˩", "↘"),
    ("˥", "→"),
    ("ʈʂ", "ꭧ"),
    ("tɕ", "ʨ"),
    ("ts", "ʦ"),
    ("ɻ̩", "ɨ"),
    ("ɹ̩", "ɨ"),
    ("̯", ""),
)


def read_mandarin(sentence: str, read_english: Callable[[str], str]) -> str:
    """Return the phonemes of a sentence in Chinese characters, Latin words included."""
    said: list[str] = []
    for at, part in enumerate(re.split(PRONOUNCED, as_said(sentence, "zh"))):
        if at % 3 == 0:  # what is pronounced comes as its word and its sounds
            said += [_words(run) if HAN.match(run) else _others(run, read_english) for run in HAN.split(part)]
        elif at % 3 == 2:
            said.append(part)
    return " ".join(" ".join(said).split()).replace(" ,", ",").replace(" .", ".").replace(" !", "!").replace(" ?", "?")


def _others(run: str, read_english: Callable[[str], str]) -> str:
    run = run.translate(PUNCTUATION)
    return read_english(run) if re.search(r"[A-Za-z]", run) else run


def _words(run: str) -> str:
    from pypinyin import Style, lazy_pinyin
    from pypinyin.seg.mmseg import seg

    words = [
        "".join(map(_syllable, lazy_pinyin(word, style=Style.TONE3, neutral_tone_with_five=True, tone_sandhi=True)))
        for word in seg.cut(run)
    ]
    return " ".join(words)


@cache
def _syllable(pinyin: str) -> str:
    from pinyin_to_ipa import pinyin_to_ipa

    try:
        sounds = "".join(pinyin_to_ipa(pinyin)[0])
    except ValueError:  # a rare character that is read as itself
        return ""
    for theirs, ours in SIGNS:
        sounds = sounds.replace(theirs, ours)
    return sounds
