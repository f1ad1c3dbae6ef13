"""Keeps a layer from folding over itself: on a face that is unlike the table's, a shape goes less far."""

import numpy as np
from numpy.typing import NDArray

from engine.renderer.geometry import Floats

LEAST = 0.2  # of a place's area is left at weight 1, so that a sum of shapes keeps some too
TRIES = 3  # the area is not quite linear in the weight


def jacobians(moves_px: Floats, cell_px: int) -> Floats:
    """(rows, columns) areas of what was 1, for (rows, columns, 2) displacements of nodes cell_px apart."""
    by_row, by_column = np.gradient(moves_px, axis=0) / cell_px, np.gradient(moves_px, axis=1) / cell_px
    return np.asarray((1 + by_column[..., 0]) * (1 + by_row[..., 1]) - by_row[..., 0] * by_column[..., 1], np.float32)


def how_far(basis: Floats, cell_px: int, seen: tuple[NDArray[np.bool_], NDArray[np.bool_]]) -> Floats:
    """(k,) 0..1: how far each of the fields (k, 2, rows, columns, 2) goes without folding what is seen of a layer."""
    factors = np.ones(len(basis), np.float32)
    for k, field in enumerate(basis):
        for _ in range(TRIES):
            least = min(
                float(jacobians(layer * factors[k], cell_px)[where].min(initial=1.0))
                for layer, where in zip(field, seen, strict=True)
            )
            if least >= LEAST:
                break
            factors[k] *= (1 - LEAST) / (1 - least)
    return factors
