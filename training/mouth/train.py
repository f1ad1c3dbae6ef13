"""Train the network that turns speech features into a mouth: engine/motion/weights/mouth.onnx.

    python -m training.mouth.train --corpus CORPUS --heard FEATURES [--tracks TRACKS --seen FEATURES] --out mouth.onnx

CORPUS by training.mouth.corpus, TRACKS of real mouths by training.mouth.track, FEATURES of either by
training.mouth.features. The losses: how far each shape is from what the phonemes ask for; whether a contact (P, B, M;
F, V) is made; and, for real mouths, 1 - r between the gap between the lips that our shapes would make and the real
one, and between the mouths' widths. Prints how well it does on recordings and people that it was not trained on.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, pad

from engine.motion.compose import GAINS
from engine.motion.listen import COLUMNS, HEARD, PER_FEATURE
from training.mouth.examples import Example, real, synthetic
from training.mouth.network import REACH, READ, STEP, TAPS, Answer, Corrected, Mouth, export, read

SHAPES = len(HEARD)
CROP = 112  # features a crop, 2.7 s: a sentence of GRID
# Gap between the lips and width of the mouth, in face heights, that a weight of 1 makes: regressions on frames of our
# renderer, and the widths' signs. Only their proportions matter, since r is what is trained.
GAP = {"jaw": 0.115, "funnel": 0.025, "lower_down": 0.025, "upper_up": 0.022, "roll_lower": -0.014, "pucker": -0.005}
WIDTH = {"stretch": 1.0, "smile": 1.0, "pucker": -1.0, "funnel": -0.7}
SHARPEN = 0.5  # of the width's loss against the gap's
PENALTY = 0.03  # of the correction's ridge, in units of the mean variance
QUIET_GAP = 0.005  # face heights; mouths that hardly move do not count as much as others


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one network is trained; training/README.md says what was tried."""

    width: int = 128
    dilations: tuple[int, ...] = (1, 2, 4, 8)
    dropout: float = 0.25
    steps: int = 1500
    batch: int = 16
    rate: float = 2e-3
    decay: float = 0.02
    real_share: float = 0.4  # of a batch
    real_weight: float = 0.5  # of its loss
    contact_weight: float = 1.0
    seed: int = 7


DIRECT = (Recipe(), Recipe(width=64, steps=500))  # the second has had no time to learn the few sentences by heart
FROM_LABELS = Recipe(steps=1000, seed=9)  # then corrected


class Source:
    """Crops of examples, at random."""

    def __init__(self, examples: list[Example], context: int, random: np.random.Generator) -> None:
        self._examples = examples
        self._context = context
        self._random = random
        sizes = np.array([len(one.features) for one in examples], np.float64)
        self._chances = sizes / sizes.sum()

    def batch(self, count: int) -> tuple[Tensor, Tensor]:
        """Return features (count, CROP + 2 * context, FEATURES) and targets (count, PER_FEATURE * CROP, k)."""
        chosen = self._random.choice(len(self._examples), count, p=self._chances)
        crops = [self._crop(self._examples[i]) for i in chosen]
        return torch.stack([features for features, _ in crops]), torch.stack([targets for _, targets in crops])

    def _crop(self, one: Example) -> tuple[Tensor, Tensor]:
        features, targets = padded(one, self._context, at_least=CROP)
        start = int(self._random.integers(0, len(targets) // PER_FEATURE - CROP + 1))
        wanted = features[start : start + CROP + 2 * self._context]
        return wanted, targets[PER_FEATURE * start : PER_FEATURE * (start + CROP)]


def padded(one: Example, context: int, at_least: int = 0) -> tuple[Tensor, Tensor]:
    """Return the features with their first and last held for `context`, and the targets, as long as asked."""
    features, targets = torch.from_numpy(one.features.astype(np.float32)), torch.from_numpy(one.targets)
    more = max(0, at_least - len(features))
    features = pad(features.T[None], (context, context + more), mode="replicate")[0].T
    return features, pad(targets.T[None], (0, PER_FEATURE * more), mode="replicate")[0].T


def gap_and_width(values: Tensor) -> Tensor:
    """Return (b, n, 2): what answers (b, n, columns) in 0..1 would make of the lips.

    Real lips that look parted a little at a P must not teach the contacts to doubt: these learn from phonemes alone.
    """
    shut = values[..., COLUMNS.index("shut")].detach()
    gap = sum(GAP[name] * GAINS.get(name, 1.0) * values[..., COLUMNS.index(name)] for name in GAP)
    width = sum(WIDTH[name] * values[..., COLUMNS.index(name)] for name in WIDTH)
    return torch.stack([gap * (1 - shut), torch.as_tensor(width)], dim=-1)


def unlike(ours: Tensor, theirs: Tensor) -> Tensor:
    """Return (k,): 1 - r along time of (b, n, k), mean over the batch."""
    ours, theirs = ours - ours.mean(1, keepdim=True), theirs - theirs.mean(1, keepdim=True)
    product = (ours * theirs).sum(1) / (ours.norm(dim=1) * theirs.norm(dim=1) + 1e-6)
    return (1 - product).mean(0)


def train(synthetics: list[Example], reals: list[Example], recipe: Recipe) -> Mouth:
    """Return the trained network."""
    torch.manual_seed(recipe.seed)
    random = np.random.default_rng(recipe.seed)
    network = Mouth(recipe.width, recipe.dilations, recipe.dropout)
    sample = np.concatenate([one.features[::5] for one in [*synthetics, *reals]]).astype(np.float32)
    network.mean.copy_(torch.from_numpy(sample.mean(0)))
    network.scale.copy_(torch.from_numpy(1 / (sample.std(0) + 1e-3)))
    spread = torch.from_numpy(np.concatenate([one.targets[::5] for one in synthetics]).std(0)[:SHAPES] + 1e-3)
    said, seen = Source(synthetics, network.context, random), Source(reals, network.context, random) if reals else None
    optimiser = torch.optim.AdamW(network.parameters(), lr=recipe.rate, weight_decay=recipe.decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, recipe.rate, total_steps=recipe.steps, pct_start=0.1)
    from_real = round(recipe.batch * recipe.real_share) if seen else 0
    network.train()
    for _ in range(recipe.steps):
        features, targets = said.batch(recipe.batch - from_real)
        logits = network(features)
        off = (torch.sigmoid(logits[..., :SHAPES]) - targets[..., :SHAPES]) / spread
        contacts = binary_cross_entropy_with_logits(logits[..., SHAPES:], targets[..., SHAPES:])
        loss = off.square().mean() + recipe.contact_weight * contacts
        if seen and from_real:
            features, targets = seen.batch(from_real)
            apart, wide = unlike(gap_and_width(torch.sigmoid(network(features))), targets)
            loss = loss + recipe.real_weight * (apart + SHARPEN * wide)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        schedule.step()
    return network.eval()


@torch.no_grad()
def correct(network: Mouth, reals: list[Example]) -> Corrected:
    """Fit the jaw to real gaps by ridge regression from the network's own answers.

    The body never meets the few sentences of the real mouths, so that it cannot learn them by heart.
    """
    rows, gaps, jaws = [], [], []
    for one in reals:
        features, targets = padded(one, network.context)
        answers = torch.sigmoid(network(features[None]))
        seen = nn.functional.pad(read(answers).transpose(1, 2), (REACH, REACH), mode="replicate")[0]
        around = torch.cat([seen[:, tap * STEP : tap * STEP + answers.shape[1]] for tap in range(TAPS)]).T.double()
        gap = targets[:, 0].double()
        rows.append(around - around.mean(0))
        gaps.append((gap - gap.mean()) / (gap.std() + QUIET_GAP))
        jaws.append(around[:, :1] - around[:, :1].mean())
    inputs, wanted, jaw = torch.cat(rows), torch.cat(gaps), torch.cat(jaws)
    products = inputs.T @ inputs
    products += PENALTY * products.trace() / len(products) * torch.eye(len(products), dtype=torch.float64)
    solution = torch.linalg.solve(products, inputs.T @ wanted)
    solution *= jaw.std() / (inputs @ solution).std()
    kernel = solution.reshape(TAPS, READ).T[None].float()
    plain = Corrected(network, kernel, 0.0)
    offsets = []
    for one in reals:
        features, _ = padded(one, plain.context)
        answers = torch.sigmoid(network(features[None]))
        raw = nn.functional.conv1d(read(answers).transpose(1, 2), kernel, dilation=STEP)[0, 0]
        offsets.append(answers[0, REACH:-REACH, 0].mean() - raw.mean())
    return Corrected(network, kernel, float(torch.stack(offsets).mean()))


@torch.no_grad()
def report(answer: Answer, synthetics: list[Example], reals: list[Example]) -> str:
    """Return a line on examples that are held out: r of shapes and contacts, and of real gaps and widths."""
    answers, wanted = [], []
    for one in synthetics:
        features, targets = padded(one, answer.context)
        answers.append(answer(features[None])[0])
        wanted.append(targets)
    ours, theirs = torch.cat(answers).numpy(), torch.cat(wanted).numpy()
    fits = [np.corrcoef(ours[:, k], theirs[:, k])[0, 1] for k in range(len(COLUMNS))]
    found, there = ours[:, -1] > 0.5, theirs[:, -1] > 0.5
    line = " ".join(f"{name} {fit:.2f}" for name, fit in zip(COLUMNS, fits, strict=True))
    line += f" | shut found {found[there].mean():.2f} false {found[~there].mean():.3f}"
    if reals:
        pairs = [padded(one, answer.context) for one in reals]
        fits = [1 - unlike(gap_and_width(answer(f[None])), t[None]).numpy() for f, t in pairs]
        line += " | real gap {:.3f} width {:.3f}".format(*np.mean(fits, axis=0))
    return line


def main() -> None:
    """Train, report and save."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("corpus", "heard", "tracks", "seen", "out"):
        parser.add_argument(f"--{name}", type=Path, required=name in ("corpus", "heard", "out"))
    options = parser.parse_args()
    torch.set_num_threads(1)
    said = synthetic(options.corpus, options.heard)
    seen = real(options.tracks, options.seen) if options.tracks else []
    training = [one for one in said if not one.held_out], [one for one in seen if not one.held_out]
    members: list[Mouth | Corrected] = [train(*training, recipe) for recipe in DIRECT]
    if seen:
        members.append(correct(train(training[0], [], FROM_LABELS), training[1]))
    for answer in (*(Answer([member]) for member in members), Answer(members)):
        print(report(answer.eval(), [one for one in said if one.held_out], [one for one in seen if one.held_out]))
    export(Answer(members), options.out)


if __name__ == "__main__":
    main()
