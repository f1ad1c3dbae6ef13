"""The same photo is analysed once: for a check, the creation after it, the worker, and the next video of it."""

import hashlib
import io
import logging
from datetime import timedelta

import numpy as np
from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils import timezone
from numpy.typing import NDArray

from engine.digest import engine_digest
from engine.face import Face, find_faces
from engine.face.types import HeadPose
from express.models import Analysis

logger = logging.getLogger(__name__)


class FaceFinder:
    """Finds the faces in pictures, or remembers them. keys: of the analyses that it used."""

    def __init__(self, *, reuse: bool = True) -> None:
        self._reuse = reuse and settings.REUSE_ANALYSES
        self.keys: list[str] = []

    def __call__(self, rgb: NDArray[np.uint8]) -> list[Face]:
        """Return the faces in an (h, w, 3) RGB picture, the largest first."""
        if not self._reuse:
            return find_faces(rgb)
        key = hashlib.sha256(f"{engine_digest()} {rgb.shape} ".encode() + np.ascontiguousarray(rgb).data).hexdigest()
        self.keys.append(key)
        try:
            known = Analysis.objects.filter(pk=key).first()
            if known is not None:
                return _faces(bytes(known.faces))
            faces = find_faces(rgb)
            with transaction.atomic():
                Analysis.objects.bulk_create([Analysis(pk=key, faces=_packed(faces))], ignore_conflicts=True)
        except DatabaseError as error:  # it is a shortcut, and a photo can be looked at without it
            logger.warning("the analysis of a photo cannot be kept: %s", type(error).__name__)
            return find_faces(rgb)
        return faces


def remove_old() -> int:
    """Forget the analyses whose time is over. Returns how many there were."""
    old = timezone.now() - timedelta(seconds=settings.ANALYSIS_KEEP_S)
    return Analysis.objects.filter(created_at__lt=old).delete()[0]


def _packed(faces: list[Face]) -> bytes:
    file = io.BytesIO()
    np.savez(
        file,
        boxes=np.array([face.box_px for face in faces], np.float64).reshape(-1, 4),
        landmarks=np.array([face.landmarks_px for face in faces], np.float32),
        blendshapes=np.array([face.blendshapes for face in faces], np.float32),
        others=np.array([_others(face) for face in faces], np.float64).reshape(-1, 4),
    )
    return file.getvalue()


def _others(face: Face) -> tuple[float, ...]:
    return face.presence, face.pose.yaw, face.pose.pitch, face.pose.roll


def _faces(packed: bytes) -> list[Face]:
    with np.load(io.BytesIO(packed), allow_pickle=False) as held:
        rows = zip(held["boxes"], held["landmarks"], held["blendshapes"], held["others"], strict=True)
        return [
            Face((float(x), float(y), float(w), float(h)), landmarks, shapes, float(sure), HeadPose(*map(float, pose)))
            for (x, y, w, h), landmarks, shapes, (sure, *pose) in rows
        ]
