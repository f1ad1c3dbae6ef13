"""Analysis: the faces that were found in a picture, for the next one who looks at it."""

from django.db import models
from django.utils import timezone


class Analysis(models.Model):
    """Kept for an hour at most, and no longer than a video of the picture: landmarks tell who somebody is."""

    id = models.CharField(primary_key=True, max_length=64)  # SHA-256 of the pixels and of what looked at them
    faces = models.BinaryField()
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        verbose_name_plural = "analyses"

    def __str__(self) -> str:
        return self.id
