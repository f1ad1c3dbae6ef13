"""Speech -> what the lower face does: encoder features through a small trained network.

The network (weights/mouth.onnx, made by training/mouth) gives the ARKit weights of the lower face, how likely the
lower lip is at the teeth, and how strongly brows and head go along; weights/mouth.md is its model card.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import onnxruntime as ort

from engine.arkit import LOWER_FACE
from engine.motion.encoder import FEATURE_HZ, STEP, encode
from engine.motion.mouth import CLOSE, RATE_HZ, Curve, Said, smooth
from engine.sessions import CPU, open_session
from engine.speech.types import ANALYSIS_RATE

HEAD = Path(__file__).parent / "weights" / "mouth.onnx"
COLUMNS = (*LOWER_FACE, "bite", "brow", "nod")  # what the network gives; mouthClose is how likely the lips are shut
PER_FEATURE = 2  # answers a feature: 83.3 a second
CONTEXT = 21  # features on either side that the network looks at: 0.5 s
LATER_S = 0.01  # real mouths come this much after the network's answers; by a scan from -0.02 to 0.04 on 13 clips
UNSURE, WAVER = 0.2, 0.5  # of a contact's probability
CALM_S = 0.02  # the encoder flickers a little from feature to feature; twice this would cost the peaks of fast speech


@dataclass(frozen=True, slots=True)
class Heard:
    """What speech asks of a face, at RATE_HZ. brow, nod: (n,) in 0..1, how strongly brows and head go along."""

    mouth: Said
    brow: Curve
    nod: Curve


def listen(samples: Curve, span_s: tuple[float, float] | None = None) -> Heard:
    """Return what a face does that says this.

    samples: speech at ANALYSIS_RATE, at the loudness that open_speech gives it. span_s: the seconds that matter; what
    is said beyond them may come out as anything, in less time.
    """
    windows = _windows(span_s) if span_s else slice(0, None)
    predicted = np.concatenate(list(_predictions(samples, windows)))
    count = int(np.ceil(len(samples) / ANALYSIS_RATE * RATE_HZ)) + 1
    calm = _at_rate(predicted, windows.start * STEP * PER_FEATURE, count)
    column = {name: calm[:, at].copy() for at, name in enumerate(COLUMNS) if at >= len(LOWER_FACE) or at == CLOSE}
    free = calm[:, : len(LOWER_FACE)]
    free[:, CLOSE] = 0
    said = Said(free, bite=_sure(column["bite"]), shut=_sure(column["mouthClose"]))
    return Heard(said, column["brow"], column["nod"])


def _at_rate(predicted: Curve, first: int, count: int) -> Curve:
    """Return (count, columns) at RATE_HZ of the network's answers from the `first` on, calm, when real mouths do it."""
    times = (np.arange(count) / RATE_HZ - LATER_S) * FEATURE_HZ * PER_FEATURE
    numbers = np.arange(len(predicted)) + first
    curves = np.empty((count, len(COLUMNS)), np.float32)
    for k, column in enumerate(predicted.T):  # one at a time: an hour of all of them is 50 MB
        curves[:, k] = np.clip(smooth(np.interp(times, numbers, column), CALM_S), 0, 1)
    return curves


def _sure(chance: Curve) -> Curve:
    """A contact is made or not: doubts below UNSURE are none, above UNSURE + WAVER it is whole."""
    return np.asarray(np.clip((chance - UNSURE) / WAVER, 0, 1), np.float32)


def _windows(span_s: tuple[float, float]) -> slice:
    """The encoder's windows that anything within the span depends on."""
    first, last = (time_s * FEATURE_HZ for time_s in span_s)
    around = CONTEXT + (LATER_S + 4 * CALM_S) * FEATURE_HZ
    return slice(max(0, int((first - around) // STEP)), int((last + around) // STEP) + 1)


def _predictions(samples: Curve, windows: slice) -> Iterator[Curve]:
    """Yield the network's answers a window at a time, with the context that it needs from the windows around."""
    head = _head()
    features = encode(samples, windows)
    held = next(features)
    held = np.concatenate([np.repeat(held[:1], CONTEXT, axis=0), held])
    for window in features:
        held = np.concatenate([held, window])
        if len(held) > 2 * CONTEXT:
            yield _run(head, held)
            held = held[-2 * CONTEXT :]
    yield _run(head, np.concatenate([held, np.repeat(held[-1:], CONTEXT, axis=0)]))


def _run(head: ort.InferenceSession, features: Curve) -> Curve:
    """Return (PER_FEATURE * (n - 2 * CONTEXT), columns) for features (n, FEATURES)."""
    return np.asarray(head.run(None, {"features": features[None]})[0][0], np.float32)


@cache
def _head() -> ort.InferenceSession:
    return open_session(HEAD, provider=CPU)  # 1 MFLOP a feature: a GPU would spend its time on copies
