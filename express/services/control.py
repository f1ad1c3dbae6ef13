"""What can be done with a video that exists."""

import logging

from django.db import transaction

from express import transitions
from express.clients import SERVICE, Client
from express.models import Video
from express.services.create import send
from express.services.limits import one_at_a_time, require_room
from express.turns import next_turn

logger = logging.getLogger(__name__)


def cancel_video(video: Video) -> bool:
    """Stop a video that waits or is being rendered. False when it has ended already."""
    done = transitions.cancel(video)
    if done:
        logger.info("video %s: canceled", video.pk)
    video.refresh_from_db()
    return done


def retry_video(video: Video, client: Client = SERVICE) -> bool:
    """Put a video that failed or was canceled back into the queue, behind what its client has there.

    False when it is in another state, or its photo or speech is gone. client: who asks. Raises LimitReached.
    """
    with transaction.atomic():
        one_at_a_time(video.client)
        require_room(client)
        done = transitions.retry(video, next_turn(video))
    video.refresh_from_db()
    if done:
        logger.info("video %s: queued again", video.pk)
        send(video)
    return done
