"""Lip-sync models: what draws the mouth, the built-in renderer or a network that somebody brought."""

from typing import Self

from django.conf import settings
from django.core.validators import FileExtensionValidator, RegexValidator
from django.db import models, transaction

from catalog.models.entry import Entry, EntryQuerySet, file_name, private_name

LAYERED = "layered"  # the id of the built-in renderer's row

sha256_hex = RegexValidator(r"\A[0-9a-f]{64}\Z", "A SHA-256 is 64 hexadecimal digits, in small letters.")


class LipSyncModelQuerySet(EntryQuerySet["LipSyncModel"]):
    """Lip-sync models."""

    def published(self) -> Self:
        """What requests may name: published, fit, and allowed by COMMERCIAL_USE_ONLY."""
        rows = super().published().filter(state=LipSyncModel.State.PASSED)
        return rows.filter(commercial_use=True) if settings.COMMERCIAL_USE_ONLY else rows


class LipSyncModel(Entry):
    """Something that draws mouths.

        pending -> passed     catalog.arrivals found that its file keeps the contract
                -> refused    it does not; `reason` says why

    The file comes by upload, from a path of the worker's machine, or from a URL, and then lies in storage.
    """

    class Contract(models.TextChoices):
        """How it is asked."""

        LAYERED = "layered", "built-in renderer"
        WAV2LIP = "wav2lip", "Wav2Lip (ONNX)"

    class State(models.TextChoices):
        """What trying it has shown."""

        PENDING = "pending", "being tried"
        PASSED = "passed", "fits"
        REFUSED = "refused", "does not fit"

    gender = None  # type: ignore[assignment]  # of Entry; a model has none
    contract = models.CharField(max_length=16, choices=Contract.choices, default=Contract.WAV2LIP, editable=False)
    file = models.FileField(
        "ONNX file",
        upload_to=private_name,  # licences seldom let it be passed on
        blank=True,
        validators=[FileExtensionValidator(["onnx"])],
        help_text="With the public Wav2Lip contract. Files too large for a form come by path or URL.",
    )
    path = models.CharField(max_length=1000, blank=True, help_text="Or a path on the worker's machine.")
    url = models.URLField("URL", max_length=2000, blank=True)
    sha256 = models.CharField(
        "SHA-256", max_length=64, blank=True, validators=[sha256_hex], help_text="Of the file. Checked before each use."
    )
    commercial_use = models.BooleanField(
        "commercial use allowed",
        default=False,
        help_text="Whether its licence allows it; the public weights' does not.",
    )
    is_default = models.BooleanField("default", default=False, help_text="Draws when a request names no model.")
    preview_video = models.FileField(upload_to=file_name, blank=True, editable=False)

    state = models.CharField(max_length=8, choices=State.choices, default=State.PENDING, editable=False)
    reason = models.CharField(max_length=1000, blank=True, editable=False)
    size_px = models.PositiveIntegerField("face", null=True, editable=False)  # side of the square that it draws
    dtype = models.CharField("numbers", max_length=16, blank=True, editable=False)  # of its face input
    frame_s = models.FloatField(null=True, editable=False)  # seconds a frame took on one core, when it was tried
    bytes = models.PositiveBigIntegerField("file size", null=True, editable=False)

    objects = LipSyncModelQuerySet.as_manager()

    class Meta(Entry.Meta):
        verbose_name = "lip-sync model"
        constraints = [
            models.CheckConstraint(
                name="model_passed_has_file",
                condition=~models.Q(state="passed")
                | models.Q(contract="layered")
                | (~models.Q(file="") & ~models.Q(sha256="") & models.Q(size_px__gt=0)),
                violation_error_message="A model fits only with its file and the file's SHA-256.",
            ),
            models.UniqueConstraint(
                name="model_one_default",
                fields=["is_default"],
                condition=models.Q(is_default=True),
                violation_error_message="Another model is the default.",
            ),
        ]

    @classmethod
    def default(cls) -> "LipSyncModel | None":
        """The model for requests that name none: the marked one if they may name it, else the built-in renderer."""
        return (
            cls.objects.published()
            .filter(models.Q(is_default=True) | models.Q(pk=LAYERED))
            .order_by("-is_default")
            .first()
        )

    def make_default(self) -> None:
        """Make this the default model, and the former one not."""
        with transaction.atomic():
            LipSyncModel.objects.all().lock()
            LipSyncModel.objects.filter(is_default=True).exclude(pk=self.pk).update(is_default=False)
            LipSyncModel.objects.filter(pk=self.pk).update(is_default=True, is_published=True)
        self.is_default = self.is_published = True
