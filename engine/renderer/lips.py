"""Where the lips part: upper layer, lower layer and the inside of the mouth put together, pixel by pixel."""

from dataclasses import dataclass

import numpy as np

from engine.renderer.geometry import Floats, smoothstep
from engine.renderer.interior import Interior
from engine.renderer.source import Source
from engine.renderer.warp import Cells, Grid, Pixels, bounds, sample, to_pixels

SHADOW_CM = 0.35  # how far the lips' shadow reaches into the mouth
LINE_CM, LINE_SHADE = 0.08, 0.45  # the dark line between lips that meet
LIT_GAP_CM = 1.2  # an opening this high lets all the light in


@dataclass(frozen=True, slots=True)
class Look:
    """How the inside of the mouth is seen in a frame.

    stirred: 0 while the mouth is as in the photo, 1 once it moves.
    shade: 0..1, how much of drawn teeth rounded lips hide. shut: 0..1, how far the photo's own gap is closed.
    """

    stirred: float
    shade: float
    shut: float


@dataclass(frozen=True, slots=True)
class Lips:
    """The seam between the layers.

    below_upper, below_lower: (rows, columns) cm below the upper and lower lip's inner line at the grid's nodes;
    fine_*: the same for every px of the lens, the box around the mouth. between: nodes between the corners.
    edge_cm: over how much a lip gives way to what is behind it: as sharp as the photo's own edges.
    rim: for every px of the lens, how many cm of each lip are dropped once the mouth moves, see Mouth.rim_cm.
    """

    grid: Grid
    lens: Cells
    below_upper: Floats
    below_lower: Floats
    fine_upper: Floats
    fine_lower: Floats
    between: Floats
    interior: Interior
    edge_cm: float
    rim: Floats
    px_per_cm: float

    def joined(self, upper: Floats, lower: Floats) -> tuple[Floats, Cells | None]:
        """One map for both layers, and the cells around the seam, where it must not be used.

        upper, lower: (rows, columns, 2) sources in px. The two are equal but between the corners.
        """
        at_upper, at_lower = self.grid.to_nodes(upper), self.grid.to_nodes(lower)
        under_upper, under_lower = sample(self.below_upper, at_upper), sample(self.below_lower, at_lower)
        margin = 1.6 * self.grid.cell_px / self.px_per_cm
        near = (under_upper > -margin) & (under_lower < margin) & (sample(self.between, at_upper) > 0)
        joined = np.where((under_lower > 0)[..., None], lower, upper)
        return joined, bounds(near)

    def draw(
        self, source: Source, cells: Cells, sources: tuple[Floats, Floats, Floats], jaw_px: Floats, look: Look
    ) -> Pixels:
        """The pixels of some cells around the seam, (h, w, 3).

        sources: of upper layer, lower layer and skull, (rows, columns, 2) px each.
        jaw_px: (2,) how far the jaw has moved.
        """
        upper, lower, skull = sources
        from_upper, from_lower = self.grid.enlarge(upper, cells), self.grid.enlarge(lower, cells)
        origin = np.array([self.interior.left, self.interior.top], np.float32)
        rim = sample(self.rim, from_lower - origin)
        under_upper = sample(self.fine_upper, from_upper - origin) + rim * look.stirred
        under_lower = sample(self.fine_lower, from_lower - origin) - rim * look.stirred
        soft = np.float32(self.edge_cm)
        of_lower = np.clip(0.5 + under_lower / soft, 0, 1)
        of_upper = np.minimum(np.clip(0.5 - under_upper / soft, 0, 1), 1 - of_lower)
        inside = 1 - of_lower - of_upper
        frame = source.at(from_lower).astype(np.float32) * of_lower[..., None]
        frame += source.at(from_upper).astype(np.float32) * of_upper[..., None]
        if float(inside.max()) > 1e-4:
            from_skull = self.grid.enlarge(skull, cells)
            content = self._inside(from_skull - origin, jaw_px, under_upper, -under_lower, look.shade)
            if look.stirred < 1:
                own = source.at(from_skull).astype(np.float32)
                content = own + np.float32(look.stirred) * (content - own)
            frame += content * inside[..., None]
        if look.shut > 0 and self.rim.any():  # lips of a closed photo have their line already
            wide = max(LINE_CM, 0.5 * self.edge_cm)
            line = np.exp(-((under_lower / wide) ** 2)) * np.clip(rim / LINE_CM, 0, 1)
            frame *= (1 - LINE_SHADE * LINE_CM / wide * look.shut * line)[..., None]
        return to_pixels(frame)

    def _inside(self, where: Floats, jaw_px: Floats, from_top: Floats, from_bottom: Floats, shade: float) -> Floats:
        """Cavity, tongue and teeth in the light that this opening lets in."""
        at_jaw = where - jaw_px
        jaw, skull = sample(self.interior.jaw, at_jaw), sample(self.interior.skull, where)
        cavity = sample(self.interior.cavity, where)
        lit = np.maximum(sample(self.interior.skull_own, where), sample(self.interior.jaw_own, at_jaw))
        seen = np.float32(1) - np.float32(shade) * (1 - lit)[..., None]  # of the teeth and the tongue
        content = cavity * (1 - jaw[..., 3:] * seen) + jaw[..., :3] * seen
        content = content * (1 - skull[..., 3:] * seen) + skull[..., :3] * seen
        gap = float(np.percentile((from_top + from_bottom)[::4, ::4], 90))
        light = 0.82 + 0.18 * min(max(gap, 0.0) / LIT_GAP_CM, 1.0)
        top = 0.62 + 0.38 * smoothstep(-0.05, SHADOW_CM, from_top)
        bottom = 0.75 + 0.25 * smoothstep(-0.05, 0.7 * SHADOW_CM, from_bottom)
        dim = top * bottom * np.float32(light)
        dim += (1 - dim) * lit  # the photo's own teeth have their shadows already
        return np.asarray(content * (1 - self.interior.dusk * (1 - dim[..., None])), np.float32)
