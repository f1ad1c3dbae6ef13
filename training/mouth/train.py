"""Train the network that turns speech features into a mouth: engine/motion/weights/mouth.onnx.

    python -m training.mouth.train --corpus CORPUS --heard FEATURES [--tracks TRACKS --seen FEATURES] --out mouth.onnx

CORPUS by training.mouth.corpus, TRACKS of real mouths by training.mouth.track, FEATURES of either by
training.mouth.features. The losses on synthetic speech: how far each weight is from what the phonemes ask for; whether
a contact (P, B, M; F, V) is made; how far brows and nods are from the accents. On real faces: 1 - r between the gap
between the lips that our weights would make and the real one, between the mouths' widths, and between each weight and
what a tracker read; how far weights of which phonemes say nothing are from what it read; 1 - r of brows and nods.
Prints how well it does on recordings and people that it was not trained on.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, pad

from engine.arkit import LOWER_FACE
from engine.motion.compose import GAIN
from engine.motion.listen import COLUMNS, PER_FEATURE
from engine.motion.mouth import COLUMN
from engine.motion.visemes import KNOWN, SHORT
from training.mouth.examples import SEEN, Example, real, synthetic
from training.mouth.network import (
    ANEW,
    PHONEMES,
    REACH,
    READ,
    SHUT,
    STEP,
    TAPS,
    UNKNOWN,
    Answer,
    Corrected,
    Mouth,
    export,
    read,
)

CROP = 112  # features a crop, 2.7 s: a sentence of GRID
# Gap between the lips and width of the mouth, in face heights, that a weight of 1 makes: regressions on frames of our
# renderer, and the widths' signs. Only their proportions matter, since r is what is trained.
GAP = {"jaw": 0.115, "funnel": 0.025, "lower_down": 0.025, "upper_up": 0.022, "roll_lower": -0.014, "pucker": -0.005}
WIDTH = {"stretch": 1.0, "smile": 1.0, "pucker": -1.0, "funnel": -0.7}
SHARPEN = 0.5  # of the width's loss against the gap's
PENALTY = 0.03  # of the correction's ridge, in units of the mean variance
QUIET_GAP = 0.005  # face heights; mouths that hardly move do not count as much as others
QUIET_WEIGHT = 0.01  # as little is a tracker's noise
ACCENT_SPREAD = 0.2  # of the accents' strength
CONTACTS = [SHUT, COLUMNS.index("bite")]
ACCENTS = [COLUMNS.index("brow"), COLUMNS.index("nod")]
KNOWN_AT = [COLUMN[name] for name in KNOWN]
SHARES = torch.tensor([1 / len(names) for names in SHORT.values() for _ in names]) / len(SHORT)  # a pair counts once
LIPS = [COLUMN[name] for name in KNOWN if name.startswith("mouth")]  # known to phonemes and to the tracker
SEEN_WEIGHTS = len(SEEN) - len(LOWER_FACE)  # the column of a real face from which on its weights come


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one network is trained; training/README.md says what was tried."""

    width: int = 128
    dilations: tuple[int, ...] = (1, 2, 4, 8)
    dropout: float = 0.25
    steps: int = 800
    batch: int = 16
    rate: float = 2e-3
    decay: float = 0.02
    real_share: float = 0.4  # of a batch
    real_weight: float = 0.5  # of its loss
    contact_weight: float = 1.0
    unknown_weight: float = 0.1  # of what only the tracker knows
    lips_weight: float = 0.3  # of what it knows beside the phonemes
    accent_weight: float = 0.1
    seed: int = 7


DIRECT = (Recipe(), Recipe(width=64, steps=500))  # the second has had no time to learn the few sentences by heart
LABELS = (Recipe(steps=600, seed=9),)  # then corrected


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


def _by(units: dict[str, float]) -> Tensor:
    """Return (COLUMNS,): what a weight of 1 does; both sides share it."""
    made = torch.zeros(len(COLUMNS))
    for short, unit in units.items():
        for name in SHORT[short]:
            made[COLUMN[name]] = unit / len(SHORT[short])
    return made


GAP_BY = _by(GAP) * torch.cat([torch.from_numpy(GAIN).float(), torch.ones(len(COLUMNS) - len(GAIN))])
WIDTH_BY = _by(WIDTH)


def gap_and_width(values: Tensor) -> Tensor:
    """Return (b, n, 2): what answers (b, n, columns) in 0..1 would make of the lips.

    Real lips that look parted a little at a P must not teach the contacts to doubt: these learn from phonemes alone.
    """
    return torch.stack([values @ GAP_BY * (1 - values[..., SHUT].detach()), values @ WIDTH_BY], dim=-1)


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
    said, seen = Source(synthetics, network.context, random), Source(reals, network.context, random) if reals else None
    spread, seen_spread = _spread(synthetics, KNOWN_AT), _spread(reals, _seen_at(UNKNOWN)) if reals else torch.zeros(0)
    optimiser = torch.optim.AdamW(network.parameters(), lr=recipe.rate, weight_decay=recipe.decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, recipe.rate, total_steps=recipe.steps, pct_start=0.1)
    from_real = round(recipe.batch * recipe.real_share) if seen else 0
    network.train()
    for _ in range(recipe.steps):
        features, targets = said.batch(recipe.batch - from_real)
        loss = _loss_of_phonemes(network(features), targets, spread, recipe)
        if seen and from_real:
            features, targets = seen.batch(from_real)
            loss = loss + _loss_of_faces(torch.sigmoid(network(features)), targets, seen_spread, recipe)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        schedule.step()
    return network.eval()


def _loss_of_phonemes(logits: Tensor, targets: Tensor, spread: Tensor, recipe: Recipe) -> Tensor:
    values = torch.sigmoid(logits)
    off = (values[..., KNOWN_AT] - targets[..., KNOWN_AT]) / spread
    contacts = binary_cross_entropy_with_logits(logits[..., CONTACTS], targets[..., CONTACTS])
    accents = (values[..., ACCENTS] - targets[..., ACCENTS]).square().mean() / ACCENT_SPREAD**2
    loss = (off.square() * SHARES).sum(-1).mean() + recipe.contact_weight * contacts
    return loss + recipe.accent_weight * accents


def _loss_of_faces(values: Tensor, targets: Tensor, spread: Tensor, recipe: Recipe) -> Tensor:
    apart, wide = unlike(gap_and_width(values), targets[..., :2])
    unknown = (values[..., UNKNOWN] - targets[..., _seen_at(UNKNOWN)]) / spread
    lips = unlike(values[..., LIPS], targets[..., _seen_at(LIPS)]).mean()
    accents = unlike(values[..., ACCENTS], targets[..., 2:4]).mean()
    loss = recipe.real_weight * (apart + SHARPEN * wide) + recipe.unknown_weight * unknown.square().mean()
    return torch.as_tensor(loss + recipe.lips_weight * lips + recipe.accent_weight * accents)


def _seen_at(columns: list[int]) -> list[int]:
    """Where the tracker's readings of these weights are in a real face's table."""
    return [SEEN_WEIGHTS + column for column in columns]


def _spread(examples: list[Example], columns: list[int]) -> Tensor:
    """Return (columns,): how much their targets vary."""
    values = np.concatenate([one.targets[::5] for one in examples])[:, columns]
    return torch.from_numpy(values.std(0) + QUIET_WEIGHT)


@torch.no_grad()
def correct(network: Mouth, reals: list[Example]) -> Corrected:
    """Fit the jaw to real gaps, and the weights that phonemes do not know, by ridge regression from the answers.

    The body never meets the few sentences of the real mouths, so that it cannot learn them by heart.
    """
    rows, aims, jaws, means = [], [], [], []
    for one in reals:
        features, targets = padded(one, network.context)
        answers = torch.sigmoid(network(features[None]))
        told = nn.functional.pad(read(answers).transpose(1, 2), (REACH, REACH), mode="replicate")[0]
        around = torch.cat([told[:, tap * STEP : tap * STEP + answers.shape[1]] for tap in range(TAPS)]).T.double()
        gap, weights = targets[:, 0].double(), targets[:, _seen_at(UNKNOWN)].double()
        rows.append(around - around.mean(0))
        aims.append(torch.column_stack([(gap - gap.mean()) / (gap.std() + QUIET_GAP), weights - weights.mean(0)]))
        jaws.append(around[:, 0] - around[:, 0].mean())
        means.append((around.mean(0), torch.cat([around[:, :1].mean(0), weights.mean(0)])))
    inputs = torch.cat(rows)
    products = inputs.T @ inputs
    products += PENALTY * products.trace() / len(products) * torch.eye(len(products), dtype=torch.float64)
    solution = torch.linalg.solve(products, inputs.T @ torch.cat(aims))
    solution[:, 0] *= torch.cat(jaws).std() / (inputs @ solution[:, 0]).std()
    told, wanted = (torch.stack(mean).mean(0) for mean in zip(*means, strict=True))
    kernel = solution.reshape(TAPS, READ, len(ANEW)).permute(2, 1, 0)
    return Corrected(network, kernel.float(), (wanted - told @ solution).float())


@torch.no_grad()
def report(answer: Answer, synthetics: list[Example], reals: list[Example]) -> str:
    """Return lines on examples that are held out: r of weights and contacts, and of what is seen of real faces."""
    pairs = [(answer(features[None])[0], targets) for features, targets in _all(synthetics, answer.context)]
    ours, theirs = (torch.cat(columns).numpy() for columns in zip(*pairs, strict=True))
    fits = {COLUMNS[k]: np.corrcoef(ours[:, k], theirs[:, k])[0, 1] for k in [*PHONEMES, *CONTACTS, *ACCENTS]}
    found, there = ours[:, SHUT] > 0.5, theirs[:, SHUT] > 0.5
    line = "said: " + " ".join(f"{name} {fit:.2f}" for name, fit in fits.items())
    line += f" | shut found {found[there].mean():.2f} false {found[~there].mean():.3f}"
    if reals:
        seen = LIPS + UNKNOWN
        names = ("gap", "width", "brow", "nod", *(COLUMNS[column] for column in seen))
        rows = []
        for features, targets in _all(reals, answer.context):
            values = answer(features[None])
            ours_seen = torch.cat([gap_and_width(values), values[..., ACCENTS], values[..., seen]], dim=-1)
            rows.append(1 - unlike(ours_seen, targets[None][..., [0, 1, 2, 3, *_seen_at(seen)]]))
        line += "\nseen: " + " ".join(
            f"{name} {fit:.3f}" for name, fit in zip(names, torch.stack(rows).mean(0).tolist(), strict=True)
        )
    return line


def _all(examples: list[Example], context: int) -> Iterator[tuple[Tensor, Tensor]]:
    return (padded(one, context) for one in examples)


def main() -> None:
    """Train, report and save."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("corpus", "heard", "tracks", "seen", "out"):
        parser.add_argument(f"--{name}", type=Path, required=name in ("corpus", "heard", "out"))
    parser.add_argument("--other", type=int, default=0, help="added to every seed: to see by how much runs differ")
    options = parser.parse_args()
    torch.set_num_threads(1)
    said = synthetic(options.corpus, options.heard)
    seen = real(options.tracks, options.seen) if options.tracks else []
    training = [one for one in said if not one.held_out], [one for one in seen if not one.held_out]
    direct, from_labels = ([replace(one, seed=one.seed + options.other) for one in kind] for kind in (DIRECT, LABELS))
    members: list[Mouth | Corrected] = [train(*training, recipe) for recipe in direct]
    if seen:
        members += [correct(train(training[0], [], recipe), training[1]) for recipe in from_labels]
    for answer in (*(Answer([member]) for member in members), Answer(members)):
        print(report(answer.eval(), [one for one in said if one.held_out], [one for one in seen if one.held_out]))
    export(Answer(members), options.out)


if __name__ == "__main__":
    main()
