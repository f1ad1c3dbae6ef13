"""Finding avatars, voices and models by filters, one query each."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q

from catalog.models import Avatar, LipSyncModel, Voice


def find_avatars(filters: Mapping[str, str]) -> list[Avatar]:
    """Published avatars that match every filter: gender, style, tag, q (see AvatarFilter)."""
    rows = Avatar.objects.published().filter(**{name: filters[name] for name in ("gender", "style") if name in filters})
    return [avatar for avatar in rows if _has_tag(avatar, filters.get("tag")) and _has_words(avatar, filters.get("q"))]


def find_voices(filters: Mapping[str, str]) -> list[Voice]:
    """Published voices that match every filter: language, gender, engine, q (see VoiceFilter)."""
    rows = Voice.objects.published().filter(**{name: filters[name] for name in ("gender", "engine") if name in filters})
    if language := filters.get("language"):
        rows = rows.filter(Q(language__iexact=language) | Q(language__istartswith=f"{language}-"))
    for word in filters.get("q", "").split():
        rows = rows.filter(name__icontains=word)
    return list(rows)


def find_models(filters: Mapping[str, Any]) -> list[LipSyncModel]:
    """Lip-sync models that requests may name and that match every filter: contract, commercial_use, q (ModelFilter)."""
    names = ("contract", "commercial_use")
    rows = LipSyncModel.objects.published().filter(**{name: filters[name] for name in names if name in filters})
    for word in filters.get("q", "").split():
        rows = rows.filter(name__icontains=word)
    return list(rows)


# Tags are looked at here because SQLite cannot search in a JSON list; a catalog is some hundred rows at most.
def _has_tag(avatar: Avatar, tag: str | None) -> bool:
    return tag is None or tag.casefold() in (own.casefold() for own in avatar.tags)


def _has_words(avatar: Avatar, words: str | None) -> bool:
    text = " ".join([avatar.name, *avatar.tags]).casefold()
    return all(word in text for word in (words or "").casefold().split())
