"""What the catalog's API shows, and the filters that it takes."""

from typing import Any

from rest_framework import serializers

from catalog.models import Avatar, Gender, LipSyncModel, Voice


class AvatarSerializer(serializers.ModelSerializer[Avatar]):
    """An avatar as requests and pages see it."""

    image_url = serializers.FileField(source="image", read_only=True)
    thumbnail_url = serializers.FileField(source="thumbnail", read_only=True)
    preview_video_url = serializers.FileField(source="preview_video", read_only=True, allow_null=True)
    tags = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = Avatar
        fields = [
            "id",
            "name",
            "image_url",
            "thumbnail_url",
            "preview_video_url",
            "tags",
            "gender",
            "style",
        ]


class VoiceSerializer(serializers.ModelSerializer[Voice]):
    """A voice as requests and pages see it."""

    preview_audio_url = serializers.FileField(source="preview_audio", read_only=True, allow_null=True)

    class Meta:
        model = Voice
        fields = [
            "id",
            "name",
            "language",
            "gender",
            "engine",
            "sample_rate",
            "preview_audio_url",
        ]


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
