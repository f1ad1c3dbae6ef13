"""Train the head that turns speech features into a mouth: engine/motion/weights/mouth.onnx.

    pip install --no-deps -r training/requirements.txt
    python -m training.mouth.fit [--speeches 90] [--seed 7]

Ridge regression from encoder features, with 0.19 s of context on either side, to what the phonemes of synthetic
speech make a mouth do. Prints how well it does on speech that it was not trained on.
"""

import argparse
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from engine.motion.articulate import articulate
from engine.motion.encoder import FEATURE_HZ, FEATURES, encode
from engine.motion.listen import CONTEXT, HEAD, HEARD
from engine.motion.mouth import COLUMN, RATE_HZ
from engine.speech import Speech
from training.mouth.synthetic import speeches

Floats = NDArray[np.float64]
STEP = 2  # features between the taps; neighbouring features tell nearly the same
TAPS = 2 * CONTEXT // STEP + 1
PENALTY = 0.03  # of the ridge, in units of the mean variance; 0.003 to 0.3 differ by 0.01 in r
COLUMNS = len(HEARD) + 1
WAVER = 0.5  # a linear map hedges; shutness of 0.2 and below becomes 0, of 0.2 + WAVER and above 1
UNSURE = 0.2


@dataclass(frozen=True, slots=True)
class Example:
    """features: (n, FEATURES). targets: (n, COLUMNS) at the same times."""

    features: Floats
    targets: Floats


def example(speech: Speech) -> Example:
    """Label synthetic speech by its phones."""
    features = np.concatenate(list(encode(speech.analysis))).astype(np.float64)
    mouth, shutness = articulate(speech.phones, speech.duration_s)
    curves = np.column_stack([mouth[:, [COLUMN[name] for name in HEARD]], shutness])
    times = np.arange(len(features)) / FEATURE_HZ * RATE_HZ
    targets = np.stack([np.interp(times, np.arange(len(curves)), column) for column in curves.T], axis=1)
    return Example(features, targets)


def with_context(features: Floats) -> Floats:
    """Return (n, TAPS * FEATURES + 1): each row's neighbours side by side, and a one for the bias."""
    padded = np.pad(features, ((CONTEXT, CONTEXT), (0, 0)), mode="edge")
    taps = [padded[offset : offset + len(features)] for offset in range(0, 2 * CONTEXT + 1, STEP)]
    return np.column_stack([*taps, np.ones(len(features))])


def fit(examples: Iterable[Example]) -> Floats:
    """Return the ridge solution (TAPS * FEATURES + 1, COLUMNS)."""
    size = TAPS * FEATURES + 1
    products, answers = np.zeros((size, size)), np.zeros((size, COLUMNS))
    for one in examples:
        rows = with_context(one.features)
        products += rows.T @ rows
        answers += rows.T @ one.targets
    penalty = PENALTY * np.diag(np.append(np.full(size - 1, np.diag(products)[:-1].mean()), 0))
    return np.asarray(np.linalg.solve(products + penalty, answers), np.float64)


def stretched(solution: Floats, examples: Iterable[Example]) -> Floats:
    """Widen each column about its mean until it varies as much as its target: a ridge shrinks what it predicts."""
    predicted = np.concatenate([with_context(one.features) @ solution for one in examples])
    wanted = np.concatenate([one.targets for one in examples])
    gain = wanted.std(axis=0) / predicted.std(axis=0)
    widened = solution * gain
    widened[-1] += wanted.mean(axis=0) - predicted.mean(axis=0) * gain
    return np.asarray(widened, np.float64)


def save(solution: Floats) -> None:
    """Write the head: one convolution, and for shutness a steeper step."""
    kernel = solution[:-1].reshape(TAPS, FEATURES, COLUMNS).transpose(2, 1, 0).astype(np.float32)
    bias = solution[-1].astype(np.float32)
    kernel[-1] /= WAVER
    bias[-1] = (bias[-1] - UNSURE) / WAVER
    nodes = [
        helper.make_node("Transpose", ["features"], ["channels"], perm=[0, 2, 1]),
        helper.make_node("Conv", ["channels", "kernel", "bias"], ["raw"], dilations=[STEP]),
        helper.make_node("Clip", ["raw", "zero", "one"], ["clipped"]),
        helper.make_node("Transpose", ["clipped"], ["mouth"], perm=[0, 2, 1]),
    ]
    constants = {"kernel": kernel, "bias": bias, "zero": np.float32(0), "one": np.float32(1)}
    graph = helper.make_graph(
        nodes,
        "mouth",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, [1, "n", FEATURES])],
        [helper.make_tensor_value_info("mouth", TensorProto.FLOAT, [1, "m", COLUMNS])],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    model.doc_string = "Columns: " + ", ".join([*HEARD, "shutness"])
    onnx.checker.check_model(model)
    HEAD.parent.mkdir(exist_ok=True)
    onnx.save(model, HEAD)


def report(solution: Floats, held_out: list[Example]) -> None:
    """Print the correlation of each column with its target on held-out speech."""
    predicted = np.concatenate([with_context(one.features) @ solution for one in held_out])
    wanted = np.concatenate([one.targets for one in held_out])
    for column, name in enumerate([*HEARD, "shutness"]):
        print(f"{name:12s} r = {np.corrcoef(predicted[:, column], wanted[:, column])[0, 1]:.3f}")


def main() -> None:
    """Train, report and save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--speeches", type=int, default=90, help="of about 19 s each")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    examples = [example(speech) for speech in speeches(options.speeches, options.seed)]
    held_out, training = examples[::10], [one for number, one in enumerate(examples) if number % 10]
    solution = stretched(fit(training), training)
    report(solution, held_out)
    save(solution)


if __name__ == "__main__":
    main()
