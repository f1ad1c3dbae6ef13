"""Videos that go: on request, and when their time is over."""

import logging

from django.db import transaction
from django.utils import timezone

from express import transitions, webhooks
from express.files import told_as_unavailable
from express.models import DeliveryStatus, Video
from express.parts.removal import remove_needless

logger = logging.getLogger(__name__)


def delete_video(video: Video) -> None:
    """Remove everything that the video holds of its user. The row stays, to answer 410."""
    transitions.cancel(video)
    remove_needless(video)  # its parts
    video.refresh_from_db()
    remove_files(video)
    now = timezone.now()
    Video.objects.filter(pk=video.pk).update(
        removed_at=now, photo="", audio="", result="", poster="", cues=[], text="", user_data=""
    )
    video.deliveries.exclude(status=DeliveryStatus.WAITING).delete()  # they quote it; the others follow when they end
    logger.info("video %s: removed", video.pk)


def remove_files(video: Video) -> None:
    """Delete the row's files from storage. Raises StorageUnavailable, and is safe to repeat."""
    with told_as_unavailable():
        for file in video.files():
            file.storage.delete(file.name)


def remove_expired() -> int:
    """Remove the files of videos whose time is over. Returns how many there were."""
    expired = Video.objects.filter(removed_at=None, expires_at__lte=timezone.now())
    count = 0
    for video in expired[:100]:
        with transaction.atomic():
            delete_video(video)
            if video.callback_url:
                webhooks.note(video.pk, "video.expired")
        count += 1
    return count
