"""What a fresh installation finds in its catalog: stock avatars, and every voice that the engine has."""

import logging
from dataclasses import dataclass
from pathlib import Path

from catalog.files import is_stored, store
from catalog.models import Avatar, Gender, LipSyncModel
from catalog.models.lipsync import LAYERED
from catalog.photos import prepare_photo
from catalog.stock_voices import load_voices

STOCK_DIR = Path(__file__).resolve().parent.parent / "media" / "stock"
NASA = "Public domain (NASA); not to be shown as endorsing anything"
NAVY = "Public domain (US Navy)"
CC0 = "CC0 1.0"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StockAvatar:
    """One picture of STOCK_DIR and a clip of it talking; both files are called after the id."""

    id: str
    name: str
    gender: Gender
    style: Avatar.Style
    tags: tuple[str, ...]
    licence: str
    source: str


AVATARS = (
    StockAvatar(
        "astronaut",
        "Eileen Collins",
        Gender.FEMALE,
        Avatar.Style.PHOTO,
        ("astronaut", "smiling", "portrait"),
        NASA,
        "NASA, official portrait; scikit-image's `astronaut`",
    ),
    StockAvatar(
        "maya",
        "Maya",
        Gender.FEMALE,
        Avatar.Style.ILLUSTRATION,
        ("drawn", "smiling", "dark hair"),
        CC0,
        "Drawn for Talking Photos; no real person",
    ),
    StockAvatar(
        "jonas",
        "Jonas",
        Gender.MALE,
        Avatar.Style.ILLUSTRATION,
        ("drawn", "smiling", "red hair", "beard"),
        CC0,
        "Drawn for Talking Photos; no real person",
    ),
    StockAvatar(
        "grace-hopper",
        "Grace Hopper",
        Gender.FEMALE,
        Avatar.Style.PHOTO,
        ("scientist", "glasses", "portrait"),
        NAVY,
        "James S. Davis, US Navy, 1984; Matplotlib's `grace_hopper`",
    ),
    StockAvatar(
        "noor",
        "Noor",
        Gender.FEMALE,
        Avatar.Style.ILLUSTRATION,
        ("drawn", "smiling", "headscarf"),
        CC0,
        "Drawn for Talking Photos; no real person",
    ),
)


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
        "source": stock.source,
        "position": position,
    }
    Avatar.objects.update_or_create(pk=stock.id, defaults=files, create_defaults=described | files)
    logger.info("stock avatar %s: loaded", stock.id)
    return True
