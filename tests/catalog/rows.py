"""Rows of the catalog for tests that need not draw or speak."""

from typing import Any

from django.core.files.base import ContentFile

from catalog.models import Avatar, LipSyncModel, Voice


def avatar(id: str, **fields: Any) -> Avatar:
    """A published avatar; its files hold a few bytes only."""
    defaults = {"name": id.title(), "licence": "CC0 1.0", "face_box": [10, 10, 100, 120], "state": "passed"}
    row = Avatar(id=id, **defaults | fields)
    row.image.save("photo.jpg", ContentFile(b"photo"), save=False)
    row.thumbnail.save("thumbnail.jpg", ContentFile(b"thumbnail"), save=False)
    row.save()
    return row


def voice(id: str, **fields: Any) -> Voice:
    """A published voice without a sample."""
    defaults = {
        "name": id.title(),
        "licence": "Apache-2.0",
        "language": "en-US",
        "gender": "female",
        "engine": "hibari",
        "engine_voice": "hibari-us",
        "sample_rate": 24_000,
    }
    return Voice.objects.create(id=id, **defaults | fields)


def model(id: str, **fields: Any) -> LipSyncModel:
    """A published lip-sync model that fits; its file holds a few bytes only."""
    defaults = {"name": id.title(), "licence": "MIT", "commercial_use": True, "state": "passed", "size_px": 96}
    row = LipSyncModel(id=id, **{"sha256": "ab" * 32} | defaults | fields)
    row.file.save("model.onnx", ContentFile(b"model"), save=False)
    row.save()
    return row


def layered() -> LipSyncModel:
    """The built-in renderer's row."""
    rights = {"licence": "Apache-2.0", "commercial_use": True}
    return LipSyncModel.objects.create(
        id="layered", name="Layered", contract="layered", state="passed", position=10, **rights
    )
