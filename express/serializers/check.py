"""POST /api/express/check: its form, and what it says of a photo."""

from typing import Any

from rest_framework import serializers

from engine import Options
from engine.face import Face
from engine.inspection import Inspection
from express.errors import ImageMissing

LOOKS = ("resolution", "face_index", "aspect_ratio", "background", "output_format")  # options that a photo is held to


class CheckPhotoSerializer(serializers.Serializer[Options]):
    """The form."""

    image = serializers.FileField(required=False, allow_empty_file=True, help_text="The photo.")
    resolution = serializers.IntegerField(required=False, help_text="As in a creation, like the others below.")
    face_index = serializers.IntegerField(required=False)
    aspect_ratio = serializers.CharField(required=False)
    background = serializers.CharField(required=False)
    output_format = serializers.CharField(required=False)

    def to_photo(self) -> tuple[bytes, Options]:
        """Return the validated form as what the engine takes. Raises ImageMissing, InvalidOption."""
        form = self.validated_data
        if "image" not in form:
            raise ImageMissing("the request holds no photo", field="image")
        return form["image"].read(), Options(**{name: form[name] for name in LOOKS if name in form})


class PoseSerializer(serializers.Serializer[Any]):
    """Where a head looks."""

    yaw = serializers.FloatField(help_text="Degrees.")
    pitch = serializers.FloatField(help_text="Degrees.")
    roll = serializers.FloatField(help_text="Degrees.")


class FoundFaceSerializer(serializers.Serializer[Any]):
    """One face."""

    face_index = serializers.IntegerField(help_text="Names it in a creation; the largest is 0.")
    box = serializers.ListField(child=serializers.IntegerField(), help_text="x, y, width, height in the photo's px.")
    height = serializers.IntegerField(help_text="Forehead to chin, px.")
    pose = PoseSerializer()
    presence = serializers.FloatField(help_text="0 to 1: how sure it is that this is a face.")


class CheckedPhotoSerializer(serializers.Serializer[Inspection]):
    """What a photo would get."""

    usable = serializers.BooleanField()
    verdict = serializers.CharField(help_text="`ok`, or the code that a creation would be refused with.")
    message = serializers.CharField(allow_blank=True)
    hint = serializers.CharField(allow_blank=True, help_text="What would help.")
    details = serializers.DictField()
    width = serializers.IntegerField(allow_null=True, help_text="Of the upright photo; null: it cannot be read.")
    height = serializers.IntegerField(allow_null=True)
    face_index = serializers.IntegerField(allow_null=True, help_text="Of the face that would talk.")
    faces = FoundFaceSerializer(many=True)

    def to_representation(self, instance: Inspection) -> dict[str, Any]:
        """Return the JSON."""
        fault = instance.fault
        width, height = instance.size_px or (None, None)
        return {
            "usable": fault is None,
            "verdict": fault.code if fault else "ok",
            "message": fault.message if fault else "",
            "hint": fault.hint if fault else "",
            "details": fault.details if fault else {},
            "width": width,
            "height": height,
            "face_index": instance.chosen,
            "faces": [_told(index, face) for index, face in enumerate(instance.faces)],
        }


def _told(index: int, face: Face) -> dict[str, Any]:
    return {
        "face_index": index,
        "box": [round(value) for value in face.box_px],
        "height": round(face.height_px),
        "pose": {name: round(getattr(face.pose, name), 1) for name in ("yaw", "pitch", "roll")},
        "presence": round(face.presence, 3),
    }
