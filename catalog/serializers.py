"""What the catalog's API shows, and the filters that it takes."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from catalog.addresses import Addresses
from catalog.models import Avatar, Gender, LipSyncModel


class AvatarSerializer(serializers.Serializer[Mapping[str, Any]]):
    """An avatar as requests and pages see it, from the columns that a list reads; `addresses` come by the context."""

    id = serializers.CharField()
    name = serializers.CharField()
    image_url = serializers.URLField()
    thumbnail_url = serializers.URLField()
    preview_video_url = serializers.URLField(allow_null=True)
    tags = serializers.ListField(child=serializers.CharField())
    gender = serializers.ChoiceField(Gender.choices)
    style = serializers.ChoiceField(Avatar.Style.choices)  # type: ignore[assignment]  # DRF moves it

    COLUMNS = ("id", "name", "image", "thumbnail", "preview_video", "gender", "style")  # and the tags

    def to_representation(self, instance: Mapping[str, Any]) -> dict[str, Any]:
        """Plain look-ups: DRF's own way by fields takes ten times as long, and lists are long."""
        addresses: Addresses = self.context["addresses"]
        return {
            "id": instance["id"],
            "name": instance["name"],
            "image_url": addresses.of(instance["image"]),
            "thumbnail_url": addresses.of(instance["thumbnail"]),
            "preview_video_url": addresses.of(instance["preview_video"]),
            "tags": instance["tags"],
            "gender": instance["gender"],
            "style": instance["style"],
        }


class VoiceSerializer(serializers.Serializer[Mapping[str, Any]]):
    """A voice as requests and pages see it, from the columns that a list reads; `addresses` come by the context."""

    id = serializers.CharField()
    name = serializers.CharField()
    language = serializers.CharField(help_text="BCP 47, as in `en-GB`.")
    gender = serializers.ChoiceField(Gender.choices)
    engine = serializers.CharField()
    sample_rate = serializers.IntegerField(help_text="Hz, as the engine speaks.")
    preview_audio_url = serializers.URLField(allow_null=True, help_text="null: a worker is still making it.")

    COLUMNS = ("id", "name", "language", "gender", "engine", "sample_rate", "preview_audio")

    def to_representation(self, instance: Mapping[str, Any]) -> dict[str, Any]:
        """Plain look-ups, as for avatars."""
        addresses: Addresses = self.context["addresses"]
        return {
            "id": instance["id"],
            "name": instance["name"],
            "language": instance["language"],
            "gender": instance["gender"],
            "engine": instance["engine"],
            "sample_rate": instance["sample_rate"],
            "preview_audio_url": addresses.of(instance["preview_audio"]),
        }


class LipSyncModelSerializer(serializers.ModelSerializer[LipSyncModel]):
    """A lip-sync model as requests and pages see it."""

    face_px = serializers.IntegerField(
        source="size_px", read_only=True, allow_null=True, help_text="Side of the face that it draws; null: any."
    )
    preview_video_url = serializers.FileField(source="preview_video", read_only=True, allow_null=True)

    class Meta:
        model = LipSyncModel
        fields = [
            "id",
            "name",
            "contract",
            "sha256",
            "licence",
            "commercial_use",
            "face_px",
            "is_default",
            "preview_video_url",
        ]


class AvatarFilter(serializers.Serializer[Any]):
    """Query string of the list of avatars; every given filter has to match."""

    q = serializers.CharField(required=False, max_length=100, help_text="Words in the name or the tags.")
    tag = serializers.CharField(required=False, max_length=40, help_text="One whole tag.")
    gender = serializers.ChoiceField(Gender.choices, required=False)
    style = serializers.ChoiceField(Avatar.Style.choices, required=False)  # type: ignore[assignment]  # DRF moves it


class VoiceFilter(serializers.Serializer[Any]):
    """Query string of the list of voices; every given filter has to match."""

    q = serializers.CharField(required=False, max_length=100, help_text="Words in the name.")
    language = serializers.CharField(
        required=False, max_length=35, help_text="BCP 47; “en” also finds “en-GB” (RFC 4647, basic filtering)."
    )
    gender = serializers.ChoiceField(Gender.choices, required=False)
    engine = serializers.CharField(required=False, max_length=32)


class ModelFilter(serializers.Serializer[Any]):
    """Query string of the list of lip-sync models; every given filter has to match."""

    q = serializers.CharField(required=False, max_length=100, help_text="Words in the name.")
    contract = serializers.ChoiceField(LipSyncModel.Contract.choices, required=False)
    commercial_use = serializers.BooleanField(required=False, allow_null=True, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Leave out what was not given: a missing box of a form means no to Django."""
        return {name: value for name, value in attrs.items() if value is not None}
