"""The admin's form of lip-sync models: one source, and what its rights are."""

from typing import Any

from django import forms

from catalog.models import LipSyncModel

SOURCES = ("file", "path", "url")


class LipSyncModelForm(forms.ModelForm):  # type: ignore[type-arg]
    """A model by upload, path or URL. A worker tries it after it was saved."""

    url = forms.URLField(
        label="URL",
        required=False,
        max_length=2000,
        assume_scheme="https",
        help_text="Or where to fetch it, with its SHA-256.",
    )

    class Meta:
        model = LipSyncModel
        widgets = {"file": forms.FileInput}  # without a link: the file is nobody's to download
        fields = ("id", "name", *SOURCES, "sha256", "licence", "source", "commercial_use", "is_published")

    def clean_sha256(self) -> str:
        """Take it as people paste it."""
        return str(self.cleaned_data["sha256"]).strip().lower()

    def clean(self) -> dict[str, Any]:
        """See that there is exactly one source, and that a URL comes with its hash."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if self.instance.contract == LipSyncModel.Contract.LAYERED:
            return data
        given = [name for name in SOURCES if name in self.changed_data and data.get(name)]
        if len(given) > 1:
            self.add_error(given[1], "Give the file, a path or a URL: one of them.")
        elif not given and not any(data.get(name) for name in SOURCES):
            self.add_error("file", "Upload a file, or give a path or a URL.")
        elif given:
            self._replace(given[0], data)
        if self.has_new_source:  # nobody is to choose it before it was tried
            self.instance.state, self.instance.reason = LipSyncModel.State.PENDING, ""
        return data

    @property
    def has_new_source(self) -> bool:
        """Whether there is something that has not been tried."""
        return bool({*SOURCES, "sha256"} & set(self.changed_data))

    def _replace(self, source: str, data: dict[str, Any]) -> None:
        """Let the new source be the only one; the old one's hash goes with it."""
        for name in SOURCES:
            if name != source:
                data[name] = "" if name != "file" else False  # False: Django's word for an emptied FileField
        if "sha256" not in self.changed_data:
            data["sha256"] = ""
        if source == "url" and not data.get("sha256"):
            self.add_error("sha256", "A file from a URL needs its SHA-256, as its maker publishes it.")
