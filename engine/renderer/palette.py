"""Colours and light of the inside of the mouth, read off the photo's skin and lips."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.face.types import Face
from engine.renderer.geometry import Floats, HeadFrame

COLOURLESS = 0.08  # skin less saturated than this is a black-and-white photo's
TONED = 0.016  # of the light: colours that follow brightness so closely are a toned photo's; real colours: 0.03 up
LUMA = np.array([0.299, 0.587, 0.114], np.float32)
RIGHT_CHEEK, LEFT_CHEEK = (50, 205, 101), (280, 425, 330)  # as the person feels it
LIP_MARKS = (17, 84, 314, 0)
EYE_WHITES = ((33, 468), (133, 468), (362, 473), (263, 473))  # corners and irises; the white lies between
WHITES_SHADE = 1.1  # the lids' shade, which teeth do not lie in
FROM_ABOVE, FROM_FRONT = -0.5, -0.8  # where light comes from when nothing tells otherwise


@dataclass(frozen=True, slots=True)
class Colours:
    """(3,) float32 RGB each, 0..255, as in full light.

    dusk: how fast red, green and blue fade in the shade: flesh around keeps it reddish. stain: how much less of
    them the teeth's necks have. shine: what a wet highlight adds. light: (3,) where light comes from, head's frame.
    """

    teeth: Floats
    gums: Floats
    tongue: Floats
    cavity: Floats
    dusk: Floats
    stain: Floats
    shine: Floats
    light: Floats

    def faded(self, colour: Floats, shade: Floats) -> Floats:
        """A colour (3,) or (h, w, 3) where only `shade` (h, w) of the light arrives."""
        return np.asarray(colour * np.maximum(1 - self.dusk * (1 - shade[..., None]), 0), np.float32)


def find_colours(rgb: NDArray[np.uint8], face: Face, frame: HeadFrame) -> Colours:
    """Colours of the inside that suit the photo's skin, light and saturation."""
    skin = _median_around(rgb, face.landmarks_px[list(RIGHT_CHEEK + LEFT_CHEEK)], 0.5 * frame.px_per_cm)
    lips = _median_around(rgb, face.landmarks_px[list(LIP_MARKS)], 0.15 * frame.px_per_cm)
    light = max(float(skin @ LUMA), 1.0)
    tint = skin / light
    if float(np.ptp(skin)) < COLOURLESS * max(float(skin.max()), 1.0) or _toned(rgb, face):
        dusk, stain = np.ones(3), np.full(3, 0.06)
        teeth, gums, tongue, cavity = 1.0 * tint, 0.55 * tint, 0.52 * tint, 0.3 * tint
    else:
        ivory = np.array([1.06, 1.0, 0.88], np.float32)
        dusk, stain = np.array([0.82, 1.03, 1.07]), np.array([0.03, 0.07, 0.16])
        teeth = 0.68 * ivory + 0.32 * tint
        gums = 0.45 * lips / light + np.array([0.38, 0.19, 0.18], np.float32)
        tongue = 0.45 * lips / light + np.array([0.42, 0.19, 0.18], np.float32)
        cavity = np.array([0.58, 0.23, 0.20], np.float32)
    # Dark skin does not darken teeth as much: the room's light is what both share.
    bright = float(np.clip(0.68 * light + 48, 70, 185))
    # Under a moustache, or in the shade of a hat, it is darker.
    bright *= float(np.clip(float(lips @ LUMA) / (0.5 * light), 0.6, 1))
    top = min(bright * 1.14, _white(rgb, face, frame, bright))
    lit = [np.asarray(part * bright, np.float32) for part in (gums, tongue, cavity)]
    return Colours(
        teeth=np.asarray(teeth * top, np.float32),
        gums=lit[0],
        tongue=lit[1],
        cavity=lit[2],
        dusk=dusk.astype(np.float32),
        stain=stain.astype(np.float32),
        shine=np.asarray((0.5 + 0.5 * tint) * 0.55 * bright, np.float32),
        light=_direction(rgb, face, frame),
    )


def _toned(rgb: NDArray[np.uint8], face: Face) -> bool:
    """Sepia and the like: all over the face, brightness alone tells the colour."""
    height, width = rgb.shape[:2]
    seen = np.array(
        [
            _median_around(rgb, point[None], face.height_px / 200)
            for point in face.landmarks_px[:468:2]
            if 0 <= point[0] < width and 0 <= point[1] < height
        ]
    )
    light = seen @ LUMA
    powers = np.stack([np.ones_like(light), light / 128, (light / 128) ** 2], axis=1)
    tones = seen[:, [0, 2]] - light[:, None]
    left = tones - powers @ np.linalg.lstsq(powers, tones, rcond=None)[0]
    return bool(left.std() < TONED * light.mean())


def _white(rgb: NDArray[np.uint8], face: Face, frame: HeadFrame, least: float) -> float:
    """Luma of the eyes' whites in full light, where they can be seen: teeth are no brighter."""
    points = face.landmarks_px
    if len(points) <= max(iris for _, iris in EYE_WHITES):
        return 1.14 * least
    spots = np.stack([(points[corner] + points[iris]) / 2 for corner, iris in EYE_WHITES])
    whites = [float(_median_around(rgb, spot[None], 0.1 * frame.px_per_cm) @ LUMA) for spot in spots]
    return max(WHITES_SHADE * float(np.max(whites)), 0.95 * least)


def _direction(rgb: NDArray[np.uint8], face: Face, frame: HeadFrame) -> Floats:
    """(3,) unit vector towards the light; the brighter cheek tells the side."""
    right, left = (
        float(_median_around(rgb, face.landmarks_px[list(marks)], 0.5 * frame.px_per_cm) @ LUMA) + 8
        for marks in (RIGHT_CHEEK, LEFT_CHEEK)
    )
    aside = float(np.clip(0.7 * np.log(left / right), -0.6, 0.6))
    towards = np.array([aside, FROM_ABOVE, FROM_FRONT], np.float32)
    return np.asarray(towards / np.linalg.norm(towards), np.float32)


def _median_around(rgb: NDArray[np.uint8], points_px: Floats, radius: float) -> Floats:
    """Median colour of small squares around (n, 2 or 3) points."""
    height, width = rgb.shape[:2]
    reach = max(1, int(radius))
    seen = []
    for px, py in points_px[:, :2].astype(int):
        x, y = int(np.clip(px, 0, width - 1)), int(np.clip(py, 0, height - 1))
        seen.append(rgb[max(0, y - reach) : y + reach + 1, max(0, x - reach) : x + reach + 1].reshape(-1, 3))
    return np.asarray(np.median(np.concatenate(seen), axis=0), np.float32)
