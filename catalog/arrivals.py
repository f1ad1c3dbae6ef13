"""A lip-sync model on its way: registered, fetched, tried by a worker, and found to fit or not."""

import io
import logging
import shutil
import tempfile
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

import outbound
from catalog.generators import generator_of
from catalog.models import Avatar, LipSyncModel
from catalog.sending import send
from engine import Options, render, speak
from engine.errors import EngineError, ModelUnfit
from engine.wav2lip import Probed, probe
from engine.wav2lip.probe import MAX_BYTES

logger = logging.getLogger(__name__)

DOWNLOAD_S = 1800.0  # for half a gigabyte over a slow line
PREVIEW_TEXT = "Hello! Peter may buy five warm muffins."
PREVIEW_OPTIONS = Options(resolution=512)


def request_probe(model: LipSyncModel) -> None:
    """Let a worker try the model, as soon as the transaction is over. Until then nobody can choose it."""
    pending = {"state": LipSyncModel.State.PENDING, "reason": ""}
    if LipSyncModel.objects.filter(pk=model.pk, contract=LipSyncModel.Contract.WAV2LIP).update(**pending):
        model.refresh_from_db()
        transaction.on_commit(lambda: send("probe_model", model.pk))


def request_preview(model: LipSyncModel) -> None:
    """Let a worker make the preview anew."""
    transaction.on_commit(lambda: send("preview_model", model.pk))


def try_model(model_id: str) -> LipSyncModel | None:
    """Fetch the model's file, try it and keep the verdict. None when the row is gone, or was changed meanwhile."""
    model = LipSyncModel.objects.filter(pk=model_id, contract=LipSyncModel.Contract.WAV2LIP).first()
    if model is None:
        return None
    with tempfile.TemporaryDirectory(prefix="talkingphotos-") as folder:
        file = Path(folder) / "model.onnx"
        try:
            _fetch(model, file)
            probed = probe(file)
            _require_hash(model, probed.sha256)
        except (EngineError, outbound.OutboundError) as error:
            return _keep(model, {"state": LipSyncModel.State.REFUSED, "reason": _told(error)})
        except OSError as error:
            return _keep(
                model, {"state": LipSyncModel.State.REFUSED, "reason": f"The file: {error.strerror or error}."}
            )
        return _keep_file(model, file, probed)


def make_preview(model_id: str) -> bool:
    """Let an avatar of the catalog say a sentence with this model's mouth. False when there is nothing to show."""
    model = LipSyncModel.objects.filter(pk=model_id, state=LipSyncModel.State.PASSED).first()
    avatar = Avatar.objects.published().first()
    if model is None or avatar is None:
        return False
    out = io.BytesIO()
    with avatar.image.open("rb") as stream:
        render(stream.read(), speak(PREVIEW_TEXT), out, PREVIEW_OPTIONS, mouth=generator_of(model))
    before = model.preview_video.name
    name = default_storage.save(
        model.preview_video.field.generate_filename(model, "preview.mp4"), ContentFile(out.getvalue())
    )
    kept = LipSyncModel.objects.filter(pk=model.pk, sha256=model.sha256).update(preview_video=name)
    if old := before if kept else name:
        default_storage.delete(old)
    return bool(kept)


def _fetch(model: LipSyncModel, target: Path) -> None:
    """Bring the model's file here. Raises OutboundError, ModelUnfit and OSError."""
    with target.open("wb") as out:
        if model.file:
            with model.file.open("rb") as source:
                shutil.copyfileobj(source, out, 1 << 20)
        elif model.url:
            outbound.client().download(model.url, out, max_bytes=MAX_BYTES, within_s=DOWNLOAD_S)
        else:
            _copy_local(Path(model.path), out)


def _copy_local(path: Path, out: io.BufferedWriter) -> None:
    if not path.is_file():  # a device or a pipe would never end
        raise ModelUnfit(f"there is no file {path} on the machine of this worker")
    if path.stat().st_size > MAX_BYTES:
        raise ModelUnfit(f"the file has more than {MAX_BYTES} bytes")
    with path.open("rb") as source:
        shutil.copyfileobj(source, out, 1 << 20)


def _require_hash(model: LipSyncModel, found: str) -> None:
    if model.sha256 and model.sha256 != found:
        raise ModelUnfit(f"the file has SHA-256 {found}, not {model.sha256}")


def _keep_file(model: LipSyncModel, file: Path, probed: Probed) -> LipSyncModel | None:
    """Store a file that fits, unless it lies in storage already."""
    found: dict[str, Any] = {
        "state": LipSyncModel.State.PASSED,
        "reason": "",
        "sha256": probed.sha256,
        "size_px": probed.contract.size_px,
        "dtype": probed.contract.face_dtype,
        "frame_s": probed.frame_s,
        "bytes": probed.bytes,
    }
    if model.file:
        return _keep(model, found)
    with file.open("rb") as stream:
        name = default_storage.save(model.file.field.generate_filename(model, file.name), File(stream))
    kept = _keep(model, {**found, "file": name})
    if kept is None:
        default_storage.delete(name)
    return kept


def _keep(model: LipSyncModel, found: dict[str, Any]) -> LipSyncModel | None:
    same = LipSyncModel.objects.filter(pk=model.pk, file=model.file.name or "", url=model.url, path=model.path)
    if not same.update(**found, updated_at=timezone.now()):
        return None
    logger.info("model %s: %s %s", model.pk, found["state"], found["reason"])
    model.refresh_from_db()
    return model


def _told(error: EngineError | outbound.OutboundError) -> str:
    message = str(error)
    return f"{message[:1].upper()}{message[1:].rstrip('.')}. {error.hint}".strip()[:1000]
