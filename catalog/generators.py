"""From a lip-sync model's row to what draws: its file, kept on this machine by its hash and checked before each use."""

import hashlib
import os
import shutil
import tempfile
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from catalog.models import LipSyncModel
from engine.errors import EngineFault
from engine.wav2lip import Wav2Lip, open_wav2lip

OPEN = 2  # networks that a process keeps; each holds its weights, up to half a gigabyte


class ModelUnavailable(EngineFault):
    """A model's file is gone from storage, or is not the one that was tried."""

    code = "model_unavailable"
    hint = "Leave `model_id` out, or have the model tried again in the admin."


def generator_of(model: LipSyncModel) -> Wav2Lip | None:
    """Return what draws the mouth for a model that passed; None for the built-in renderer.

    Raises ModelUnavailable, OSError while the storage is away, ModelUnfit or GpuUnavailable where this machine cannot
    run it.
    """
    if model.contract == LipSyncModel.Contract.LAYERED:
        return None
    return _open(model.sha256, str(_local_file(model)))


@lru_cache(maxsize=OPEN)
def _open(sha256: str, path: str) -> Wav2Lip:
    """Open a file once a process. What is checked is what is opened: the same bytes."""
    data = Path(path).read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        Path(path).unlink(missing_ok=True)  # the next try fetches it again
        raise ModelUnavailable(f"the model's file has SHA-256 {found}, not {sha256}")
    return open_wav2lip(data)


def _local_file(model: LipSyncModel) -> Path:
    """The model's file in MODEL_CACHE_DIR, fetched from storage when this machine has it not."""
    folder = Path(settings.MODEL_CACHE_DIR)
    path = folder / f"{model.sha256}.onnx"
    if path.is_file():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as out, model.file.open("rb") as source:
            shutil.copyfileobj(source, out, 1 << 20)
        os.replace(name, path)
    except (FileNotFoundError, ValueError) as error:  # ValueError: the row has no file
        raise ModelUnavailable(f"the file of the model {model.pk} is not in storage") from error
    finally:
        Path(name).unlink(missing_ok=True)
    return path
