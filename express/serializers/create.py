"""The form of POST /api/express/create."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from engine.convert import FORMATS
from engine.framing import ASPECT_RATIOS
from engine.options import (
    CAPTIONS,
    MAX_FPS,
    MAX_SIDE_PX,
    MAX_SPEED,
    MIN_FPS,
    MIN_SIDE_PX,
    MIN_SPEED,
    OPTION_NAMES,
    Options,
)
from engine.renderer.cutout import BACKGROUNDS
from express.errors import FieldUnsupported, ImageMissing
from express.inputs import VideoRequest
from express.models import Priority

DEFAULTS = Options()


class CreateVideoSerializer(serializers.Serializer[VideoRequest]):
    """The form of POST /api/express/create. The engine checks the ranges, so that one place knows them."""

    image = serializers.FileField(
        required=False,
        allow_empty_file=True,
        help_text="The photo: JPEG, PNG, WebP, GIF, BMP, TIFF, HEIC or AVIF. Required unless `avatar_id` is given.",
    )
    avatar_id = serializers.CharField(
        required=False, allow_blank=True, help_text="An avatar of GET /api/avatars, instead of a photo."
    )
    audio = serializers.FileField(
        required=False,
        allow_empty_file=True,
        help_text="The speech: any audio that FFmpeg decodes. Wins over `text`.",
    )
    text = serializers.CharField(
        required=False,
        allow_blank=True,
        trim_whitespace=False,
        help_text='What to say, with `<break time="500ms"/>` for pauses and `[word](/ipa/)` for pronunciations where '
        "they are wanted. Neither audio nor text: the service's greeting.",
    )
    voice_id = serializers.CharField(
        required=False,
        allow_blank=True,
        help_text="A voice of GET /api/voices that speaks the text; by the text's language when left out.",
    )
    language = serializers.CharField(
        required=False,
        max_length=35,
        help_text="The text's language (BCP 47, as in `de` or `en-GB`) if no voice is named; found out when left out.",
    )
    speed = serializers.FloatField(
        required=False,
        help_text=f"Of the voice, {MIN_SPEED:g} to {MAX_SPEED:g}, at the same pitch; {DEFAULTS.speed:g} when left out.",
    )
    model_id = serializers.CharField(
        required=False, allow_blank=True, help_text="A lip-sync model of GET /api/models; the default when left out."
    )
    fps = serializers.FloatField(
        required=False,
        help_text=f"Frames per second, {MIN_FPS:g} to {MAX_FPS:g}; {DEFAULTS.fps:g} when left out.",
    )
    resolution = serializers.IntegerField(
        required=False,
        help_text=f"Longest side in pixels, {MIN_SIDE_PX} to {MAX_SIDE_PX}; {DEFAULTS.resolution} when left out. "
        "A photo is made smaller to fit, never larger.",
    )
    head_motion = serializers.FloatField(
        required=False, help_text=f"How much the head moves, 0 to 1; {DEFAULTS.head_motion:g} when left out."
    )
    expressiveness = serializers.FloatField(
        required=False,
        help_text=f"How strongly mouth and brows move, 0 to 2; {DEFAULTS.expressiveness:g} when left out.",
    )
    seed = serializers.IntegerField(
        required=False, help_text="Blinks and sway; the same seed gives the same video. 0 when left out."
    )
    face_index = serializers.IntegerField(
        required=False, help_text="Which face of several talks, the largest being 0. The clearly largest when left out."
    )
    output_format = serializers.CharField(
        required=False, help_text=f"One of {', '.join(FORMATS)}; {DEFAULTS.output_format} when left out."
    )
    aspect_ratio = serializers.CharField(
        required=False,
        help_text=f"One of {', '.join(ASPECT_RATIOS)}; {DEFAULTS.aspect_ratio} when left out. The photo is cut around "
        "the face and never enlarged.",
    )
    background = serializers.CharField(
        required=False,
        help_text=f"One of {', '.join(BACKGROUNDS)}, or a colour as #rrggbb; {DEFAULTS.background} when left out. "
        "`transparent` needs `output_format` webm (VP9) or mov (ProRes 4444).",
    )
    captions = serializers.CharField(
        required=False,
        help_text=f"One of {', '.join(CAPTIONS)}; {DEFAULTS.captions} when left out. `file`: as WebVTT and SubRip; "
        "`burned`: in the picture as well.",
    )
    priority = serializers.ChoiceField(
        required=False,
        choices=[priority.name.lower() for priority in Priority],
        help_text="`low` lets everybody else go first; `high` goes first, with a key that may; normal when left out.",
    )
    user_data = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=1000,
        trim_whitespace=False,
        help_text="Echoed in the video's JSON.",
    )
    callback_url = serializers.CharField(
        required=False,
        allow_blank=True,
        help_text="Where to tell, by a signed POST (Standard Webhooks), that the video has ended.",
    )
    callback_id = serializers.CharField(
        required=False, allow_blank=True, max_length=200, help_text="Echoed in the webhook and in the video's JSON."
    )

    def to_internal_value(self, data: Mapping[str, Any]) -> Any:
        """Refuse fields that this server does not take: a misspelt one would be passed over in silence."""
        unknown = sorted(set(data) - set(self.fields))
        if unknown:
            raise FieldUnsupported(
                f"this server does not take {', '.join(name[:64] for name in unknown[:10])}",
                option=unknown[0][:64],
                fields=list(self.fields),
            )
        if isinstance(data.get("image"), str) and data["image"]:
            raise ImageMissing("`image` holds text, not a file; with curl, write -F image=@photo.jpg", field="image")
        # An input of an HTML form that was left empty arrives as "".
        return super().to_internal_value({name: data[name] for name in data if data[name] != ""})

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Check what fields mean together."""
        if "image" in attrs and "avatar_id" in attrs:
            raise serializers.ValidationError({"avatar_id": ["Send either `image` or `avatar_id`, not both."]})
        return attrs

    def to_request(self, public_url: str = "", *, reuse: bool = True) -> VideoRequest:
        """Return the validated form as what the services take. public_url: how the client reached us."""
        form = self.validated_data
        image, audio = form.get("image"), form.get("audio")
        return VideoRequest(
            photo=image.read() if image is not None else None,
            avatar_id=form.get("avatar_id", ""),
            audio=audio.read() if audio is not None else None,
            text=form.get("text", ""),
            voice_id=form.get("voice_id", ""),
            model_id=form.get("model_id", ""),
            language=form.get("language", ""),
            options={name: form[name] for name in OPTION_NAMES if name in form},
            user_data=form.get("user_data", ""),
            callback_url=form.get("callback_url", ""),
            callback_id=form.get("callback_id", ""),
            public_url=public_url,
            reuse=reuse,
            priority=Priority[form.get("priority", "normal").upper()],
        )
