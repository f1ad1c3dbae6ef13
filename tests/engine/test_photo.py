"""Opening photos: every common format comes out upright, in RGB, and within the caps."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from engine.errors import ImageTooLarge, ImageUnreadable
from engine.photo import PhotoLimits, fit, open_photo, quarter_turns
from tests.engine.pictures import astronaut, encoded, psnr


@pytest.mark.parametrize(
    ("image_format", "options"),
    [
        ("JPEG", {"quality": 95}),
        ("JPEG", {"quality": 95, "progressive": True}),
        ("PNG", {}),
        ("WEBP", {"quality": 95}),
        ("GIF", {}),
        ("BMP", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("HEIF", {"quality": 90}),
        ("AVIF", {"quality": 90}),
    ],
)
def test_it_opens_every_common_format(image_format, options):
    picture = open_photo(encoded(astronaut(), image_format, **options))
    assert picture.format == image_format
    assert picture.rgb.dtype == np.uint8
    assert picture.size_px == (512, 512)
    assert psnr(picture.rgb, np.asarray(astronaut())) > 28  # a GIF has but 256 colours


@pytest.mark.parametrize("orientation", range(1, 9))
def test_it_sets_a_photo_upright_by_its_exif_orientation(orientation):
    upright = astronaut().resize((96, 64))
    stored = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    image = upright.transpose(stored[orientation]) if orientation in stored else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = open_photo(encoded(image, "PNG", exif=exif))
    assert np.array_equal(picture.rgb, np.asarray(upright))


def test_it_turns_cmyk_into_rgb():
    picture = open_photo(encoded(astronaut().convert("CMYK"), "TIFF"))
    assert psnr(picture.rgb, np.asarray(astronaut())) > 25


def test_it_keeps_the_shades_of_a_16_bit_photo():
    gray = np.asarray(astronaut().convert("L")).astype(np.uint16) * 257
    picture = open_photo(encoded(Image.fromarray(gray), "PNG"))
    assert psnr(picture.rgb[..., 0], np.asarray(astronaut().convert("L"))) > 45


def test_it_lays_a_cut_out_on_the_mean_colour_of_what_is_opaque():
    pixels = np.zeros((40, 40, 4), np.uint8)
    pixels[10:30, 10:30] = (200, 100, 50, 255)
    picture = open_photo(encoded(Image.fromarray(pixels), "PNG"))
    assert tuple(picture.rgb[0, 0]) == (200, 100, 50)
    assert picture.alpha is not None
    assert picture.alpha[0, 0] == 0
    assert picture.alpha[20, 20] == 255


def test_it_takes_the_first_frame_of_an_animation():
    first, second = Image.new("RGB", (32, 32), "red"), Image.new("RGB", (32, 32), "blue")
    picture = open_photo(encoded(first, "GIF", save_all=True, append_images=[second]))
    assert tuple(picture.rgb[5, 5]) == (255, 0, 0)


@pytest.mark.parametrize(
    "data",
    [b"", b"just some text", b"\xff\xd8\xff\xe0 not really", b"\x89PNG\r\n\x1a\n", b"<svg xmlns='a'/>", bytes(5000)],
)
def test_it_refuses_what_is_not_a_picture(data):
    with pytest.raises(ImageUnreadable) as caught:
        open_photo(data)
    assert caught.value.code == "image_unreadable"
    assert caught.value.hint


def test_it_refuses_a_jpeg_that_breaks_off():
    with pytest.raises(ImageUnreadable):
        open_photo(encoded(astronaut())[:9000])


def test_it_refuses_a_wholly_transparent_picture():
    with pytest.raises(ImageUnreadable):
        open_photo(encoded(Image.new("RGBA", (64, 64), (0, 0, 0, 0)), "PNG"))


def test_it_refuses_a_decompression_bomb_by_its_header():
    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + b"IHDR" + header + struct.pack(">I", zlib.crc32(b"IHDR" + header))
    with pytest.raises(ImageTooLarge) as caught:
        open_photo(
            b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))
        )
    assert caught.value.code == "image_too_large"


def test_it_refuses_a_file_beyond_the_cap():
    with pytest.raises(ImageTooLarge) as caught:
        open_photo(bytes(2000), PhotoLimits(max_bytes=1000))
    assert caught.value.details == {"bytes": 2000, "max_bytes": 1000}


def test_it_drops_metadata():
    exif = Image.Exif()
    exif[0x010E] = "a private note"
    file = io.BytesIO(encoded(astronaut(), "JPEG", exif=exif))
    picture = open_photo(file.getvalue())
    assert b"private" in file.getvalue()
    assert set(picture.__slots__) == {"rgb", "alpha", "format"}


def test_fitting_shrinks_to_even_sides_and_never_enlarges():
    picture = open_photo(encoded(astronaut().resize((301, 201)), "PNG"))
    assert fit(picture, 150).size_px == (150, 100)
    assert fit(picture, 4000).size_px == (300, 200)
    assert np.array_equal(fit(picture, 4000).rgb, picture.rgb[:200, :300])


def test_a_quarter_turn_goes_counter_clockwise():
    picture = open_photo(encoded(astronaut().resize((60, 40)), "PNG"))
    turned = quarter_turns(picture, 1)
    assert turned.size_px == (40, 60)
    assert np.array_equal(turned.rgb[-1, 0], picture.rgb[0, 0])
