"""Photos that the project may show, moved through every shape: what is asked for is seen, and nothing breaks."""

from pathlib import Path

import numpy as np
import pytest

from bench.faces import open_face
from bench.roundtrip import Reading, reading
from bench.soundness import Soundness, soundness
from engine.face import Face
from engine.renderer import Rig, build_rig

STOCK = Path(__file__).resolve().parents[2] / "media" / "stock"
Portrait = tuple[np.ndarray, Face, Rig]


@pytest.fixture(scope="module", params=["astronaut", "grace-hopper", "maya"])
def portrait(request: pytest.FixtureRequest) -> Portrait:
    """A smile, a stern face with glasses, a drawing."""
    picture, face = open_face(STOCK / f"{request.param}.jpg", 512)
    return picture.rgb, face, build_rig(picture.rgb, face)


@pytest.fixture(scope="module")
def sound(portrait: Portrait) -> Soundness:
    rgb, face, _ = portrait
    return soundness(rgb, face)


def test_at_rest_it_is_the_photo_bit_for_bit(sound: Soundness) -> None:
    assert sound.rest_db == float("inf")


def test_eyes_and_brows_keep_still_at_any_mouth_shape(sound: Soundness) -> None:
    assert sound.still_px < 1


def test_lips_are_seen_where_they_were_put(sound: Soundness) -> None:
    assert sound.lands_median < 1.2  # % of the face's height
    assert sound.lands_most < 3


def test_no_layer_folds_and_the_cheeks_show_no_seam(sound: Soundness) -> None:
    assert sound.turning > 0
    assert sound.seam_px < 0.01


@pytest.mark.parametrize(
    "weight",
    ["jawOpen", "mouthPucker", "mouthFunnel", "mouthStretch", "mouthPress", "mouthUpperUp", "mouthLowerDown"],
)
def test_what_is_asked_for_is_read_back(portrait: Portrait, weight: str) -> None:
    seen: Reading = reading(portrait[2], weight)
    assert seen.rho > 0.85  # the reader takes the lips of drawings for a slight kiss at rest
    assert seen.rise > 0.02
