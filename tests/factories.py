"""Photos, speech and rows for the tests. Photos are public domain or drawn here."""

import io
import struct
import wave
import zlib
from typing import Any

import numpy as np
from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image
from skimage.data import astronaut

from express.models import Status, Video


def encoded(picture: Image.Image, file_format: str = "JPEG", **options: Any) -> bytes:
    """A picture as the bytes of a file."""
    file = io.BytesIO()
    picture.save(file, file_format, **options)
    return file.getvalue()


def portrait() -> Image.Image:
    """Eileen Collins, 512 x 512: one face from the front. NASA, public domain."""
    return Image.fromarray(astronaut())


def portrait_jpeg() -> bytes:
    """The portrait as a JPEG file."""
    return encoded(portrait(), quality=95)


def two_portraits_jpeg() -> bytes:
    """The same face twice, equally large."""
    both = Image.new("RGB", (1024, 512))
    both.paste(portrait(), (0, 0))
    both.paste(portrait(), (512, 0))
    return encoded(both, quality=92)


def landscape_jpeg() -> bytes:
    """Sky, hills and a sun: nobody in it."""
    height, width = 480, 640
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    sky = np.stack([120 + y / 4, 160 + y / 5, np.full_like(y, 235)], axis=2)
    hills = y > 300 + 40 * np.sin(x / 70) + 15 * np.sin(x / 23)
    sky[hills] = (70, 120, 60)
    sky[(x - 500) ** 2 + (y - 90) ** 2 < 900] = (255, 240, 180)
    return encoded(Image.fromarray(sky.clip(0, 255).astype(np.uint8)))


def bomb_png(width: int = 30_000, height: int = 30_000) -> bytes:
    """A PNG of a few bytes that claims 900 megapixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(3 * width + 1))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def wav(samples: np.ndarray, rate: int = 16_000) -> bytes:
    """Mono samples in -1..1 as a WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(rate)
        writer.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return file.getvalue()


def spoken_wav(text: str = "My name is Eileen, and this is a photo of me.") -> bytes:
    """Somebody saying `text`."""
    from engine.speech import speak

    return wav(speak(text).analysis)


def silence_wav(seconds: float = 2.0, rate: int = 16_000) -> bytes:
    """Nothing to be heard."""
    return wav(np.zeros(int(seconds * rate)), rate)


def queued_video(**fields: Any) -> Video:
    """A video that waits for a worker."""
    return Video.objects.create(**{"text": "Hello.", "photo": ContentFile(portrait_jpeg(), "photo")} | fields)


def processing_video(**fields: Any) -> Video:
    """A video that a worker is rendering."""
    now = timezone.now()
    owner = {"status": Status.PROCESSING, "worker": "host:1", "attempt": 1, "started_at": now, "heartbeat_at": now}
    return queued_video(**owner | fields)


def completed_video(content: bytes = b"0123456789" * 100, **fields: Any) -> Video:
    """A video whose file holds `content`."""
    end = {
        "status": Status.COMPLETED,
        "progress": 1.0,
        "started_at": timezone.now(),
        "completed_at": timezone.now(),
        "result": ContentFile(content, "result"),
        "result_sha256": "ab" * 32,
        "poster": ContentFile(portrait_jpeg(), "poster"),
        "duration_s": 1.0,
        "width": 512,
        "height": 512,
        "fps": 25.0,
    }
    return queued_video(**end | fields)


def ended_video(status: Status, **fields: Any) -> Video:
    """A video that ended without a file: failed, rejected or canceled."""
    error = {"code": "some_fault", "message": "It broke.", "hint": "Mend it.", "details": {}, "retryable": False}
    end = {"status": status, "completed_at": timezone.now(), "error": None if status == Status.CANCELED else error}
    return queued_video(**end | fields)
