"""Consents of living people to be shown, and receipts of what was done when one ended."""

from datetime import date
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import FileExtensionValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from catalog.models.entry import private_name

EVIDENCE = ("pdf", "jpg", "jpeg", "png", "webp", "txt", "eml", "mp4", "mov", "mp3", "m4a", "wav")


def today() -> date:
    """The date by which consents are judged."""
    return timezone.localdate()


class Ending(models.TextChoices):
    """Why a consent ended."""

    REVOKED = "revoked"
    EXPIRED = "expired"


class ConsentQuerySet(models.QuerySet["Consent"]):
    """Consents."""

    def valid(self) -> Self:
        """Those that hold today: given, not expired, not revoked."""
        return self.filter(ended_at=None, granted_on__lte=today()).exclude(expires_on__lt=today())

    def lapsed(self) -> Self:
        """Those whose time is over, but about which nothing was done yet."""
        return self.filter(ended_at=None, expires_on__lt=today())


class Consent(models.Model):
    """A living person's consent to be an avatar. It is ended by `catalog.consents`, never deleted while in use."""

    person = models.CharField(max_length=200, help_text="Who consents.")
    granted_on = models.DateField("given on", default=today)
    expires_on = models.DateField("valid until", null=True, blank=True, help_text="The last day; empty: until revoked.")
    scope = models.TextField(help_text="What was agreed to: which uses, where, for whom.")
    evidence = models.FileField(
        upload_to=private_name,
        validators=[FileExtensionValidator(EVIDENCE)],
        help_text="The signed form, letter, mail or recording. Only the staff can read it.",
    )
    notes = models.TextField(blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField("recorded at", auto_now_add=True)
    ended_at = models.DateTimeField(null=True, editable=False)
    ended_because = models.CharField(max_length=8, choices=Ending.choices, blank=True, editable=False)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                name="consent_expires_after_grant",
                condition=Q(expires_on=None) | Q(expires_on__gte=F("granted_on")),
                violation_error_message="A consent cannot expire before it was given.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.granted_on:%d %b %Y}"

    @property
    def is_valid(self) -> bool:
        """Whether it holds today."""
        return self.state == "valid"

    @property
    def state(self) -> str:
        """“valid”, “revoked”, “expired” or “not valid yet”."""
        if self.ended_because:
            return self.ended_because
        if self.expires_on is not None and self.expires_on < today():
            return Ending.EXPIRED.value
        return "valid" if self.granted_on <= today() else "not valid yet"

    def clean(self) -> None:
        """Refuse a consent that is over before it is recorded."""
        if self._state.adding and self.expires_on is not None and self.expires_on < today():
            raise ValidationError({"expires_on": "This consent is over already."})


class Receipt(models.Model):
    """What was done when a consent ended. Kept for good, even when everything that it names is gone."""

    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, related_name="receipts")
    cause = models.CharField(max_length=8, choices=Ending.choices)
    by = models.CharField(max_length=150, help_text="Who did it; “the service” for a consent that expired.")
    reason = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    avatars = models.JSONField(default=list)  # ids of those that were unpublished
    policy = models.CharField(max_length=8)  # settings.CONSENT_REVOKED_VIDEOS as it was then
    videos = models.JSONField(default=dict)  # ids by what was done with them: stopped, deleted, flagged

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.consent.person}: {self.cause}, {self.created_at:%d %b %Y}"

    def as_json(self) -> dict[str, Any]:
        """The receipt as it is downloaded."""
        return {
            "receipt": self.pk,
            "consent": {
                "id": self.consent_id,
                "person": self.consent.person,
                "scope": self.consent.scope,
                "granted_on": self.consent.granted_on.isoformat(),
                "expires_on": self.consent.expires_on.isoformat() if self.consent.expires_on else None,
            },
            "cause": self.cause,
            "by": self.by,
            "reason": self.reason,
            "at": self.created_at.isoformat(),
            "avatars_unpublished": self.avatars,
            "policy": self.policy,
            "videos": self.videos,
        }
