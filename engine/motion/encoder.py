"""Speech encoder features: what is being said, 41.67 times a second, whoever says it.

Moonshine-base's encoder (Useful Sensors, MIT). Long speech is fed in overlapping windows, so that memory and time
a second stay the same however long it is.
"""

from collections.abc import Iterator
from functools import cache

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from engine import weights
from engine.sessions import CPU, open_session
from engine.speech.types import ANALYSIS_RATE
from engine.stopping import checkpoint

STRIDE = 384  # samples a feature: the encoder's convolutions step by 64, 3 and 2
FIRST = 447  # the sample in the middle of the first feature's convolutions (kernels 127, 7, 3)
FEATURE_HZ = ANALYSIS_RATE / STRIDE
FEATURES = 416
WINDOW = 400 * STRIDE  # 9.6 s; the encoder's cost a second grows with the window
MARGIN = 40 * STRIDE  # about 1 s on either side that is heard but not used
STEP = (WINDOW - 2 * MARGIN) // STRIDE  # features that a window gives


def encode(samples: NDArray[np.float32], windows: slice = slice(None)) -> Iterator[NDArray[np.float32]]:
    """Yield features (n, FEATURES) of speech at ANALYSIS_RATE, in order, a window at a time.

    Feature k of the whole lies at k / FEATURE_HZ seconds; there are ceil(len(samples) / STRIDE) of them. Window w
    holds those from w * STEP on, and is the same whichever other windows are asked for.
    """
    encoder = _encoder()
    count = -(-len(samples) // STRIDE)
    for first in range(0, count, STEP)[windows]:
        checkpoint()
        wanted = min(STEP, count - first)
        start = first * STRIDE - MARGIN - FIRST
        window = _cut(samples, start, start + 2 * MARGIN + 2 * FIRST + wanted * STRIDE)
        features = encoder.run(None, {"input_values": window[None]})[0][0]
        skip = MARGIN // STRIDE
        yield features[skip : skip + wanted]


def encode_piece(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return features (n, FEATURES) of a few seconds of speech, heard at once: cost and memory grow with its square.

    Feature k lies at k / FEATURE_HZ + FIRST / ANALYSIS_RATE seconds. Less than a feature of speech gives silence.
    """
    heard = np.pad(samples, (0, max(0, 4 * FIRST - len(samples))))
    return np.asarray(_encoder().run(None, {"input_values": heard[None]})[0][0], np.float32)


def _cut(samples: NDArray[np.float32], start: int, end: int) -> NDArray[np.float32]:
    """Return samples[start:end], silent beyond their ends."""
    before, after = max(0, -start), max(0, end - len(samples))
    return np.pad(samples[max(0, start) : min(end, len(samples))], (before, after))


@cache
def _encoder() -> ort.InferenceSession:
    # Exported for the CPU (.ort, fused for it); a hundred times faster than the speech as it is.
    return open_session(weights.path("speech-encoder"), provider=CPU)
