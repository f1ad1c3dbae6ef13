"""Sending for samples: voices speak them in a worker."""

import logging

logger = logging.getLogger(__name__)


def send_for_sample(voice_id: str) -> None:
    """Tell the workers that a voice has no sample; one that is not told now makes it at its next start."""
    from catalog import tasks  # the engine's libraries, which `manage.py` commands need not wait for

    try:
        tasks.make_voice_sample.delay(voice_id)
    except Exception as error:  # what a broker that is away raises depends on the broker
        logger.warning("voice %s: the broker does not answer (%s); a worker makes the sample later", voice_id, error)


def send_for_missing_samples() -> None:
    """Let one worker look for voices without a sample."""
    from catalog import tasks

    tasks.make_missing_samples.delay()
