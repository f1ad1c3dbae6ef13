"""Voices in the admin, and who may change the catalog."""

import pytest
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from catalog.models import Avatar, Voice
from tests import factories
from tests.catalog.rows import avatar, voice

pytestmark = pytest.mark.django_db


def voice_form(**fields):
    defaults = {"id": "heart", "name": "Heart", "engine_voice": "hibari-gb", "is_published": "on", "position": "10"}
    return defaults | {"licence": "Apache-2.0", "source": ""} | fields


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def stored(folder):
    return set(default_storage.listdir(folder)[1]) if default_storage.exists(folder) else set()


def test_the_list_of_voices_plays_their_samples(admin_client):
    row = voice("heart")
    row.preview_audio = "catalog/voices/heart.m4a"
    row.save()
    page = admin_client.get("/admin/catalog/voice/?q=heart").content.decode()
    assert f'<audio src="{row.preview_audio.url}" controls' in page


def test_the_form_shows_what_the_engine_says_of_a_voice(admin_client):
    voice("heart")
    assert "24000" in admin_client.get("/admin/catalog/voice/heart/change/").content.decode()


def test_a_sample_of_the_owners_choice_is_kept_as_it_is(admin_client):
    sample = factories.spoken_wav()
    response = admin_client.post(
        "/admin/catalog/voice/add/", voice_form(preview_audio=SimpleUploadedFile("me.wav", sample))
    )
    assert response.status_code == 302, response.context["adminform"].form.errors
    assert Voice.objects.get(pk="heart").preview_audio.read() == sample


@pytest.mark.parametrize(
    ("sample", "hint"), [(b"noise", "any other audio file"), (factories.silence_wav(), "nothing that can be heard")]
)
def test_a_sample_that_cannot_be_heard_is_refused(admin_client, sample, hint):
    response = admin_client.post(
        "/admin/catalog/voice/add/", voice_form(preview_audio=SimpleUploadedFile("me.wav", sample))
    )
    (error,) = response.context["adminform"].form.errors["preview_audio"]
    assert hint in error
    assert not Voice.objects.exists()


def test_a_voice_that_the_engine_lacks_is_refused(admin_client):
    response = admin_client.post("/admin/catalog/voice/add/", voice_form(engine_voice="caruso"))
    assert "engine_voice" in response.context["adminform"].form.errors


def test_the_default_voice_is_changed_by_an_action(admin_client):
    voice("first", is_default=True)
    voice("second")
    form = {"action": "make_default", "_selected_action": ["second"]}
    assert said(admin_client.post("/admin/catalog/voice/", form)) == ["Second is the default now."]
    assert Voice.default().pk == "second"
    form["_selected_action"] = ["first", "second"]
    assert said(admin_client.post("/admin/catalog/voice/", form))[-1] == "Select exactly one voice."


def test_the_default_voice_stays_published(admin_client):
    voice("first", is_default=True)
    voice("second")
    form = {"action": "unpublish", "_selected_action": ["first", "second"]}
    response = admin_client.post("/admin/catalog/voice/", form)
    assert said(response)[0] == "Unpublished: 1."
    assert [row.pk for row in Voice.objects.published()] == ["first"]
    form = voice_form(id="first", name="First", is_published="")
    refused = admin_client.post("/admin/catalog/voice/first/change/", form)
    assert "stay published" in str(refused.context["adminform"].form.errors)


def test_who_may_only_look_cannot_publish(client, django_user_model):
    viewer = django_user_model.objects.create_user("viewer", is_staff=True)
    viewer.user_permissions.set(Permission.objects.filter(codename__in=["view_avatar", "view_voice"]))
    client.force_login(viewer)
    avatar("face")
    voice("heart")
    for kind, row in (("avatar", "face"), ("voice", "heart")):
        assert client.get(f"/admin/catalog/{kind}/{row}/change/").status_code == 200
        client.post(f"/admin/catalog/{kind}/", {"action": "unpublish", "_selected_action": [row]})
    assert Avatar.objects.published().exists()
    assert Voice.objects.published().exists()
