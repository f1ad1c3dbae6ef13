"""Celery's shells of the catalog: an id in, one call out."""

from celery import shared_task

from catalog import analysis, arrivals, voices


@shared_task
def analyse_avatar(avatar_id: str) -> None:
    """Look at an avatar's photo; when it can talk, let it."""
    avatar = analysis.analyse(avatar_id)
    if avatar is not None and avatar.state == avatar.State.PASSED:
        preview_avatar.delay(avatar_id)


@shared_task
def preview_avatar(avatar_id: str) -> None:
    """Make the clip of it talking, unless it has one."""
    analysis.make_preview(avatar_id)


@shared_task
def probe_model(model_id: str) -> None:
    """Try a lip-sync model; when it fits, show it."""
    model = arrivals.try_model(model_id)
    if model is not None and model.state == model.State.PASSED:
        preview_model.delay(model_id)


@shared_task
def preview_model(model_id: str) -> None:
    """Make the clip of a photo talking with the model's mouth."""
    arrivals.make_preview(model_id)


@shared_task
def make_voice_sample(voice_id: str) -> None:
    """Let a voice speak the sample that it lacks."""
    voices.keep_sample(voice_id)


@shared_task
def make_missing_samples() -> None:
    """Send for the sample of every voice that has none: one message each, so that videos get their turn."""
    for voice_id in voices.without_sample():
        make_voice_sample.delay(voice_id)
