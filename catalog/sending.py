"""What the catalog has workers do: sent for at once, and again while it is not done. The rows know what waits."""

import logging

from celery import current_app

from catalog.models import Avatar, LipSyncModel

logger = logging.getLogger(__name__)


def send(task: str, *row_ids: str) -> None:
    """Tell the workers of one of `catalog.tasks`. What the broker does not take is sent by `send_for_what_waits`."""
    try:
        current_app.send_task(f"catalog.tasks.{task}", row_ids)
    except Exception as error:  # what a broker that is away raises depends on the broker
        logger.warning("%s %s: the broker does not answer (%s); sent again later", task, "".join(row_ids), error)


def send_for_what_waits() -> None:
    """Send again for photos and models that nobody has looked at yet, and for voices without a sample."""
    for task, rows in (("analyse_avatar", Avatar.objects), ("probe_model", LipSyncModel.objects)):
        for pk in rows.filter(state="pending").values_list("pk", flat=True):
            send(task, pk)
    send("make_missing_samples")
