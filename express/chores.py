"""What is done now and then, by whichever worker comes first: no beat, so that nothing stops with one process."""

import logging
from datetime import timedelta

from celery import current_app

from catalog.sending import send_for_what_waits
from express import webhooks, workers
from express.models import Chore

logger = logging.getLogger(__name__)

SWEEP = "express.tasks.sweep"


def do_chores() -> None:
    """Do what is due. Called by every worker every few seconds."""
    if Chore.is_due("catalog", timedelta(minutes=10)):
        send_for_what_waits()
    if Chore.is_due("tidy", timedelta(hours=1)):
        webhooks.remove_old()
        workers.forget_lost()
    if Chore.is_due("sweep", timedelta(days=1)):
        try:
            current_app.send_task(SWEEP)
        except Exception as error:  # what a broker that is away raises depends on the broker
            logger.warning("the daily sweep waits for the broker (%s)", error)
            Chore.objects.filter(pk="sweep").update(begun_at=None)
