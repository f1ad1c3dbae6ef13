"""Photos for the tests: NASA's portrait of Eileen Collins (public domain, comes with scikit-image), and drawings."""

import io

import numpy as np
import skimage.data
from numpy.typing import NDArray
from PIL import Image


def astronaut() -> Image.Image:
    """A smiling face, 111 px high, looking at the camera; 512 x 512 px."""
    return Image.fromarray(skimage.data.astronaut())


def portrait(size_px: int = 512) -> Image.Image:
    """The astronaut's head and shoulders, enlarged: a face about half as high as the picture."""
    return astronaut().crop((120, 0, 340, 220)).resize((size_px, size_px), Image.Resampling.LANCZOS)


def all_face() -> Image.Image:
    """Nothing but a face: forehead, cheeks and chin fill the picture."""
    return astronaut().crop((186, 62, 262, 152)).resize((456, 540), Image.Resampling.LANCZOS)


def two_astronauts() -> Image.Image:
    """Two faces of one size side by side."""
    pair = Image.new("RGB", (1024, 512))
    pair.paste(portrait(), (0, 0))
    pair.paste(portrait(), (512, 0))
    return pair


def landscape() -> Image.Image:
    """Sky above hills; nobody in sight."""
    rows = np.linspace(0, 1, 360)[:, None]
    hills = rows > 0.6 + 0.08 * np.sin(np.linspace(0, 9, 640))[None, :]
    sky = np.stack([120 + 80 * rows, 170 + 40 * rows, 235 + 0 * rows], axis=-1)
    return Image.fromarray(np.where(hills[..., None], (70, 110, 50), sky).astype(np.uint8))


def encoded(image: Image.Image, image_format: str = "JPEG", **options: object) -> bytes:
    """The picture as a file of the given format."""
    file = io.BytesIO()
    image.save(file, image_format, **options)
    return file.getvalue()


def psnr(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Peak signal-to-noise ratio in dB of two pictures of one size."""
    error = np.mean((one.astype(np.float64) - other.astype(np.float64)) ** 2)
    return float(10 * np.log10(255**2 / max(error, 1e-12)))
