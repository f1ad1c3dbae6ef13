"""Finding avatars, voices and models by filters, one query each, and the voice for a text."""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.db.models import Q, TextField
from django.db.models.functions import Cast

from catalog.models import Avatar, LipSyncModel, Voice
from catalog.voices import library
from engine.errors import NoVoiceForLanguage
from engine.speech.language import detect


def find_avatars(filters: Mapping[str, str], columns: Sequence[str]) -> list[dict[str, Any]]:
    """These columns and the tags of the published avatars that match every filter: see AvatarFilter.

    The columns hold the name.
    """
    rows = Avatar.objects.published().filter(**{name: filters[name] for name in ("gender", "style") if name in filters})
    tag, words = filters.get("tag"), filters.get("q")
    found = list(rows.annotate(tags_json=Cast("tags", TextField())).values(*columns, "tags_json"))
    for row in found:
        row["tags"] = _parsed(row.pop("tags_json"))
    return [row for row in found if _has_tag(row["tags"], tag) and _has_words(row, words)]


def find_voices(filters: Mapping[str, str], columns: Sequence[str]) -> list[dict[str, Any]]:
    """These columns of the published voices that match every filter: language, gender, engine, q (see VoiceFilter)."""
    rows = Voice.objects.published().filter(**{name: filters[name] for name in ("gender", "engine") if name in filters})
    if language := filters.get("language"):
        rows = rows.filter(Q(language__iexact=language) | Q(language__istartswith=f"{language}-"))
    for word in filters.get("q", "").split():
        rows = rows.filter(name__icontains=word)
    return list(rows.values(*columns))


def voice_for(text: str, language: str = "") -> Voice | None:
    """The voice that speaks a text when none is named: the first published one of its language.

    language: BCP 47; found out from the text when empty. The default voice comes first in its own language, and
    reads texts that do not tell theirs. None where the catalog has no voice that could speak.
    Raises NoVoiceForLanguage.
    """
    installed = {voice.name for voice in library().voices}
    published = Voice.objects.published().order_by("-is_default", "position", "id")
    columns = ("id", "language", "engine_voice", "is_default", "position")
    voices = [voice for voice in published.only(*columns) if voice.engine_voice in installed]
    if not voices:
        return None
    bases = {_base(voice.language) for voice in voices}
    wanted = language or detect(text, bases, _base(voices[0].language)).language
    same = [voice for voice in voices if _base(voice.language) == _base(wanted)]
    if not same:
        spoken = sorted({voice.language for voice in voices})
        raise NoVoiceForLanguage(
            f"no voice here speaks {wanted[:35]!r}; there are voices for {', '.join(spoken)}",
            language=wanted[:35],
            languages=spoken,
        )
    return next((voice for voice in same if voice.language.lower() == wanted.lower()), same[0])


def _base(language: str) -> str:
    return language.lower().split("-")[0]


def find_models(filters: Mapping[str, Any]) -> list[LipSyncModel]:
    """Lip-sync models that requests may name and that match every filter: contract, commercial_use, q (ModelFilter)."""
    names = ("contract", "commercial_use")
    rows = LipSyncModel.objects.published().filter(**{name: filters[name] for name in names if name in filters})
    for word in filters.get("q", "").split():
        rows = rows.filter(name__icontains=word)
    return list(rows)


@lru_cache(maxsize=2048)  # parsing the tags of a thousand rows anew took a third of the time of the whole list
def _parsed(tags: str) -> tuple[str, ...]:
    return tuple(json.loads(tags))


# Tags are looked at here because SQLite cannot search in a JSON list; a catalog is some hundred rows at most.
def _has_tag(tags: Iterable[str], tag: str | None) -> bool:
    return tag is None or tag.casefold() in (own.casefold() for own in tags)


def _has_words(row: Mapping[str, Any], words: str | None) -> bool:
    if not words:
        return True
    text = " ".join([row["name"], *row["tags"]]).casefold()
    return all(word in text for word in words.casefold().split())
