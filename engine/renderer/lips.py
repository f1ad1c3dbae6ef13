"""Where the lips part: upper layer, lower layer and the inside of the mouth put together, pixel by pixel."""

from dataclasses import dataclass

import numpy as np

from engine.renderer.geometry import Floats
from engine.renderer.interior import Interior, arriving_light
from engine.renderer.pixels import blend, dimmed, faded, over, placed, tinted
from engine.renderer.source import Source
from engine.renderer.warp import Cells, Grid, Pixels, bounds, sample, sample_photo, shifted

LEAST = 0.02  # of the inside: less shines through where lips meet, from layers a hundredth of a pixel apart
LINE_CM, LINE_SHADE = 0.08, 0.45  # the dark line between lips that meet
STILL_CM, DROPPED_CM = 0.004, 0.2  # lips that part or close by so much begin to drop their rims, and drop them all
ROUND_HIDES = 2.0  # of the lower teeth, for each share of the light that rounded lips take
TEETH_FOLLOW = 0.93  # of the lower lip's way: teeth are nearer to the hinge
TONGUE_FOLLOWS = 0.7  # of the jaw's way: its root stays
TIP_DROP_CM = 0.45  # the tongue's tip lies this far lower while it touches the upper teeth than with a shut jaw


@dataclass(frozen=True, slots=True)
class Look:
    """How the inside of the mouth is seen in a frame.

    stirred: 0 while the mouth is as in the photo, 1 once it moves.
    shade: 0..1, how much of drawn teeth rounded lips hide. shut: 0..1, how far the photo's own gap is closed.
    tongue: 0..1, how far its tip has risen to the upper teeth. front: 0..1, how far it has come between the teeth.
    """

    stirred: float
    shade: float
    shut: float
    tongue: float = 0.0
    front: float = 0.0


@dataclass(frozen=True, slots=True)
class Lips:
    """The seam between the layers.

    below_upper, below_lower: (rows, columns) cm below the upper and lower lip's inner line at the grid's nodes;
    fine_*: the same for every px of the lens, the box around the mouth. between: nodes between the corners.
    reach: where the seam may be seen, wherever head and jaw carry it.
    edge_cm: over how much a lip gives way to what is behind it: as sharp as the photo's own edges.
    soft_cm: how far from the lips' lines their edges, and the line between them, reach.
    rims: (h, w, 3) how many cm of the upper and of the lower lip are dropped once they part or close, see
    Mouth.rims_cm; and how many cm they are apart in the photo.
    """

    grid: Grid
    lens: Cells
    reach: Cells
    below_upper: Floats
    below_lower: Floats
    fine_upper: Floats
    fine_lower: Floats
    between: Floats
    interior: Interior
    edge_cm: float
    soft_cm: float
    rims: Floats
    px_per_cm: float

    def joined(self, upper: Floats, lower: Floats) -> tuple[Floats, Cells | None]:
        """One map for both layers, and the cells around the seam, where it must not be used.

        upper, lower: (rows, columns, 2) sources in px. The two are equal but between the corners.
        """
        left, top, right, bottom = self.reach.left, self.reach.top, self.reach.right, self.reach.bottom
        at_upper = self.grid.to_nodes(upper[top:bottom, left:right])
        at_lower = self.grid.to_nodes(lower[top:bottom, left:right])
        under_upper, under_lower = sample(self.below_upper, at_upper), sample(self.below_lower, at_lower)
        margin = 1.6 * self.grid.cell_px / self.px_per_cm + self.soft_cm
        near = (under_upper > -margin) & (under_lower < margin) & (sample(self.between, at_upper) > 0)
        picked = np.where((under_lower > 0)[..., None], lower[top:bottom, left:right], upper[top:bottom, left:right])
        beside = [lower[top:bottom, :left], picked, lower[top:bottom, right:]]
        joined = np.concatenate([upper[:top], np.concatenate(beside, axis=1), lower[bottom:]])
        return joined, bounds(near, self.reach)

    def draw(
        self, source: Source, cells: Cells, sources: tuple[Floats, Floats, Floats], jaw_px: Floats, look: Look
    ) -> Pixels:
        """The pixels of some cells around the seam, (h, w, 3).

        sources: of upper layer, lower layer and skull, (rows, columns, 2) px each.
        jaw_px: (2,) how far the jaw has moved.
        """
        corner = self.interior.left, self.interior.top
        upper, lower, skull = (shifted(layer, (-corner[0], -corner[1])) for layer in sources)
        at_upper, at_lower = self.grid.enlarge(upper, cells), self.grid.enlarge(lower, cells)
        rims = sample(self.rims, at_lower)
        under_upper, under_lower = sample(self.fine_upper, at_upper), sample(self.fine_lower, at_lower)
        parted = np.abs(under_upper - under_lower - rims[..., 2])
        dropped = np.clip((parted - STILL_CM) / DROPPED_CM, 0, 1)
        under_upper = under_upper + rims[..., 0] * dropped
        under_lower = under_lower - rims[..., 1] * dropped
        of_lower = np.clip(0.5 + under_lower / self.edge_cm, 0, 1)
        of_upper = np.minimum(np.clip(0.5 - under_upper / self.edge_cm, 0, 1), 1 - of_lower)
        inside = np.maximum((1 - LEAST - of_lower - of_upper) / (1 - LEAST), 0)
        lips = blend(source.at(shifted(at_lower, corner)), source.at(shifted(at_upper, corner)), of_lower, of_upper)
        hole = bounds(inside > 0)
        if hole is not None:
            here = hole.slices
            at_skull = self.grid.enlarge(skull, cells)[here]
            content = self._inside(at_skull, jaw_px, (under_upper[here], -under_lower[here]), look)
            if look.stirred < 1:
                own, share = source.at(shifted(at_skull, corner)), np.ones_like(inside[here]) * look.stirred
                content = blend(content, own, share, 1 - share)
            lips = placed(lips, hole, blend(lips[here], content, 1 - inside[here], inside[here]))
        if look.shut > 0 and np.any(self.rims):  # lips of a closed photo have their line already
            wide = np.maximum(LINE_CM, 0.5 * self.edge_cm)
            line = np.exp(-((under_lower / wide) ** 2)) * np.clip(rims[..., 1] * dropped / LINE_CM, 0, 1)
            return dimmed(lips, LINE_SHADE * LINE_CM / wide * look.shut * line)
        return lips

    def _inside(self, where: Floats, jaw_px: Floats, below: tuple[Floats, Floats], look: Look) -> Pixels:
        """Cavity, tongue and teeth in the light that this opening lets in, (h, w, 3).

        below: cm under the upper lip's edge and above the lower lip's, (h, w) each.
        """
        inner = self.interior
        at_jaw = where - jaw_px * TEETH_FOLLOW
        cavity, skull = sample_photo(inner.cavity, where), sample_photo(inner.skull, where)
        jaw = sample_photo(inner.jaw, at_jaw)
        tongue = sample_photo(inner.tongue, where - self._tongue_px(jaw_px, look.tongue))
        hidden = np.minimum(ROUND_HIDES * look.shade, 1)  # rounded lips leave the lower teeth in the dark
        own = cavity[..., 3] * np.float32(1 / 255)
        seen = 1 - hidden + np.zeros_like(own)
        if inner.jaw_own is not None:
            of_jaw = sample(inner.jaw_own, at_jaw) * np.float32(1 / 255)
            own, seen = np.maximum(own, of_jaw), 1 - hidden * (1 - of_jaw)
        content = over(skull, over(faded(jaw, seen), over(tongue, cavity)))
        if look.front > 0:
            content = over(faded(sample_photo(inner.tip, where), np.zeros_like(own) + look.front), content)
        dim = arriving_light(*below) * np.float32(1 - look.shade)
        dark = (1 - dim) * (1 - own)  # what is the photo's own has its shadows already
        return tinted(content, [1 - inner.dusk[channel] * dark for channel in range(3)])

    def _tongue_px(self, jaw_px: Floats, lift: float) -> Floats:
        """How far the tongue has moved: most of the way with the jaw, but its lifted tip stays with the upper teeth."""
        drop = np.sqrt(jaw_px[0] ** 2 + jaw_px[1] ** 2) / self.px_per_cm
        raised = np.minimum(TONGUE_FOLLOWS, TIP_DROP_CM / np.maximum(drop, 1e-3))
        moved: Floats = jaw_px * (TONGUE_FOLLOWS + lift * (raised - TONGUE_FOLLOWS))
        return moved


def soft_cm(rims: Floats, edge_cm: float) -> float:
    """Lips.soft_cm: dropped rims and, 2.2 times as far as its half width, the line between shut lips."""
    line_cm = 2.2 * max(LINE_CM, 0.5 * edge_cm)
    return float(rims[..., :2].max()) + max(0.5 * edge_cm, line_cm)
