"""Photo bytes to upright RGB. Metadata is dropped: only pixels go on."""

import io
import warnings
from dataclasses import dataclass

import cv2
import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from engine.errors import ImageTooLarge, ImageUnreadable

pillow_heif.register_heif_opener()
Image.init()  # Pillow knows only its five commonest formats until asked for all

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "HEIF", "AVIF")


@dataclass(frozen=True, slots=True)
class PhotoLimits:
    """Caps that are checked before a pixel is decoded."""

    max_bytes: int = 32 * 1024 * 1024  # a 16-bit 4K PNG is about 25 MiB
    max_pixels: int = 100_000_000  # 8000 x 8000 and phones with 100 megapixels; 300 MB as RGB
    draft_px: int = 3840  # a JPEG with both sides beyond twice this is decoded at a half, a quarter, an eighth


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded photo.

    rgb: (h, w, 3) uint8, upright. alpha: (h, w) uint8, or None when the photo is opaque.
    format: Pillow's name of the file format, such as "JPEG".
    """

    rgb: NDArray[np.uint8]
    alpha: NDArray[np.uint8] | None
    format: str

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height."""
        return self.rgb.shape[1], self.rgb.shape[0]


def open_photo(data: bytes, limits: PhotoLimits | None = None) -> Picture:
    """Decode a photo: any format in FORMATS, first frame, EXIF orientation applied, CMYK and 16-bit converted.

    Transparent areas are laid on the mean colour of the opaque ones, which hides what a cut-out left below.
    Raises ImageTooLarge and ImageUnreadable.
    """
    limits = limits or PhotoLimits()
    if len(data) > limits.max_bytes:
        raise ImageTooLarge(
            f"the file has {len(data)} bytes; {limits.max_bytes} are allowed",
            bytes=len(data),
            max_bytes=limits.max_bytes,
        )
    if not data:
        raise ImageUnreadable("the file is empty", bytes=0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of large pictures; our own cap is below
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                _check_pixels(image, limits)
                image.draft("RGB", (limits.draft_px, limits.draft_px))  # only JPEG can; CMYK keeps its mode
                return _decode(image)
    except (ImageTooLarge, ImageUnreadable):
        raise
    except Image.DecompressionBombError as error:  # Pillow's own cap, reached before ours could be asked
        raise ImageTooLarge(f"the picture has too many pixels: {error}", max_pixels=limits.max_pixels) from error
    except UnidentifiedImageError as error:  # its own words name a BytesIO
        raise ImageUnreadable("the file is not a whole picture in a format that we read", bytes=len(data)) from error
    except Exception as error:  # Pillow's plugins raise anything from OSError to struct.error on broken files
        raise ImageUnreadable(f"the file is not a whole picture: {error}", bytes=len(data)) from error


def fit(picture: Picture, longest_px: int) -> Picture:
    """Return the picture with its longest side at most `longest_px` and both sides even; never enlarged.

    H.264 with 4:2:0 chroma wants even sides; an odd row or column is cut off rather than resampled.
    """
    width, height = picture.size_px
    scale = min(1.0, longest_px / max(width, height))
    if scale == 1.0:
        even = np.s_[: height - height % 2, : width - width % 2]
        alpha = None if picture.alpha is None else picture.alpha[even]
        return Picture(np.ascontiguousarray(picture.rgb[even]), alpha, picture.format)
    size = max(2, round(width * scale) // 2 * 2), max(2, round(height * scale) // 2 * 2)
    alpha = None if picture.alpha is None else _shrink(picture.alpha, size)
    return Picture(_shrink(picture.rgb, size), alpha, picture.format)


def crop(picture: Picture, left: int, top: int, width: int, height: int) -> Picture:
    """Return a part of the picture."""
    part = np.s_[top : top + height, left : left + width]
    alpha = None if picture.alpha is None else np.ascontiguousarray(picture.alpha[part])
    return Picture(np.ascontiguousarray(picture.rgb[part]), alpha, picture.format)


def quarter_turns(picture: Picture, turns: int) -> Picture:
    """Return the picture turned counter-clockwise by `turns` times 90 degrees."""
    alpha = None if picture.alpha is None else np.ascontiguousarray(np.rot90(picture.alpha, turns))
    return Picture(np.ascontiguousarray(np.rot90(picture.rgb, turns)), alpha, picture.format)


def _shrink(pixels: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def _check_pixels(image: Image.Image, limits: PhotoLimits) -> None:
    width, height = image.size
    if width * height > limits.max_pixels:
        raise ImageTooLarge(
            f"the picture has {width} x {height} pixels; {limits.max_pixels} in all are allowed",
            width=width,
            height=height,
            max_pixels=limits.max_pixels,
        )


def _decode(image: Image.Image) -> Picture:
    source_format = image.format or ""
    image.seek(0)
    upright = ImageOps.exif_transpose(image)
    if upright.mode.startswith(("I", "F")):
        return Picture(_gray16_to_rgb(upright), None, source_format)
    if not upright.has_transparency_data:
        return Picture(np.asarray(upright.convert("RGB")), None, source_format)
    rgba = np.asarray(upright.convert("RGBA"))
    alpha = np.ascontiguousarray(rgba[..., 3])
    if alpha.min() == 255:
        return Picture(np.ascontiguousarray(rgba[..., :3]), None, source_format)
    return Picture(_flatten(rgba[..., :3], alpha), alpha, source_format)


def _gray16_to_rgb(image: Image.Image) -> NDArray[np.uint8]:
    """16-bit and float gray, scaled by what the values reach (Pillow's own convert() clips at 255)."""
    gray = np.asarray(image).astype(np.float32)
    top = 65535.0 if gray.max() > 255 else (255.0 if gray.max() > 1 else 1.0)
    levels = np.clip(gray * (255.0 / top), 0, 255).astype(np.uint8)
    return np.ascontiguousarray(np.repeat(levels[..., None], 3, axis=2))


def _flatten(rgb: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> NDArray[np.uint8]:
    cover = alpha.astype(np.float32)[..., None] / 255.0
    total = float(cover.sum())
    if total < 1.0:
        raise ImageUnreadable("the picture is wholly transparent")
    ground = (rgb * cover).sum(axis=(0, 1)) / total
    return np.asarray(rgb * cover + ground * (1 - cover) + 0.5, np.uint8)
