"""What a Wav2Lip network hears, beside librosa's figures and beside SciPy's spectra."""

import numpy as np
import pytest
from scipy.signal import ShortTimeFFT, lfilter
from scipy.signal.windows import hann

from engine.wav2lip.mel import chunks, mel_spectrogram


def sound() -> np.ndarray:
    """A second of two tones and noise, after a pause."""
    t = np.arange(16_000) / 16_000
    noise = 0.01 * np.random.default_rng(7).standard_normal(16_000)
    tones = 0.3 * np.sin(2 * np.pi * 220 * t) + 0.1 * np.sin(2 * np.pi * 3000 * t) * (t > 0.5)
    samples = (tones + noise).astype(np.float32)
    samples[:3000] = 0
    return samples


def test_it_gives_what_librosa_and_the_original_formulas_give():
    # Wav2Lip's audio.py with librosa 0.11.0 (pad_mode="reflect", as in 0.7): bands 0, 5, 20, 50, 79 at five columns.
    theirs = [
        [-4.0, -1.96504, -2.92268, -3.48003, -0.19797],
        [-4.0, 0.01138, -0.67685, -0.68916, 0.15107],
        [-4.0, -0.9045, -2.15405, -1.76489, -1.32088],
        [-4.0, -0.77308, -0.7111, -0.82683, 0.02799],
        [-4.0, -0.61902, -0.36285, -0.50815, -0.2595],
    ]
    mel = mel_spectrogram(sound())
    assert mel.shape == (80, 81)
    assert mel[np.ix_((0, 5, 20, 50, 79), (0, 16, 40, 60, 80))] == pytest.approx(np.array(theirs), abs=1e-4)


def test_every_band_is_as_scipy_and_slaneys_scale_have_it():
    emphasised = np.pad(lfilter([1, -0.97], [1], sound().astype(np.float64)), 400, mode="reflect")
    transform = ShortTimeFFT(hann(800, sym=False), hop=200, fs=16_000)
    spectrum = np.abs(transform.stft(emphasised, p0=2, p1=83))
    mel_points = np.linspace(55 * 3 / 200, 15 + 27 * np.log(7.6) / np.log(6.4), 82)
    hz = np.where(mel_points < 15, mel_points * 200 / 3, 1000 * 6.4 ** ((mel_points - 15) / 27))
    energies = []
    for low, middle, high in zip(hz, hz[1:], hz[2:], strict=False):
        triangle = np.interp(transform.f, [low, middle, high], [0, 2 / (high - low), 0])
        energies.append(triangle @ spectrum)
    decibels = 20 * np.log10(np.maximum(1e-5, energies)) - 20
    expected = np.clip(8 * (decibels + 100) / 100 - 4, -4, 4)
    assert np.abs(mel_spectrogram(sound()) - expected).max() < 1e-3


def test_a_long_speech_is_heard_as_its_parts_are():
    long = np.tile(sound(), 30)
    assert np.abs(mel_spectrogram(long)[:, 2100:2150] - mel_spectrogram(long[400_000:])[:, 100:150]).max() < 1e-3


def test_a_frame_hears_a_fifth_of_a_second_from_its_own_time_on():
    mel = np.tile(np.arange(81, dtype=np.float32), (80, 1))
    starts = [int(chunk[0, 0]) for chunk in chunks(mel, 26, 25.0)]
    assert starts[:5] == [0, 3, 6, 9, 12]  # as inference.py cuts them: int(i * 80 / fps)
    assert starts[-6:] == [64, 65, 65, 65, 65, 65]  # the last ones end with the sound
    assert all(chunk.shape == (80, 16) for chunk in chunks(mel, 26, 25.0))


def test_a_sound_shorter_than_a_window_is_filled_with_silence():
    first = next(chunks(mel_spectrogram(sound()[4000:5000]), 1, 25.0))
    assert first.shape == (80, 16)
    assert (first[:, 6:] == -4).all()
    assert next(chunks(mel_spectrogram(np.zeros(1, np.float32)), 1, 25.0)).max() == -4
