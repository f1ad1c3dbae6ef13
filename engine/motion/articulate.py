"""Phonemes with exact times -> mouth curves, with coarticulation."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from engine.arkit import LOWER_FACE
from engine.motion.mouth import COLUMN, RATE_HZ, Curve, Said, smooth
from engine.motion.visemes import PAUSE, Viseme, viseme_of
from engine.speech.types import Phone

LEAD_S = 0.03  # lips and jaw run ahead of the sound; the peak of a scan from -0.05 to 0.1 against real mouths
PAUSE_FROM_S = 0.16  # shorter gaps between phones belong to the words around them
FIRST_HALF = 0.55  # share of a diphthong before it turns to its second vowel
STRESS_GAIN = {0: 0.86, 1: 1.12, 2: 1.0}  # vowels of stressed syllables open wider
# Seconds in which a target's influence falls to 1/e, before and after its phone: rounding is prepared early.
FADES_S = {"jaw": (0.06, 0.05), "rounding": (0.11, 0.07), "lips": (0.08, 0.06), "tongue": (0.05, 0.04)}
GROUP = {
    "jawOpen": "jaw",
    "mouthFunnel": "rounding",
    "mouthPucker": "rounding",
    "tongueOut": "tongue",
}  # others: "lips"
TONGUE_FIRM, TONGUE_FREE = 1.5, 0.5  # of sounds that the tip of the tongue shapes, and of all others
GROUPS = tuple(FADES_S)
REACH_S = 0.5  # beyond it an influence is below 1 %
FARTHEST_S = REACH_S + 0.1  # with what is smoothed afterwards
CLOSING_S, OPENING_S = 0.07, 0.08  # faster, and lips jump shut from one frame to the next at 25 frames a second
SHORTEST_HELD_S = 0.05
HELD = 0.75  # share of a P, B, M, F or V in which the contact lasts; the rest is its release


@dataclass(frozen=True, slots=True)
class Aim:
    """A viseme at its time."""

    viseme: Viseme
    start_s: float
    end_s: float
    gain: float = 1.0


def articulate(phones: Sequence[Phone], duration_s: float, span_s: tuple[float, float] | None = None) -> Said:
    """Return what a mouth does that says `phones`; weights of which the phonemes say nothing are 0.

    span_s: the seconds that matter; beyond them anything may come out, in less time.
    """
    start_s, end_s = span_s or (0.0, duration_s)
    aims = [
        aim
        for aim in _aims(phones, duration_s)
        if aim.end_s + FARTHEST_S > start_s and aim.start_s - FARTHEST_S < end_s
    ]
    count = int(np.ceil(duration_s * RATE_HZ)) + 1
    return Said(
        free=smooth(_blend(aims, count), sigma_s=0.012),
        bite=_held([aim for aim in aims if aim.viseme.bites], count),
        shut=_held([aim for aim in aims if aim.viseme.shuts], count),
    )


def _aims(phones: Sequence[Phone], duration_s: float) -> Iterator[Aim]:
    """Yield what the mouth aims at, pauses included, in the mouth's time, which runs ahead of the sound's."""
    end_s = -REACH_S
    for phone in phones:
        start_s = phone.start_s - LEAD_S
        if start_s - end_s > PAUSE_FROM_S:
            yield Aim(PAUSE, end_s, start_s)
        end_s = phone.end_s - LEAD_S
        yield from _halves(viseme_of(phone.symbol), start_s, end_s, STRESS_GAIN[phone.stress])
    yield Aim(PAUSE, end_s, duration_s + REACH_S)


def _halves(viseme: Viseme, start_s: float, end_s: float, gain: float) -> Iterator[Aim]:
    if not viseme.then:
        vowel = viseme.firmness[0] >= 1
        yield Aim(viseme, start_s, end_s, gain if vowel else 1.0)
        return
    middle_s = start_s + FIRST_HALF * (end_s - start_s)
    yield Aim(viseme, start_s, middle_s, gain)
    yield Aim(viseme_of(viseme.then), middle_s, end_s, gain)


def _blend(aims: Sequence[Aim], count: int) -> Curve:
    """Average the targets, each weighted by its firmness and its distance in time."""
    total = np.zeros((count, len(LOWER_FACE)))
    weight = np.full((count, len(GROUPS)), 1e-6)
    group_of = [GROUPS.index(GROUP.get(name, "lips")) for name in LOWER_FACE]
    for aim in aims:
        first = max(0, int((aim.start_s - REACH_S) * RATE_HZ))
        last = min(count, int((aim.end_s + REACH_S) * RATE_HZ) + 1)
        if first >= last:
            continue
        influence = _influence(aim, np.arange(first, last) / RATE_HZ)
        targets = np.zeros(len(LOWER_FACE))
        for name, value in aim.viseme.targets.items():
            targets[COLUMN[name]] = value if name == "tongueOut" else value * aim.gain
        weight[first:last] += influence
        total[first:last] += influence[:, group_of] * targets
    return np.asarray(total / weight[:, group_of], np.float32)


def _influence(aim: Aim, times_s: Curve) -> Curve:
    """Return (n, GROUPS): firmness within the aim's time, fading on both sides."""
    before_s = np.maximum(0, aim.start_s - times_s)
    after_s = np.maximum(0, times_s - aim.end_s)
    tongue = TONGUE_FIRM if "tongueOut" in aim.viseme.targets else TONGUE_FREE
    columns = [
        firmness * np.exp(-before_s / rise_s - after_s / fall_s)
        for firmness, (rise_s, fall_s) in zip((*aim.viseme.firmness, tongue), FADES_S.values(), strict=True)
    ]
    return np.stack(columns, axis=1)


def _held(aims: Sequence[Aim], count: int) -> Curve:
    """Return (n,): 1 where a contact is held, rising before it and falling after it."""
    contact = np.zeros(count, np.float32)
    times_s = np.arange(count) / RATE_HZ
    for aim in aims:
        held_s = max(SHORTEST_HELD_S, HELD * (aim.end_s - aim.start_s))
        first = max(0, int((aim.start_s - CLOSING_S) * RATE_HZ))
        last = min(count, int((aim.start_s + held_s + OPENING_S) * RATE_HZ) + 1)
        closing = (times_s[first:last] - aim.start_s) / CLOSING_S + 1
        opening = (aim.start_s + held_s - times_s[first:last]) / OPENING_S + 1
        ramp = np.clip(np.minimum(closing, opening), 0, 1)
        eased = (ramp * ramp * (3 - 2 * ramp)).astype(np.float32)
        contact[first:last] = np.maximum(contact[first:last], eased)
    return contact
