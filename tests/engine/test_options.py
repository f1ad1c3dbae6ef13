"""Options: each value lies in its range, or the error says which it is."""

import pytest

from engine.errors import InvalidOption, NoTransparency
from engine.options import Options


def test_the_defaults_are_valid():
    assert Options() == Options(25.0, 1280, 0.5, 1.0, 0, None, "mp4")


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("fps", 0),
        ("fps", 10_000),
        ("fps", float("nan")),
        ("fps", float("inf")),
        ("resolution", 16),
        ("resolution", 100_000),
        ("head_motion", -0.1),
        ("head_motion", 1.1),
        ("expressiveness", 2.5),
        ("seed", -1),
        ("face_index", -1),
    ],
)
def test_it_refuses_a_value_outside_its_range(option, value):
    with pytest.raises(InvalidOption) as caught:
        Options(**{option: value})
    assert caught.value.code == "invalid_option"
    assert caught.value.details["option"] == option
    assert caught.value.details["minimum"] < caught.value.details["maximum"]


def test_it_refuses_a_format_that_it_does_not_write():
    with pytest.raises(InvalidOption) as caught:
        Options(output_format="avi")
    assert caught.value.details["choices"] == ["mp4", "webm", "mov"]


@pytest.mark.parametrize("background", ["original", "blur", "#00ff7f", "#ABCDEF"])
def test_it_takes_a_background(background):
    assert Options(background=background).background == background


@pytest.mark.parametrize("background", ["", "red", "#fff", "#rrggbb", "#12345g", "ff0000", "#ff0000 ", 7, None])
def test_it_refuses_a_background_that_is_none(background):
    with pytest.raises(InvalidOption) as caught:
        Options(background=background)
    assert caught.value.details["option"] == "background"
    assert "#rrggbb" in caught.value.message


def test_transparency_needs_a_format_that_holds_it():
    with pytest.raises(NoTransparency) as caught:
        Options(background="transparent")
    assert caught.value.details["choices"] == ["webm", "mov"]
    assert Options(background="transparent", output_format="webm").background == "transparent"


def test_it_refuses_a_shape_that_it_does_not_cut():
    with pytest.raises(InvalidOption) as caught:
        Options(aspect_ratio="2:1")
    assert "9:16" in caught.value.details["choices"]
