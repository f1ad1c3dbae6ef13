"""What a model's file has to offer: found by shape, proved by a forward pass."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from engine.errors import ModelUnfit
from engine.sessions import first_line
from engine.wav2lip.mel import BANDS, CHUNK, MAX_ABS

SIZES_PX = (96, 192, 256, 288, 384)  # of the square face
MAX_BATCH = 128
TRIAL_BATCH = 2  # where the batch is free: some files only claim that it is
TOLERANCE = 0.01  # beyond 0..1: float16 rounds, and interpolation overshoots
TYPES = {"tensor(float)": "float32", "tensor(float16)": "float16"}
Shape = tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Contract:
    """How a file wants to be asked.

    size_px: side of the face. batch: frames at a time; None: any number. mel, face, output: names in the graph.
    mel_dtype, face_dtype: "float32" or "float16".
    """

    size_px: int
    batch: int | None
    mel: str
    face: str
    output: str
    mel_dtype: str
    face_dtype: str

    def run(self, session: ort.InferenceSession, mel: NDArray[Any], face: NDArray[Any]) -> NDArray[np.float32]:
        """(n, 1, 80, 16) and (n, 6, size, size) to (n, 3, size, size), with n as the batch says."""
        inputs = {self.mel: mel.astype(self.mel_dtype), self.face: face.astype(self.face_dtype)}
        return np.asarray(session.run([self.output], inputs)[0], np.float32)


def contract_of(session: ort.InferenceSession) -> Contract:
    """How this model is asked. Raises ModelUnfit with the reason why it cannot be."""
    candidates = list(_candidates(session))
    if not candidates:
        raise ModelUnfit(f"the file takes and gives {_told(session)}", **_details(session))
    failure: ModelUnfit | None = None
    for contract in candidates:
        try:
            _try(session, contract)
        except ModelUnfit as error:
            failure = failure or error
        else:
            return contract
    assert failure  # no candidate passed
    raise failure


def _candidates(session: ort.InferenceSession) -> Iterator[Contract]:
    """Every way of asking that the declared shapes allow; usually one."""
    inputs, outputs = session.get_inputs(), session.get_outputs()
    if len(inputs) != 2 or len(outputs) != 1 or any(value.type not in TYPES for value in (*inputs, *outputs)):
        return
    output = outputs[0]
    for (mel, face), size in product((inputs, inputs[::-1]), SIZES_PX):
        batches = {_shape(value)[0] for value in (mel, face) if len(value.shape) == 4}
        fixed = batches - {None}
        if (
            len(fixed) <= 1
            and _matches(mel, (None, 1, BANDS, CHUNK))
            and _matches(face, (None, 6, size, size))
            and _matches(output, (None, 3, size, size))
        ):
            batch = next(iter(fixed), None)
            if batch is None or 1 <= batch <= MAX_BATCH:
                yield Contract(size, batch, mel.name, face.name, output.name, TYPES[mel.type], TYPES[face.type])


def _matches(value: ort.NodeArg, wanted: Shape) -> bool:
    """Whether a declared shape can be this one; what it leaves open fits everything."""
    shape = _shape(value)
    if not shape:
        return True  # an output may declare nothing at all
    both = zip(shape, wanted, strict=False)
    return len(shape) == len(wanted) and all(one is None or other is None or one == other for one, other in both)


def _shape(value: ort.NodeArg) -> Shape:
    return tuple(length if isinstance(length, int) and length > 0 else None for length in value.shape or ())


def _try(session: ort.InferenceSession, contract: Contract) -> None:
    """One forward pass of a made-up face and sound. Raises ModelUnfit."""
    count = contract.batch or TRIAL_BATCH
    random = np.random.default_rng(0)
    mel = random.uniform(-MAX_ABS, MAX_ABS, (count, 1, BANDS, CHUNK))
    face = random.uniform(0, 1, (count, 6, contract.size_px, contract.size_px))
    try:
        out = contract.run(session, mel, face)
    except Exception as error:  # ONNX Runtime raises a dozen classes of its own
        raise ModelUnfit(f"a forward pass failed: {first_line(error)}") from error
    wanted = (count, 3, contract.size_px, contract.size_px)
    if out.shape != wanted:
        raise ModelUnfit(f"a forward pass gave {out.shape}, not {wanted}", shape=list(out.shape), wanted=list(wanted))
    if not np.isfinite(out).all():
        raise ModelUnfit("a forward pass gave numbers that are not finite")
    low, high = float(out.min()), float(out.max())
    if low < -TOLERANCE or high > 1 + TOLERANCE:
        raise ModelUnfit(f"a forward pass gave colours from {low:.3g} to {high:.3g}, not 0 to 1", low=low, high=high)


def _told(session: ort.InferenceSession) -> str:
    inputs, outputs = (
        " and ".join(f"{value.name} {_declared(value)} {value.type}" for value in values) or "nothing"
        for values in (session.get_inputs(), session.get_outputs())
    )
    return f"{inputs} for {outputs}; wanted: (n, 1, 80, 16) and (n, 6, S, S) for (n, 3, S, S)"


def _declared(value: ort.NodeArg) -> str:
    return "(" + ", ".join(str(length) for length in value.shape or ()) + ")"


def _details(session: ort.InferenceSession) -> dict[str, Any]:
    return {
        "inputs": {value.name: list(value.shape) for value in session.get_inputs()},
        "outputs": {value.name: list(value.shape) for value in session.get_outputs()},
        "sizes": list(SIZES_PX),
    }
