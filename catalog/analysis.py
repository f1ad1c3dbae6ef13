"""An avatar's photo on its way: uploaded, looked at by a worker, and found able to talk or not."""

import io
import logging
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from catalog.consents import WITHDRAWN
from catalog.models import Avatar
from catalog.photos import AvatarPhoto, prepare_photo
from catalog.sending import send
from engine import Options, render, speak
from engine.errors import EngineError, PhotoError

logger = logging.getLogger(__name__)

PREVIEW_TEXT = "Hello! I am a photo, and I can talk."
PREVIEW_OPTIONS = Options(resolution=384)


def request_analysis(avatar: Avatar) -> None:
    """Let a worker look at the photo again, as soon as the transaction is over. Until then it is not published."""
    now = timezone.now()
    Avatar.objects.filter(pk=avatar.pk).update(
        state=Avatar.State.PENDING, verdict="", is_published=False, pending_since=now
    )
    avatar.refresh_from_db()
    transaction.on_commit(lambda: send("analyse_avatar", avatar.pk))


def analyse(avatar_id: str) -> Avatar | None:
    """Look at the avatar's photo and keep what was found. None when it is gone, or its photo has changed meanwhile."""
    avatar = Avatar.objects.select_related("consent").filter(pk=avatar_id).first()
    if avatar is None:
        return None
    if avatar.depicts_living_person and avatar.consent and avatar.consent.ended_because:
        return _keep(avatar, WITHDRAWN)
    try:
        photo = prepare_photo(_bytes(avatar), tuple(avatar.crop) if avatar.crop else None)
    except PhotoError as error:
        return _keep(avatar, {"analysis": {"error": _told(error)}, "verdict": error.code, "face_box": None})
    except OSError:
        logger.warning("avatar %s: its photo is gone", avatar_id)
        gone = {"code": "photo_gone", "message": "The stored photo is gone.", "hint": "Upload it again."}
        return _keep(avatar, {"analysis": {"error": gone}, "verdict": gone["code"], "face_box": None})
    return keep_photo(avatar, photo)


def keep_photo(avatar: Avatar, photo: AvatarPhoto) -> Avatar | None:
    """Store a photo that was looked at, with the verdict. None when the avatar's photo has changed meanwhile."""
    before = {str(file.name) for file in (avatar.image, avatar.thumbnail) if file}
    image = avatar.image.field.generate_filename(avatar, f"photo{photo.suffix}")
    thumbnail = avatar.thumbnail.field.generate_filename(avatar, "thumbnail.jpg")
    found: dict[str, Any] = {
        "image": default_storage.save(image, ContentFile(photo.image)),
        "thumbnail": default_storage.save(thumbnail, ContentFile(photo.thumbnail)),
        "analysis": photo.facts | ({"error": _told(photo.error)} if photo.error else {}),
        "verdict": photo.error.code if photo.error else "",
        "face_box": photo.face_box,
    }
    kept = _keep(avatar, found)
    for name in before if kept else (found["image"], found["thumbnail"]):
        default_storage.delete(name)
    if kept and not photo.error:
        logger.info("avatar %s: its photo can talk", avatar.pk)
    return kept


def make_preview(avatar_id: str) -> bool:
    """Let a published or publishable avatar say a sentence, unless it has a preview. False when there is no need."""
    avatar = Avatar.objects.filter(pk=avatar_id, state=Avatar.State.PASSED, preview_video="").first()
    if avatar is None:
        return False
    out = io.BytesIO()
    with avatar.image.open("rb") as stream:
        render(stream.read(), speak(PREVIEW_TEXT), out, PREVIEW_OPTIONS)
    name = default_storage.save(
        avatar.preview_video.field.generate_filename(avatar, "preview.mp4"), ContentFile(out.getvalue())
    )
    waiting = Avatar.objects.filter(pk=avatar.pk, image=avatar.image.name, preview_video="")
    if waiting.update(preview_video=name):
        return True
    default_storage.delete(name)
    return False


def _keep(avatar: Avatar, found: dict[str, Any]) -> Avatar | None:
    """Store what was found, unless the photo or its crop has changed since."""
    told = (
        {"state": Avatar.State.REFUSED, "is_published": False} if found["verdict"] else {"state": Avatar.State.PASSED}
    )
    same = Avatar.objects.filter(pk=avatar.pk, original=avatar.original.name or "")
    same = same.filter(crop__isnull=True) if avatar.crop is None else same.filter(crop=avatar.crop)
    if not same.update(**{**found, **told}, pending_since=None, updated_at=timezone.now()):
        return None
    avatar.refresh_from_db()
    return avatar


def _bytes(avatar: Avatar) -> bytes:
    """The photo as it was uploaded; of a row that came without one, the cleaned copy."""
    with (avatar.original or avatar.image).open("rb") as stream:
        data: bytes = stream.read()
    return data


def _told(error: EngineError) -> dict[str, str]:
    message = error.message[:1].upper() + error.message[1:]
    return {"code": error.code, "message": f"{message}.", "hint": error.hint}
