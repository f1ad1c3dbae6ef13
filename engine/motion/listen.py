"""Speech of unknown words -> mouth curves: encoder features through a small trained head.

The head (weights/mouth.onnx, made by training/mouth) gives the HEARD shapes, and last how far the lips are
shut; weights/mouth.md is its model card.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import onnxruntime as ort

from engine.motion.encoder import FEATURE_HZ, encode
from engine.motion.mouth import COLUMN, RATE_HZ, SHAPES, Curve, smooth
from engine.sessions import CPU, open_session
from engine.speech.types import ANALYSIS_RATE

HEAD = Path(__file__).parent / "weights" / "mouth.onnx"
HEARD = [name for name in SHAPES if name not in ("close", "press", "roll_upper")]  # those come with shutness alone
CONTEXT = 8  # features on either side that the head looks at: 0.19 s, a syllable
CALM_S = 0.02  # the encoder flickers a little from feature to feature; twice this would cost the peaks of fast speech


def listen(samples: Curve) -> tuple[Curve, Curve]:
    """Return the mouth (n, SHAPES) at RATE_HZ, before shutting, and how far the lips are shut (n,), 0..1.

    samples: speech at ANALYSIS_RATE, at the loudness that open_speech gives it.
    """
    predicted = np.concatenate(list(_predictions(samples)))
    duration_s = len(samples) / ANALYSIS_RATE
    times = np.arange(int(np.ceil(duration_s * RATE_HZ)) + 1) / RATE_HZ * FEATURE_HZ
    curves = np.stack([np.interp(times, np.arange(len(predicted)), column) for column in predicted.T], axis=1)
    calm = np.clip(smooth(curves.astype(np.float32), CALM_S), 0, 1)
    mouth = np.zeros((len(calm), len(SHAPES)), np.float32)
    mouth[:, [COLUMN[name] for name in HEARD]] = calm[:, :-1]
    return mouth, calm[:, -1]


def _predictions(samples: Curve) -> Iterator[Curve]:
    """Yield the head's output a window at a time, with the context that it needs from the windows around."""
    head = _head()
    windows = encode(samples)
    held = next(windows)
    held = np.concatenate([np.repeat(held[:1], CONTEXT, axis=0), held])
    for window in windows:
        held = np.concatenate([held, window])
        yield _run(head, held)
        held = held[-2 * CONTEXT :]
    yield _run(head, np.concatenate([held, np.repeat(held[-1:], CONTEXT, axis=0)]))


def _run(head: ort.InferenceSession, features: Curve) -> Curve:
    """Return (n - 2 * CONTEXT, columns) for features (n, FEATURES)."""
    return np.asarray(head.run(None, {"features": features[None]})[0][0], np.float32)


@cache
def _head() -> ort.InferenceSession:
    return open_session(HEAD, provider=CPU)  # 0.1 MFLOP a feature: a GPU would spend its time on copies
