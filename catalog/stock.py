"""What a fresh installation finds in its catalog: stock avatars, and every voice that the engine has."""

import logging
from pathlib import Path

from catalog.files import is_stored, store
from catalog.models import Avatar, LipSyncModel
from catalog.models.lipsync import LAYERED
from catalog.photos import prepare_photo
from catalog.stock_avatars import AVATARS, StockAvatar
from catalog.stock_voices import load_voices

STOCK_DIR = Path(__file__).resolve().parent.parent / "media" / "stock"

logger = logging.getLogger(__name__)


def load_stock() -> int:
    """Add what the catalog lacks; return how many rows and files were added.

    May run at every start: what is there stays as it is, edits made in the admin included. What was
    deleted comes back; unpublish it instead.
    """
    added = sum(_load_avatar(stock, 10 * (place + 1)) for place, stock in enumerate(AVATARS))
    return added + load_voices() + _load_renderer()


def _load_renderer() -> bool:
    """The built-in renderer, as a row beside the models that others bring."""
    row = {
        "name": "Layered",
        "contract": LipSyncModel.Contract.LAYERED,
        "state": LipSyncModel.State.PASSED,
        "licence": "Apache-2.0",
        "source": "Talking Photos; moves the photo's own pixels",
        "commercial_use": True,
        "is_default": not LipSyncModel.objects.filter(is_default=True).exists(),
        "position": 10,
    }
    return LipSyncModel.objects.get_or_create(pk=LAYERED, defaults=row)[1]


def _load_avatar(stock: StockAvatar, position: int) -> bool:
    row = Avatar.objects.filter(pk=stock.id).first()
    if row and row.original:
        return False  # somebody chose another photo for it, or its consent ended
    if row and is_stored(row.image) and is_stored(row.thumbnail) and is_stored(row.preview_video):
        return False
    photo = prepare_photo((STOCK_DIR / f"{stock.id}.jpg").read_bytes())
    if photo.error:
        raise photo.error
    image = store(f"catalog/avatars/{stock.id}", photo.suffix, photo.image)
    thumbnail = store(f"catalog/avatars/{stock.id}-thumbnail", ".jpg", photo.thumbnail)
    preview = store(f"catalog/avatars/{stock.id}", ".mp4", (STOCK_DIR / f"{stock.id}.mp4").read_bytes())
    files = {
        "image": image,
        "thumbnail": thumbnail,
        "preview_video": preview,
        "face_box": photo.face_box,
        "analysis": photo.facts,
        "state": Avatar.State.PASSED,
    }
    described = {
        "name": stock.name,
        "gender": stock.gender,
        "style": stock.style,
        "tags": list(stock.tags),
        "licence": stock.licence,
        "depicts_living_person": stock.living,
        "is_published": not stock.living,  # that takes a consent, which is the operator's to get
        "source": stock.source,
        "position": position,
    }
    Avatar.objects.update_or_create(pk=stock.id, defaults=files, create_defaults=described | files)
    logger.info("stock avatar %s: loaded", stock.id)
    return True
