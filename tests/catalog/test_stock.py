"""manage.py load_stock."""

import io

import av
import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from PIL import Image

from catalog.models import Avatar, Voice
from catalog.photos import THUMBNAIL_PX
from catalog.stock import AVATARS, STOCK_DIR, load_stock
from catalog.stock_voices import BY_HAND
from catalog.voices import library
from engine.face import choose_face, find_faces
from engine.photo import open_photo
from engine.speech import DEFAULT_VOICE

pytestmark = pytest.mark.django_db


def rows():
    return list(Avatar.objects.values()), list(Voice.objects.values())


def test_loading_twice_changes_nothing(capsys):
    call_command("load_stock")
    first = rows()
    files = set(default_storage.listdir("catalog/avatars")[1])
    call_command("load_stock")
    assert rows() == first
    assert set(default_storage.listdir("catalog/avatars")[1]) == files
    assert "(0 newly loaded)" in capsys.readouterr().out


def test_it_brings_avatars_that_can_talk_and_every_voice():
    load_stock()
    assert Avatar.objects.published().count() == len([one for one in AVATARS if not one.living]) >= 12
    assert {row.style for row in Avatar.objects.published()} == set(Avatar.Style)
    assert [row.obstacle() for row in Avatar.objects.filter(is_published=False)] == [
        "It shows a living person, and there is no consent."
    ]
    assert {voice.engine_voice for voice in Voice.objects.published()} == {
        info.name for info in library().voices if info.engine not in BY_HAND
    }
    assert Voice.default().pk == DEFAULT_VOICE
    for avatar in Avatar.objects.all():
        avatar.full_clean(exclude=["thumbnail"])
        picture = open_photo(avatar.image.read())
        face = choose_face(find_faces(picture.rgb), picture.size_px)
        assert face.box_px == pytest.approx(avatar.face_box, abs=3)
        assert Image.open(avatar.thumbnail).size == (THUMBNAIL_PX, THUMBNAIL_PX)
        assert avatar.licence
        with av.open(io.BytesIO(avatar.preview_video.read())) as preview:
            assert preview.streams.video[0].codec_context.name == "h264"
            assert 2 < preview.duration / av.time_base < 6


def test_six_voices_in_six_languages_come_without_an_extra():
    load_stock()
    assert len(set(Voice.objects.published().values_list("language", flat=True))) >= 6
    for row in Voice.objects.all():
        row.full_clean()


def test_what_was_edited_stays_and_what_was_lost_comes_back():
    load_stock()
    Avatar.objects.filter(pk="maya").update(name="Our Maya", is_published=False)
    Voice.objects.get(pk="hibari-gb").make_default()
    default_storage.delete(Avatar.objects.get(pk="maya").thumbnail.name)
    Avatar.objects.filter(pk="jonas").delete()

    assert load_stock() == 2
    maya = Avatar.objects.get(pk="maya")
    assert (maya.name, maya.is_published) == ("Our Maya", False)
    assert default_storage.exists(maya.thumbnail.name)
    assert Avatar.objects.filter(pk="jonas").exists()
    assert Voice.default().pk == "hibari-gb"


def test_a_photo_that_somebody_chose_instead_is_left_alone():
    load_stock()
    Avatar.objects.filter(pk="maya").update(original="catalog-private/avatars/own.jpg", image="", is_published=False)
    assert load_stock() == 0
    assert not Avatar.objects.get(pk="maya").image


def test_every_stock_picture_has_its_licence_written_down():
    readme = (STOCK_DIR / "README.md").read_text()
    for file in STOCK_DIR.iterdir():
        assert file.name == "README.md" or f"`{file.name}`" in readme
