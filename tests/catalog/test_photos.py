"""An uploaded avatar's photo, as it is stored."""

import io

from PIL import Image

from catalog.photos import prepare_photo
from tests.engine.pictures import encoded, portrait


def test_a_photo_that_lies_on_its_side_is_stored_upright() -> None:
    upright = portrait(320).crop((0, 0, 320, 280))
    stored = prepare_photo(encoded(upright.transpose(Image.Transpose.ROTATE_90)))
    assert Image.open(io.BytesIO(stored.image)).size == upright.size
    face, expected = stored.face_box, prepare_photo(encoded(upright)).face_box
    assert max(abs(one - other) for one, other in zip(face, expected, strict=True)) < 0.05 * expected[3]
