"""The steps of the public Wav2Lip program around its network, as its inference.py and audio.py have them.

https://github.com/Rudrabha/Wav2Lip: sound to mel chunks by SciPy and librosa's STFT; for every frame the face resized,
masked and stacked into batches of 128 in float64; the answer resized to the face's box and pasted.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from engine.wav2lip.mel import CHUNK, HOP, N_FFT

BATCH = 128  # its default
Frame = NDArray[np.uint8]
Floats = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Original:
    """frame: (h, w, 3) BGR. box: top, bottom, left, right of the face. basis: (80, 401) mel filters."""

    frame: Frame
    box: tuple[int, int, int, int]
    size_px: int
    basis: Floats

    def heard(self, samples: Floats, fps: float) -> list[Floats]:
        """The mel chunks of a sound: all at once, as it keeps them."""
        emphasised = np.pad(lfilter([1, -0.97], [1], samples), N_FFT // 2, mode="reflect")
        windows = np.lib.stride_tricks.sliding_window_view(emphasised, N_FFT)[::HOP]
        spectrum = np.fft.rfft(windows * np.hanning(N_FFT + 1)[:-1], axis=1).astype(np.complex64).T
        decibels = 20 * np.log10(np.maximum(1e-5, np.dot(self.basis, np.abs(spectrum)))) - 20
        mel = np.clip(8 * ((decibels + 100) / 100) - 4, -4, 4)
        starts = (int(frame * 80 / fps) for frame in range(int(len(samples) / 16_000 * fps)))
        return [mel[:, min(start, mel.shape[1] - CHUNK) :][:, :CHUNK] for start in starts]

    def asked(self, chunks: list[Floats]) -> Iterator[tuple[Floats, Floats, list[Frame]]]:
        """Yield batches: faces (n, 6, size, size), mels (n, 1, 80, 16), and a copy of the frame for each."""
        top, bottom, left, right = self.box
        for start in range(0, len(chunks), BATCH):
            mels, faces, frames = [], [], []
            for chunk in chunks[start : start + BATCH]:
                frames.append(self.frame.copy())
                faces.append(cv2.resize(self.frame[top:bottom, left:right], (self.size_px, self.size_px)))
                mels.append(chunk)
            whole = np.asarray(faces)
            masked = whole.copy()
            masked[:, self.size_px // 2 :] = 0
            both = np.concatenate((masked, whole), axis=3) / 255.0
            mel = np.asarray(mels)[..., None]
            yield both.transpose(0, 3, 1, 2).astype(np.float32), mel.transpose(0, 3, 1, 2).astype(np.float32), frames

    def pasted(self, generated: Floats, frame: Frame) -> Frame:
        """A frame with (3, size, size) of the network's in it."""
        top, bottom, left, right = self.box
        picture = (generated.transpose(1, 2, 0) * 255.0).astype(np.uint8)
        frame[top:bottom, left:right] = cv2.resize(picture, (right - left, bottom - top))
        return frame
