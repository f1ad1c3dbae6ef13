"""Voices of the catalog: whose turn it is to speak a text, and the samples that workers make."""

import io

import av
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from catalog import tasks
from catalog.models import Voice
from catalog.selectors import voice_for
from catalog.stock_voices import load_voices
from catalog.voices import keep_sample, sample_text, without_sample
from engine.errors import NoVoiceForLanguage
from tests.catalog.rows import voice

pytestmark = pytest.mark.django_db

GERMAN = "Guten Tag, ich freue mich sehr, dass Sie da sind."


@pytest.fixture
def stock():
    load_voices()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (GERMAN, "pico-de-de"),
        ("Bonjour à tous, je suis très heureux d'être ici.", "pico-fr-fr"),
        ("Hello there, I am glad to see you.", "hibari-us"),
        ("Hi", "hibari-us"),
        ("1234", "hibari-us"),
    ],
)
def test_the_first_voice_of_the_texts_language_speaks(stock, text, expected):
    Voice.objects.filter(engine="kokoro").delete()
    assert voice_for(text).pk == expected


def test_a_curator_decides_by_the_order_and_by_the_default(stock):
    second = voice("anna", language="de-DE", engine="pico", engine_voice="pico-de-de", position=1)
    assert voice_for(GERMAN) == second
    second.make_default()
    assert voice_for("Hi") == second


def test_a_named_language_wins_over_the_texts(stock):
    assert voice_for("Hi", "en-GB").language == "en-GB"
    assert voice_for(GERMAN, "fr").language == "fr-FR"
    assert voice_for(GERMAN, "de-AT").language == "de-DE"


def test_a_language_without_a_voice_is_refused_with_those_that_have_one(stock):
    Voice.objects.exclude(language__in=["en-US", "fr-FR"]).delete()
    for text, language in ((GERMAN, ""), ("Hi", "tlh")):
        with pytest.raises(NoVoiceForLanguage) as refusal:
            voice_for(text, language)
        assert refusal.value.details["languages"] == ["en-US", "fr-FR"]


def test_unpublished_voices_and_those_of_missing_engines_never_speak(stock):
    Voice.objects.filter(engine="pico", language="de-DE").update(is_published=False)
    voice("gone", language="de-DE", engine="piper", engine_voice="piper-gone", position=1)
    with pytest.raises(NoVoiceForLanguage):
        voice_for(GERMAN)
    Voice.objects.all().delete()
    assert voice_for(GERMAN) is None


@pytest.mark.parametrize("language", ["de-DE", "en-GB", "fr", "sv", "tlh", "zh-Hant-TW"])
def test_every_language_has_a_text_to_be_heard_in(language):
    assert len(sample_text(language)) > 20


@pytest.mark.parametrize("engine_voice", ["hibari-gb", "pico-it-it"])
def test_a_voice_speaks_its_sample_once(engine_voice):
    row = voice("heart", engine_voice=engine_voice)
    assert without_sample() == ["heart"]
    tasks.make_voice_sample(row.pk)
    row.refresh_from_db()
    assert without_sample() == []
    with av.open(io.BytesIO(row.preview_audio.read())) as sample:
        assert sample.streams.audio[0].codec_context.name == "aac"
        assert 2 < sample.duration / av.time_base < 10
    name = row.preview_audio.name
    tasks.make_voice_sample(row.pk)
    row.refresh_from_db()
    assert row.preview_audio.name == name


def test_a_sample_that_was_lost_is_made_again():
    row = voice("heart")
    keep_sample("heart")
    row.refresh_from_db()
    default_storage.delete(row.preview_audio.name)
    assert without_sample() == ["heart"]
    keep_sample("heart")
    assert default_storage.exists(row.preview_audio.name)


def test_a_sample_that_somebody_gave_stays(django_assert_num_queries):
    row = voice("heart")
    row.preview_audio.save("mine.wav", ContentFile(b"mine"))
    keep_sample("heart")
    row.refresh_from_db()
    assert row.preview_audio.read() == b"mine"


def test_a_voice_that_cannot_speak_or_is_gone_gets_no_sample(caplog):
    voice("gone", engine="piper", engine_voice="piper-gone")
    keep_sample("gone")
    keep_sample("never-was")
    assert "voice_unavailable" in caplog.text
    assert Voice.objects.get(pk="gone").preview_audio == ""


def test_the_admin_offers_every_voice_by_language_and_says_how_to_get_more(admin_client):
    page = admin_client.get("/admin/catalog/voice/add/").content.decode()
    assert 'optgroup label="German (Germany)"' in page
    assert "Pico (Deutsch)" in page
    assert "PIPER_VOICES" in page


def test_a_curator_adds_a_voice_by_choosing_it_and_hears_it(admin_client, django_capture_on_commit_callbacks):
    form = {"engine_voice": "pico-de-de", "id": "", "name": "", "licence": "", "is_published": "on", "position": "10"}
    with django_capture_on_commit_callbacks() as callbacks:
        response = admin_client.post("/admin/catalog/voice/add/", form)
    assert response.status_code == 302, response.context["adminform"].form.errors
    row = Voice.objects.get(pk="pico-de-de")
    assert (row.name, row.language, row.engine, row.licence) == ("Pico (Deutsch)", "de-DE", "pico", "Apache-2.0")
    assert [call.args for call in callbacks] == [("make_voice_sample", "pico-de-de")]
    assert "making it" in admin_client.get("/admin/catalog/voice/pico-de-de/change/").content.decode()
    keep_sample(row.pk)
    row.refresh_from_db()
    assert row.preview_audio.url in admin_client.get("/admin/catalog/voice/").content.decode()


def test_another_voice_of_the_engine_gets_another_sample(admin_client, django_capture_on_commit_callbacks):
    row = voice("anna", language="de-DE", engine="pico", engine_voice="pico-de-de")
    keep_sample("anna")
    form = {"engine_voice": "pico-it-it", "name": "Anna", "licence": "CC0", "is_published": "on", "position": "10"}
    response = admin_client.post("/admin/catalog/voice/anna/change/", form)
    assert response.status_code == 302, response.context["adminform"].form.errors
    row.refresh_from_db()
    assert (row.language, row.preview_audio) == ("it-IT", "")
    assert without_sample() == ["anna"]


def test_a_voice_whose_engine_is_gone_can_still_be_edited(admin_client):
    voice("gone", engine="piper", engine_voice="piper-gone")
    form = {"engine_voice": "piper-gone", "name": "Gone", "licence": "CC0", "position": "10"}
    response = admin_client.post("/admin/catalog/voice/gone/change/", form)
    assert response.status_code == 302, response.context["adminform"].form.errors
    assert not Voice.objects.get(pk="gone").is_published
