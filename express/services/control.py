"""What can be done with a video that exists."""

import logging

from express import transitions
from express.models import Video

logger = logging.getLogger(__name__)


def cancel_video(video: Video) -> bool:
    """Stop a video that waits or is being rendered. False when it has ended already."""
    done = transitions.cancel(video)
    if done:
        logger.info("video %s: canceled", video.pk)
    video.refresh_from_db()
    return done
