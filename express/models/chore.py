"""Chore: when something that is done now and then was last done, by whichever worker."""

from datetime import timedelta

from django.db import models
from django.utils import timezone


class Chore(models.Model):
    """One chore, by its name."""

    name = models.CharField(primary_key=True, max_length=40)
    begun_at = models.DateTimeField(null=True, blank=True)
    told = models.JSONField(default=dict, blank=True)  # what came of it last

    def __str__(self) -> str:
        return self.name

    @classmethod
    def is_due(cls, name: str, every: timedelta) -> bool:
        """True for the one worker that has to do it now: at most once in `every`."""
        now = timezone.now()
        cls.objects.get_or_create(pk=name)
        late = models.Q(begun_at=None) | models.Q(begun_at__lte=now - every)
        return cls.objects.filter(late, pk=name).update(begun_at=now) == 1
