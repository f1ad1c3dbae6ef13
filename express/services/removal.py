"""Videos that go: on request, and when their time is over."""

import logging

from django.db import transaction
from django.db.models import Q
from django.db.models.fields.files import FieldFile
from django.utils import timezone

from express import transitions, webhooks
from express.errors import StorageUnavailable
from express.files import told_as_unavailable
from express.models import Analysis, DeliveryStatus, Video
from express.parts.removal import remove_needless

AT_ONCE = 100  # a janitor has other things to do as well
FAILURES_MEAN_AWAY = 3  # each may take a timeout

logger = logging.getLogger(__name__)


def delete_video(video: Video) -> bool:
    """Remove everything that the video holds of its user. The row stays, to answer 410. False: it is gone already."""
    transitions.cancel(video)  # at once, also when its files cannot be reached now
    remove_needless(video)  # its parts
    with transaction.atomic():
        # All that share its files, in one order: of two that are deleted at once, the later one sees that it is last.
        list(Video.objects.select_for_update().filter(_sharing(video)).order_by("pk").values_list("pk"))
        video.refresh_from_db()
        if video.removed_at is not None:
            return False
        transitions.cancel(video)  # somebody may have had it tried again in between
        remove_files(video)
        Analysis.objects.filter(pk__in=video.analyses).delete()
        Video.objects.filter(pk=video.pk).update(
            removed_at=timezone.now(),
            cues=[],
            analyses=[],
            **dict.fromkeys(("photo", "audio", "result", "poster", "text", "user_data", "fingerprint"), ""),
        )
    video.deliveries.exclude(status=DeliveryStatus.WAITING).delete()  # they quote it; the others follow when they end
    logger.info("video %s: removed", video.pk)
    return True


def remove_files(video: Video) -> None:
    """Delete from storage what no other row shares. Raises StorageUnavailable, and is safe to repeat."""
    others = Video.objects.exclude(pk=video.pk).filter(removed_at=None)
    with told_as_unavailable():
        for file in video.files():
            if not (video.fingerprint and others.filter(_naming(file, video)).exists()):
                file.storage.delete(file.name)


def _naming(file: FieldFile, video: Video) -> Q:
    return Q(**{file.field.name: file.name}, fingerprint=video.fingerprint)


def _sharing(video: Video) -> Q:
    """Itself, and the rows that may have files in common with it."""
    same = Q(pk=video.pk)
    return same | Q(fingerprint=video.fingerprint, client=video.client) if video.fingerprint else same


def remove_expired() -> int:
    """Remove the files of videos whose time is over. Returns how many there were.

    Raises StorageUnavailable when the storage seems to be away; one file that cannot be deleted holds up nothing else.
    """
    expired = Video.objects.filter(removed_at=None, expires_at__lte=timezone.now())
    removed = failed = 0
    for video in expired.order_by("?")[:AT_ONCE]:
        try:
            removed += _expire(video)
        except StorageUnavailable as error:
            failed += 1
            if failed == FAILURES_MEAN_AWAY:
                raise
            logger.error("video %s: expired, and cannot be removed: %s", video.pk, error)
    return removed


def _expire(video: Video) -> bool:
    with transaction.atomic():
        if not delete_video(video):  # another worker was faster, and has told of it
            return False
        if video.callback_url:
            webhooks.note(video.pk, "video.expired")
    return True
