"""Wav2Lip: frames whose mouth a network has made; head, eyes and brows are the layered renderer's."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TypeVar

import numpy as np
import onnxruntime as ort

from engine.arkit import ARKIT_NAMES
from engine.face.types import Face
from engine.motion.types import MotionTrack
from engine.renderer.rig import Rig
from engine.renderer.warp import Pixels
from engine.sessions import CPU, cores, open_foreign
from engine.speech.types import Speech
from engine.wav2lip.contract import Contract, contract_of
from engine.wav2lip.crop import Crop, cut_face
from engine.wav2lip.mel import Floats, chunks, mel_spectrogram

MOUTH = tuple(i for i, name in enumerate(ARKIT_NAMES) if name.startswith(("jaw", "mouth", "tongue", "cheekPuff")))
# Frames at a time: what a network keeps while it runs grows with them and with the face's area (96 px: 10 MB a frame).
CPU_FRAMES, GPU_FRAMES = 8, 64
THREADS = 4  # of the network, at most; the encoder wants cores too
Item = TypeVar("Item")


class Wav2Lip:
    """A mouth generator (engine.pipeline.MouthGenerator) around a session that keeps the contract."""

    def __init__(self, session: ort.InferenceSession, contract: Contract) -> None:
        self.contract = contract
        self._session = session
        small_faces = CPU_FRAMES if session.get_providers()[0] == CPU else GPU_FRAMES
        self._batch = contract.batch or max(1, round(small_faces * (96 / contract.size_px) ** 2))

    def frames(self, rig: Rig, face: Face, speech: Speech, motion: MotionTrack, first: int = 0) -> Iterator[Pixels]:
        """Yield each frame of a track as Rig.frames does, with the mouth that the network makes of the speech.

        face: the one that the rig was built around. first: the number of the track's first frame in the speech.
        """
        crop = cut_face(rig, face, self.contract.size_px)
        heard = islice(chunks(mel_spectrogram(speech.analysis), first + len(motion), motion.fps), first, None)
        changes = _ahead(self._changes(crop, heard))
        for frame, head, change in zip(rig.frames(without_mouth(motion)), motion.head, changes, strict=True):
            crop.add(frame, rig, head, change)
            yield frame

    def faces(self, face: Floats, heard: Iterator[Floats]) -> Iterator[Floats]:
        """Yield batches of (n, 3, size, size) BGR faces in 0..1: one for each (80, 16) mel.

        face: (6, size, size), without its lower half and whole.
        """
        faces = np.repeat(face[None], self._batch, axis=0)
        while batch := list(islice(heard, self._batch)):
            count = len(batch)
            if self.contract.batch:
                batch += [batch[-1]] * (self.contract.batch - count)
            out = self.contract.run(self._session, np.stack(batch)[:, None], faces[: len(batch)])
            yield np.clip(out[:count], 0, 1)

    def _changes(self, crop: Crop, heard: Iterator[Floats]) -> Iterator[list[Floats]]:
        for batch in self.faces(crop.inputs, heard):
            yield [crop.change(one) for one in batch]


def open_wav2lip(model: Path | bytes, provider: str | None = None) -> Wav2Lip:
    """Open a model's file and try it. Files that nobody has tried yet are for probe(), which survives them.

    provider: as for open_session. Raises ModelUnfit, GpuUnavailable, and OSError when there is no such file.
    """
    data = model.read_bytes() if isinstance(model, Path) else model
    session = open_foreign(data, provider, threads=min(THREADS, cores()))
    return Wav2Lip(session, contract_of(session))


def without_mouth(motion: MotionTrack) -> MotionTrack:
    """The same motion of head, eyes and brows, with the mouth as it is in the photo."""
    weights = motion.weights.copy()
    weights[:, MOUTH] = 0
    return replace(motion, weights=weights)


def _ahead(batches: Iterator[list[Item]]) -> Iterator[Item]:
    """The items of some batches, of which the next is made while the last is used."""
    with ThreadPoolExecutor(1, "mouth") as pool:
        coming = pool.submit(next, batches, None)
        while (batch := coming.result()) is not None:
            coming = pool.submit(next, batches, None)
            yield from batch
