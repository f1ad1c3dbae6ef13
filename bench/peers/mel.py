"""A linear map from the spectrum around a moment to the mouth's opening, learnt from the other clips."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.clips import Clip
from bench.peers.opening import FPS, Series, jaw_only
from engine.motion import MotionTrack
from engine.motion.mouth import RATE_HZ
from engine.speech.types import ANALYSIS_RATE

BANDS = 40
WINDOW = 400  # samples: 25 ms
LOWEST_HZ, HIGHEST_HZ = 60.0, 7600.0
REACH_S, STEP_S = 0.16, 0.04  # what of the spectrum is seen on either side of a moment
RIDGE = 1000.0  # of the standardised features; the best of 30 to 3000 by a hair


@dataclass(frozen=True, slots=True)
class MelLinear:
    """Ridge regression on the real mouths of all clips but the one that is asked for."""

    clips: list[Clip]

    def motion(self, clip: Clip) -> MotionTrack:
        """Return the jaw that the other clips suggest."""
        others = [_table(other) for other in self.clips if other.name != clip.name]
        features, gaps = (np.concatenate(column) for column in zip(*others, strict=True))
        mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-6
        scaled = (features - mean) / spread
        gram = scaled.T @ scaled + RIDGE * np.eye(scaled.shape[1])
        weights = np.linalg.solve(gram, scaled.T @ (gaps - gaps.mean()))
        seen = (features_of(clip.speech.analysis) - mean) / spread
        return jaw_only(np.asarray(seen @ weights + gaps.mean()))


def _table(clip: Clip) -> tuple[Series, Series]:
    """Return the features (n, k) of a clip's frames and how far its lips are parted beyond their rest (n,)."""
    features = features_of(clip.speech.analysis)
    size = min(len(features), len(clip.real))
    return features[:size], clip.real[:size] - np.percentile(clip.real, 5)


def features_of(samples: NDArray[np.floating]) -> Series:
    """Return what is heard around each frame at FPS: (n, BANDS * 9), of which the clip's own mean is taken off."""
    mel = log_mel(samples)
    mel -= mel.mean(axis=0)
    at = np.rint(np.arange(int(np.ceil(len(samples) / ANALYSIS_RATE * FPS))) / FPS * RATE_HZ).astype(int)
    steps = np.rint(np.arange(-REACH_S, REACH_S + STEP_S / 2, STEP_S) * RATE_HZ).astype(int)
    around = np.clip(at[:, None] + steps, 0, len(mel) - 1)
    return np.asarray(mel[around].reshape(len(at), -1))


def log_mel(samples: NDArray[np.floating]) -> Series:
    """Return the log energies (n, BANDS) at RATE_HZ of sound at ANALYSIS_RATE."""
    hop = ANALYSIS_RATE // RATE_HZ
    padded = np.pad(samples.astype(np.float64), (WINDOW // 2, WINDOW))
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[: len(samples) : hop]
    power = np.abs(np.fft.rfft(windows * np.hanning(WINDOW), 512)) ** 2
    return np.asarray(np.log(power @ _bands() + 1e-6))


def _bands() -> Series:
    """Return the triangles (257, BANDS), evenly spaced in mel."""
    lowest, highest = 2595 * np.log10(1 + np.array([LOWEST_HZ, HIGHEST_HZ]) / 700)
    edges_mel = np.linspace(lowest, highest, BANDS + 2)
    edges_hz = 700 * (10 ** (edges_mel / 2595) - 1)
    hz = np.linspace(0, ANALYSIS_RATE / 2, 257)[:, None]
    rising = (hz - edges_hz[:-2]) / np.diff(edges_hz)[:-1]
    falling = (edges_hz[2:] - hz) / np.diff(edges_hz)[1:]
    return np.asarray(np.clip(np.minimum(rising, falling), 0, None))
