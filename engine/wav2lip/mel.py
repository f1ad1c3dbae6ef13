"""Mel spectrograms as Wav2Lip was trained on them.

Parameters are those of its hparams.py, formulas those of its audio.py, which calls librosa 0.7: the STFT is centred
with mirrored ends, the mel scale is Slaney's (linear below 1 kHz) and its triangles have equal areas.
"""

from collections.abc import Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray

from engine.speech.types import ANALYSIS_RATE

Floats = NDArray[np.float32]

N_FFT, HOP = 800, 200  # samples: windows of 50 ms every 12.5 ms
BANDS = 80
LOWEST_HZ, HIGHEST_HZ = 55.0, 7600.0
PREEMPHASIS = 0.97
REF_DB, MIN_DB = 20.0, -100.0
MAX_ABS = 4.0  # what the decibels between MIN_DB and 0 are spread over, both ways
CHUNK = 16  # columns that the network hears for one frame: 0.2 s
COLUMNS_HZ = ANALYSIS_RATE / HOP
BLOCK = 2048  # columns at a time, so that a long speech takes no more memory for its spectrum than a short one


def mel_spectrogram(samples: Floats) -> Floats:
    """(n,) samples in -1..1 at ANALYSIS_RATE to (BANDS, 1 + n // HOP) in -MAX_ABS..MAX_ABS.

    Column i is centred on sample i * HOP.
    """
    emphasised = samples.astype(np.float32, copy=True)
    emphasised[1:] -= np.float32(PREEMPHASIS) * samples[:-1]
    padded = np.pad(emphasised, N_FFT // 2, mode="reflect") if len(samples) > 1 else np.zeros(N_FFT, np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(padded, N_FFT)[::HOP]
    out = np.empty((BANDS, len(windows)), np.float32)
    for start in range(0, len(windows), BLOCK):
        spectrum = np.abs(np.fft.rfft(windows[start : start + BLOCK] * _window(), axis=1))
        out[:, start : start + BLOCK] = _normalised(_filters() @ spectrum.T)
    return out


def chunks(mel: Floats, count: int, fps: float) -> Iterator[Floats]:
    """Yield what the network hears for each of `count` frames: (BANDS, CHUNK), from the frame's own time on.

    As inference.py cuts them; the last ones end with the sound.
    """
    missing = CHUNK - mel.shape[1]
    if missing > 0:
        mel = np.pad(mel, ((0, 0), (0, missing)), constant_values=-MAX_ABS)
    last = mel.shape[1] - CHUNK
    for frame in range(count):
        start = min(int(frame * COLUMNS_HZ / fps), last)
        yield mel[:, start : start + CHUNK]


def _normalised(magnitudes: Floats) -> Floats:
    """Magnitudes to decibels, and those to -MAX_ABS..MAX_ABS."""
    db = 20 * np.log10(np.maximum(10 ** (MIN_DB / 20), magnitudes)) - REF_DB
    return np.clip(2 * MAX_ABS * (db - MIN_DB) / -MIN_DB - MAX_ABS, -MAX_ABS, MAX_ABS).astype(np.float32)


@cache
def _window() -> Floats:
    """Hann's window for spectra: of N_FFT + 1 points all but the last."""
    return np.hanning(N_FFT + 1)[:-1].astype(np.float32)


@cache
def _filters() -> Floats:
    """(BANDS, N_FFT // 2 + 1) triangles between neighbours of the mel scale, of area 1 (librosa: norm="slaney")."""
    lowest, highest = _to_mel(np.array([LOWEST_HZ, HIGHEST_HZ]))
    edges = _to_hz(np.linspace(lowest, highest, BANDS + 2))
    hz = np.fft.rfftfreq(N_FFT, 1 / ANALYSIS_RATE)
    rising = (hz - edges[:-2, None]) / np.diff(edges)[:-1, None]
    falling = (edges[2:, None] - hz) / np.diff(edges)[1:, None]
    triangles = np.maximum(0, np.minimum(rising, falling))
    return (triangles * 2 / (edges[2:] - edges[:-2])[:, None]).astype(np.float32)


# Slaney, Auditory Toolbox (1998): 3 mel per 200 Hz up to 1 kHz, then 27 mel for a factor of 6.4.
_LINEAR, _BREAK_HZ, _LOG = 3 / 200, 1000.0, 27 / np.log(6.4)


def _to_mel(hz: NDArray[np.float64]) -> NDArray[np.float64]:
    above = _LINEAR * _BREAK_HZ + _LOG * np.log(np.maximum(hz, _BREAK_HZ) / _BREAK_HZ)
    return np.where(hz < _BREAK_HZ, _LINEAR * hz, above)


def _to_hz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    above = _BREAK_HZ * np.exp((mel - _LINEAR * _BREAK_HZ) / _LOG)
    return np.where(mel < _LINEAR * _BREAK_HZ, mel / _LINEAR, above)
