"""What happens when a living person's consent ends: nothing of the avatar is shown or made any more."""

import logging
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from catalog.models import Avatar, Consent, Ending, Receipt
from catalog.signals import consent_ended

logger = logging.getLogger(__name__)

WITHDRAWN = {  # of an avatar whose person no longer consents: nothing of it lies in public folders
    "state": Avatar.State.REFUSED,
    "verdict": "consent_ended",
    "is_published": False,
    "face_box": None,
    "analysis": {
        "error": {
            "code": "consent_ended",
            "message": "The consent of the person whom it shows has ended.",
            "hint": "Choose a new consent, save, and let the photo be looked at again.",
        }
    },
}
DONE = ("stopped", "deleted", "flagged")  # what may become of a video
BY_ITSELF = "the service"


def impact(consent: Consent) -> dict[str, list[str]]:
    """What ending the consent would do: ids of videos, by what would become of them."""
    return _tell(_shown_by(consent), rehearsal=True)


def revoke(consent: Consent, by: str, reason: str = "") -> Receipt | None:
    """End a consent because the person says so. None when it had ended already."""
    return _end(consent, Ending.REVOKED, by, reason)


def end_expired() -> int:
    """End the consents whose last day is over. Safe to run anywhere, at any time. Returns how many ended."""
    return sum(_end(consent, Ending.EXPIRED, BY_ITSELF, "") is not None for consent in Consent.objects.lapsed())


def _end(consent: Consent, because: Ending, by: str, reason: str) -> Receipt | None:
    with transaction.atomic():
        ended = Consent.objects.filter(pk=consent.pk, ended_at=None)
        if not ended.update(ended_at=timezone.now(), ended_because=because):
            return None
        avatars = _shown_by(consent)
        for avatar in Avatar.objects.filter(pk__in=avatars):
            _withdraw(avatar)
        receipt = Receipt.objects.create(
            consent=consent,
            cause=because,
            by=by,
            reason=reason,
            avatars=avatars,
            policy=settings.CONSENT_REVOKED_VIDEOS,
            videos=_tell(avatars, rehearsal=False),
        )
    consent.refresh_from_db()
    counts = {name: len(ids) for name, ids in receipt.videos.items()}
    logger.info("consent %s: %s; avatars %s withdrawn, videos %s", consent.pk, because, avatars, counts)
    return receipt


def _shown_by(consent: Consent) -> list[str]:
    return list(consent.avatars.filter(depicts_living_person=True).order_by("pk").values_list("pk", flat=True))


def _withdraw(avatar: Avatar) -> None:
    """Unpublish an avatar and take its public files away. The photo stays where only the staff can see it."""
    files = [str(file.name) for file in (avatar.image, avatar.thumbnail, avatar.preview_video) if file]
    original = avatar.original.name
    if not original and avatar.image:
        name = avatar.original.field.generate_filename(avatar, str(avatar.image.name))
        with avatar.image.open("rb") as stream:
            original = default_storage.save(name, ContentFile(stream.read()))
    gone = {"image": "", "thumbnail": "", "preview_video": "", "original": original or ""}
    Avatar.objects.filter(pk=avatar.pk).update(**gone, **WITHDRAWN)

    def remove() -> None:
        for name in files:
            default_storage.delete(name)

    transaction.on_commit(remove)


def _tell(avatars: list[str], *, rehearsal: bool) -> dict[str, list[str]]:
    """Ask every app above what it does, or would do, about videos of these avatars."""
    done: dict[str, list[str]] = {name: [] for name in DONE}
    if not avatars:
        return done
    policy: str = settings.CONSENT_REVOKED_VIDEOS
    answers: list[tuple[Any, Any]] = consent_ended.send(Consent, avatars=avatars, policy=policy, rehearsal=rehearsal)
    for _, answer in answers:
        for name, ids in answer.items():
            done[name] += ids
    return done
