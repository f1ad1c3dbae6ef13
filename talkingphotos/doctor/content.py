"""What there is to choose from, and what became of it: voices, avatars, models, videos, webhooks."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from django.core.files.storage import default_storage
from django.utils import timezone

from catalog.models import Avatar, LipSyncModel, Voice
from engine.speech import speak
from express import stats
from express.inputs import engine_voice
from express.models import Chore, DeliveryStatus, Video, WebhookDelivery
from talkingphotos.doctor.finding import Finding, fail, ok, warn

DAY = timedelta(days=1)
STOCK = "python manage.py load_stock"


def voices() -> Iterator[Finding]:
    """Whether there is one to speak with, and it speaks."""
    published = list(Voice.objects.published())
    default = Voice.default()
    if not published or default is None:
        yield fail("voices", f"{len(published)} published, default: {default or 'none'}", STOCK)
        return
    spoken = speak("Hello.", engine_voice(default))
    languages = Counter(voice.language for voice in published)
    yield ok(
        "voices",
        f"{len(published)} in {len(languages)} languages ({', '.join(sorted(languages))}); {default.name} says hello "
        f"in {len(spoken.analysis) / 16_000:.1f} s",
    )


def avatars() -> Iterator[Finding]:
    """Whether those that are published have their pictures."""
    published = list(Avatar.objects.published().only("id", "image"))
    lost = [avatar.pk for avatar in published if not default_storage.exists(str(avatar.image.name))]
    if lost:
        yield fail(
            "avatars", f"pictures are gone: {', '.join(lost[:10])}", f"Restore the storage; for stock ones {STOCK}"
        )
    elif not published:
        yield warn("avatars", "none is published", STOCK)
    else:
        yield ok("avatars", f"{len(published)} published, pictures there")


def lip_sync_models() -> Iterator[Finding]:
    """Whether those that are published have their files."""
    for model in LipSyncModel.objects.published():
        if model.file and not default_storage.exists(str(model.file.name)):
            yield fail("models", f"the file of {model.pk} is gone", "Upload it again in the admin, or unpublish it.")


def videos() -> Iterator[Finding]:
    """Whether they keep their files, and how many failed by our fault."""
    lost = Video.objects.filter(files_missing=True, removed_at=None).count()
    if lost:
        yield warn(
            "videos", f"the files of {lost} are gone", "python manage.py sweep lists them; restore, or delete them."
        )
    swept = Chore.objects.filter(pk="sweep").first()
    if swept and swept.told.get("refused"):
        yield warn("videos", swept.told["refused"], "python manage.py sweep")
    today = stats.by_status(timezone.now() - DAY)
    codes = [f"{code} ({count})" for status, code, count in stats.failures(timezone.now() - DAY) if status == "failed"]
    if codes:
        yield warn(
            "videos", f"failed in 24 hours by our side: {', '.join(codes[:5])}", "See them in the admin, and the log."
        )
    else:
        yield ok("videos", f"{today['completed']} made in 24 hours, none failed by our side")


def webhooks() -> Iterator[Finding]:
    """Whether receivers answer."""
    lost = WebhookDelivery.objects.filter(status=DeliveryStatus.GIVEN_UP, ended_at__gte=timezone.now() - DAY).count()
    if lost:
        yield warn(
            "webhooks", f"{lost} given up in 24 hours", "The admin says what the receivers answered, and sends again."
        )
    else:
        yield ok("webhooks", "none given up in 24 hours")
