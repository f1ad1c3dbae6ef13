"""What the mouth aims at for each phoneme, and how firmly.

Targets are ARKit weights as a talking (not a shouting) face shows them; how far each opens the lips was moved half
the way to what a regression on 225 sentences of 25 people of the GRID corpus found (Cooke et al. 2006, CC BY 4.0):
rounded sounds and those of the tongue's tip open less than they are usually drawn. Firmness says how much of the target
survives next to its neighbours: T is said with any lips, so the rounding of "two" is already there; SH is not.
After M. Cohen and D. Massaro, "Modeling coarticulation in synthetic visual speech" (1993).
"""

from dataclasses import dataclass, field

# How the table below is written: short names, both sides alike. Phonemes say nothing of the other ARKit weights.
SHORT: dict[str, tuple[str, ...]] = {
    "jaw": ("jawOpen",),
    "funnel": ("mouthFunnel",),
    "pucker": ("mouthPucker",),
    "smile": ("mouthSmileLeft", "mouthSmileRight"),
    "stretch": ("mouthStretchLeft", "mouthStretchRight"),
    "lower_down": ("mouthLowerDownLeft", "mouthLowerDownRight"),
    "upper_up": ("mouthUpperUpLeft", "mouthUpperUpRight"),
    "roll_lower": ("mouthRollLower",),
    "jaw_forward": ("jawForward",),
    "puff": ("cheekPuff",),
    "squint": ("cheekSquintLeft", "cheekSquintRight"),
    "sneer": ("noseSneerLeft", "noseSneerRight"),
    "tongue": ("tongueOut",),  # 0.25: tip up behind the upper teeth; 0.5: tip between the teeth
}
KNOWN: tuple[str, ...] = tuple(name for names in SHORT.values() for name in names)  # the ARKit weights that it gives


@dataclass(frozen=True, slots=True)
class Viseme:
    """A target, of ARKit weights. firmness: of the jaw, of rounding (funnel, pucker), of the rest of the lips."""

    targets: dict[str, float]
    firmness: tuple[float, float, float]
    shuts: bool = False  # both lips meet: P, B, M
    bites: bool = False  # lower lip meets upper teeth: F, V
    then: str = field(default="")  # a diphthong's second half


# What goes along in every face: the muscle that pulls up the corners lifts the cheeks, the one that lifts the upper
# lip has a strand to the nose.
ALONG = {"squint": ("smile", 0.3), "sneer": ("upper_up", 0.25)}


def _weights(**short: float) -> dict[str, float]:
    short |= {name: share * short[by] for name, (by, share) in ALONG.items() if by in short}
    return {name: value for one, value in short.items() for name in SHORT[one]}


def _vowel(jaw: float, then: str = "", rounding: float = 0.9, **lips: float) -> Viseme:
    return Viseme(_weights(jaw=jaw, **lips), (1.0, rounding, 0.8), then=then)


def _consonant(jaw: float, firmness: tuple[float, float, float], **lips: float) -> Viseme:
    return Viseme(_weights(jaw=jaw, **lips), firmness)


SHUT = Viseme(_weights(jaw=0.07), (0.35, 0.05, 0.1), shuts=True)
BURST = Viseme(
    _weights(jaw=0.07, puff=0.12), (0.35, 0.05, 0.1), shuts=True
)  # the breath behind the lips fills the cheeks
BITE = Viseme(_weights(jaw=0.04, upper_up=0.16, roll_lower=0.6, stretch=0.06), (0.9, 0.25, 1.0), bites=True)
# Sibilants bring the lower teeth under the upper ones' edge.
HUSH = _consonant(0.07, (0.8, 1.0, 0.9), funnel=0.55, pucker=0.3, upper_up=0.14, lower_down=0.2, jaw_forward=0.15)
HISS = _consonant(0.05, (0.9, 0.15, 0.7), stretch=0.16, smile=0.05, lower_down=0.24, upper_up=0.05, jaw_forward=0.12)
TIP = _consonant(
    0.05, (0.5, 0.08, 0.3), stretch=0.06, lower_down=0.09, tongue=0.25
)  # T, D, N: tongue tip behind the teeth
BACK = _consonant(0.1, (0.25, 0.05, 0.1), lower_down=0.06)  # K, G, NG: the lips have no part in it
SPREAD_HUSH = _consonant(
    0.07, (0.8, 0.4, 0.9), funnel=0.16, stretch=0.18, upper_up=0.12, lower_down=0.24, jaw_forward=0.12
)
NEARLY_SHUT = _consonant(0.04, (0.8, 0.1, 0.8), lower_down=0.03)
PAUSE = Viseme({}, (1.2, 0.9, 1.0))
EE = _vowel(0.13, stretch=0.32, smile=0.26, lower_down=0.18, upper_up=0.08)
OO = _vowel(0.05, rounding=1.3, funnel=0.16, pucker=0.72)
FRONT_OO = _vowel(0.06, rounding=1.3, funnel=0.24, pucker=0.66)

VISEMES: dict[str, Viseme] = {
    "p": BURST, "b": BURST, "m": SHUT,
    "f": BITE, "v": BITE,
    "ʃ": HUSH, "ʒ": HUSH, "tʃ": HUSH, "dʒ": HUSH,
    "s": HISS, "z": HISS,
    "t": TIP, "d": TIP, "n": TIP, "ɾ": TIP, "ʔ": BACK,
    "k": BACK, "ɡ": BACK, "ŋ": BACK, "x": BACK, "χ": BACK, "ɣ": BACK, "ʁ": BACK, "q": BACK, "c": BACK, "ɟ": BACK,
    "r": TIP, "ɽ": TIP, "ʈ": TIP, "ɖ": TIP, "ɳ": TIP, "ts": HISS, "dz": HISS,
    "ɕ": SPREAD_HUSH, "ʑ": SPREAD_HUSH, "tɕ": SPREAD_HUSH, "dʑ": SPREAD_HUSH, "ç": SPREAD_HUSH, "ʝ": SPREAD_HUSH,
    "ʂ": HUSH, "ʐ": HUSH, "tʂ": HUSH, "ɻ": HUSH, "ʋ": BITE, "pf": BITE, "ɱ": BITE,
    "β": NEARLY_SHUT, "ɸ": NEARLY_SHUT,
    "h": _consonant(0.18, (0.1, 0.03, 0.05)),
    "θ": _consonant(0.13, (0.7, 0.12, 0.5), lower_down=0.18, upper_up=0.06, tongue=0.5),
    "ð": _consonant(0.13, (0.6, 0.12, 0.45), lower_down=0.16, upper_up=0.05, tongue=0.5),
    "l": _consonant(0.12, (0.45, 0.1, 0.3), lower_down=0.1, stretch=0.05, tongue=0.25),
    "ɹ": _consonant(0.05, (0.5, 0.7, 0.4), funnel=0.32, pucker=0.28),
    "w": _consonant(0.02, (0.8, 1.3, 0.7), funnel=0.12, pucker=0.8),
    "j": _consonant(0.12, (0.5, 0.35, 0.5), stretch=0.26, smile=0.18, lower_down=0.12),
    "ɥ": _consonant(0.03, (0.8, 1.3, 0.7), funnel=0.16, pucker=0.72),
    "ɲ": _consonant(0.1, (0.5, 0.15, 0.4), stretch=0.16, smile=0.08, lower_down=0.1),
    "ʎ": _consonant(0.12, (0.5, 0.15, 0.4), stretch=0.16, smile=0.08, lower_down=0.1),
    "i": EE, "u": OO, "ɨ": EE, "y": FRONT_OO,
    "ʏ": _vowel(0.13, funnel=0.24, pucker=0.44), "ʉ": FRONT_OO,
    "ø": _vowel(0.18, funnel=0.34, pucker=0.42), "œ": _vowel(0.28, funnel=0.36, pucker=0.24),
    "ɵ": _vowel(0.18, funnel=0.3, pucker=0.34), "ɯ": _vowel(0.12, stretch=0.14, lower_down=0.14),
    "ɤ": _vowel(0.24, stretch=0.08, lower_down=0.14, upper_up=0.06),
    "ɪ": _vowel(0.17, rounding=0.5, stretch=0.2, smile=0.12, lower_down=0.16, upper_up=0.05),
    "e": _vowel(0.27, stretch=0.24, smile=0.16, lower_down=0.18, upper_up=0.08),
    "ɛ": _vowel(0.28, stretch=0.2, smile=0.1, lower_down=0.18, upper_up=0.08),
    "æ": _vowel(0.42, stretch=0.22, smile=0.12, lower_down=0.22, upper_up=0.14),
    "a": _vowel(0.46, stretch=0.1, lower_down=0.18, upper_up=0.1),
    "ɑ": _vowel(0.46, lower_down=0.16, upper_up=0.08),
    "ɒ": _vowel(0.44, funnel=0.2, pucker=0.1, lower_down=0.1),
    "ʌ": _vowel(0.31, rounding=0.6, lower_down=0.16, upper_up=0.06),
    "ɐ": _vowel(0.28, rounding=0.4, lower_down=0.12),
    "ə": _consonant(0.23, (0.7, 0.25, 0.3), lower_down=0.13),
    "ɜ": _vowel(0.23, funnel=0.24, pucker=0.14, lower_down=0.08),
    "ɔ": _vowel(0.3, funnel=0.38, pucker=0.2),
    "o": _vowel(0.32, funnel=0.36, pucker=0.36),
    "ʊ": _vowel(0.13, funnel=0.18, pucker=0.48),
    "eɪ": _vowel(0.29, then="i", stretch=0.22, smile=0.14, lower_down=0.18, upper_up=0.08),
    "aɪ": _vowel(0.43, then="ɪ", stretch=0.08, lower_down=0.18, upper_up=0.1),
    "aʊ": _vowel(0.48, then="ʊ", lower_down=0.16, upper_up=0.08),
    "ɔɪ": _vowel(0.36, then="ɪ", funnel=0.4, pucker=0.25),
    "oʊ": _vowel(0.34, then="u", funnel=0.36, pucker=0.34),
    "əʊ": _vowel(0.28, then="u", funnel=0.2, pucker=0.2),
}  # fmt: skip
UNKNOWN = _consonant(0.15, (0.2, 0.05, 0.1))


def viseme_of(symbol: str) -> Viseme:
    """Return the target of an IPA symbol; one that we do not know hardly moves the mouth."""
    return VISEMES.get(symbol, UNKNOWN)
