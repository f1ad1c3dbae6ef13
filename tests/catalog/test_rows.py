"""What the database itself insists on."""

import threading
from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection

from catalog.models import Avatar, LipSyncModel, Voice
from tests.catalog.rows import avatar, model, voice

pytestmark = pytest.mark.django_db


def test_an_avatar_without_a_face_cannot_be_published():
    row = avatar("nobody", is_published=False, face_box=None, state="refused")
    row.is_published = True
    with pytest.raises(IntegrityError):
        row.save()


def test_there_is_one_default_voice_at_most():
    voice("first", is_default=True)
    with pytest.raises(IntegrityError):
        voice("second", is_default=True)


def test_the_default_voice_is_published():
    with pytest.raises(IntegrityError):
        voice("mute", is_default=True, is_published=False)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("make", [voice, model])
def test_of_many_that_are_made_the_default_at_once_one_is(make: Callable[[str], Voice | LipSyncModel]) -> None:
    rows, faults = [make(f"row-{number}") for number in range(6)], []

    def choose(row: Voice | LipSyncModel) -> None:
        try:
            for _ in range(5):
                row.make_default()
        except Exception as error:
            faults.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=choose, args=[row]) for row in rows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert type(rows[0]).objects.filter(is_default=True).count() == 1


def test_making_a_voice_the_default_releases_the_former_one():
    voice("first", is_default=True)
    second = voice("second", is_published=False)
    second.make_default()
    assert Voice.default() == second
    assert list(Voice.objects.filter(is_default=True)) == [second]
    assert Voice.objects.get(pk="second").is_published


def test_without_a_default_the_first_published_voice_speaks():
    assert Voice.default() is None
    voice("mute", position=1, is_published=False)
    voice("late", position=20)
    voice("early", position=10)
    assert Voice.default().pk == "early"


@pytest.mark.parametrize("bad", ["Maya", "maya lee", "-maya", "maya--lee", "maya/..", "", "maya\n"])
def test_an_id_is_a_slug(bad):
    with pytest.raises(ValidationError) as refused:
        Avatar(id=bad).clean_fields()
    assert "id" in refused.value.message_dict


@pytest.mark.parametrize("bad", ["English", "EN", "en_US", "en-us", "e", "en-USA"])
def test_a_language_is_a_bcp_47_tag(bad):
    with pytest.raises(ValidationError) as refused:
        Voice(id="v", language=bad).clean_fields()
    assert "language" in refused.value.message_dict


@pytest.mark.parametrize("bad", [{"a": 1}, "drawn", [""], [1], ["x" * 41]])
def test_tags_are_short_strings_in_a_list(bad):
    with pytest.raises(ValidationError) as refused:
        Avatar(id="a", tags=bad).clean_fields()
    assert "tags" in refused.value.message_dict
