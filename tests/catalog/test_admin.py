"""Avatars and voices in the admin."""

import io

import pytest
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from catalog.models import Avatar, Voice
from tests import factories
from tests.catalog.rows import avatar, voice

pytestmark = pytest.mark.django_db


def avatar_form(image, **fields):
    return {
        "id": "eileen",
        "name": "Eileen",
        "image": SimpleUploadedFile("photo.jpg", image),
        "is_published": "on",
        "position": "10",
        "style": "photo",
        "gender": "female",
        "tags": '["astronaut"]',
        "licence": "Public domain",
        "source": "NASA",
    } | fields


def voice_form(**fields):
    defaults = {"id": "heart", "name": "Heart", "engine_voice": "hibari-gb", "is_published": "on", "position": "10"}
    return defaults | {"licence": "Apache-2.0", "source": ""} | fields


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def stored(folder):
    return set(default_storage.listdir(folder)[1]) if default_storage.exists(folder) else set()


def with_gps(photo):
    picture = Image.open(io.BytesIO(photo))
    exif = picture.getexif()
    exif[0x8825] = {1: "N", 2: (52.0, 31.0, 12.0)}
    exif[0x0112] = 3  # upside down
    return factories.encoded(picture.rotate(180), exif=exif, quality=95)


@pytest.mark.parametrize("query", ["", "?q=astro", "?style__exact=photo", "?is_published__exact=1"])
def test_the_list_of_avatars_shows_their_pictures(admin_client, query):
    row = avatar("astro", style="photo", tags=["space"])
    page = admin_client.get(f"/admin/catalog/avatar/{query}").content.decode()
    assert row.thumbnail.url in page
    assert "space" in page


def test_the_list_of_voices_plays_their_samples(admin_client):
    row = voice("heart")
    row.preview_audio = "catalog/voices/heart.m4a"
    row.save()
    page = admin_client.get("/admin/catalog/voice/?q=heart").content.decode()
    assert f'<audio src="{row.preview_audio.url}" controls' in page


def test_the_forms_show_picture_face_and_sample(admin_client):
    avatar("astro")
    voice("heart")
    page = admin_client.get("/admin/catalog/avatar/astro/change/").content.decode()
    assert "<img" in page
    assert "Found: 100 × 120 px at 10, 10." in page
    assert "24000" in admin_client.get("/admin/catalog/voice/heart/change/").content.decode()


def test_a_new_avatar_is_checked_cleaned_and_cut_to_a_thumbnail(admin_client, photo):
    response = admin_client.post("/admin/catalog/avatar/add/", avatar_form(with_gps(photo)))
    assert response.status_code == 302, response.context["adminform"].form.errors
    row = Avatar.objects.get(pk="eileen")
    image = Image.open(row.image)
    assert image.size == (512, 512)
    assert not image.getexif()
    assert Image.open(row.thumbnail).size == (320, 320)
    x, y, width, height = row.face_box
    assert 150 < x + width / 2 < 300, "upright again"
    assert 50 < y + height / 2 < 200


@pytest.mark.parametrize(
    ("image", "message", "hint"),
    [
        (factories.landscape_jpeg(), "No face was found", "one face from the front"),
        (factories.two_portraits_jpeg(), "shows 2 faces", "Crop the photo"),
        (b"not a picture", "not a whole picture", "Send a whole JPEG"),
    ],
)
def test_a_photo_that_cannot_talk_is_refused_with_the_reason_and_a_hint(admin_client, image, message, hint):
    response = admin_client.post("/admin/catalog/avatar/add/", avatar_form(image))
    assert response.status_code == 200
    (error,) = response.context["adminform"].form.errors["image"]
    assert message in error
    assert hint in error
    assert not Avatar.objects.exists()
    assert stored("catalog/avatars") == set()


def test_a_replaced_photo_leaves_no_file_behind(admin_client, photo, django_capture_on_commit_callbacks):
    row = avatar("eileen")
    with django_capture_on_commit_callbacks(execute=True):
        response = admin_client.post("/admin/catalog/avatar/eileen/change/", avatar_form(photo))
    assert response.status_code == 302, response.context["adminform"].form.errors
    row.refresh_from_db()
    assert len(stored("catalog/avatars")) == 2
    assert default_storage.exists(row.image.name)
    assert default_storage.exists(row.thumbnail.name)


def test_saving_without_a_new_photo_keeps_the_old_one(admin_client):
    row = avatar("eileen")
    response = admin_client.post(
        "/admin/catalog/avatar/eileen/change/", avatar_form(b"") | {"name": "E. C.", "image": ""}
    )
    assert response.status_code == 302, response.context["adminform"].form.errors
    kept = Avatar.objects.get(pk="eileen")
    assert (kept.name, kept.image.name, kept.face_box) == ("E. C.", row.image.name, row.face_box)


def test_a_photo_that_was_never_checked_is_checked_before_it_is_published(admin_client, photo):
    row = avatar("eileen", is_published=False, face_box=None)
    form = avatar_form(b"") | {"image": ""}
    refused = admin_client.post("/admin/catalog/avatar/eileen/change/", form)
    assert "not a whole picture" in str(refused.context["adminform"].form.errors["image"])

    default_storage.delete(row.image.name)
    refused = admin_client.post("/admin/catalog/avatar/eileen/change/", form)
    assert "gone" in str(refused.context["adminform"].form.errors["image"])

    row.image.save("photo.jpg", ContentFile(photo))
    assert admin_client.post("/admin/catalog/avatar/eileen/change/", form).status_code == 302
    assert Avatar.objects.get(pk="eileen").is_published


@pytest.mark.parametrize("bulk", [True, False])
def test_a_deleted_avatar_takes_its_files_along(admin_client, bulk, django_capture_on_commit_callbacks):
    avatar("eileen")
    with django_capture_on_commit_callbacks(execute=True):
        if bulk:
            form = {"action": "delete_selected", "_selected_action": ["eileen"], "post": "yes"}
            admin_client.post("/admin/catalog/avatar/", form)
        else:
            admin_client.post("/admin/catalog/avatar/eileen/delete/", {"post": "yes"})
    assert not Avatar.objects.exists()
    assert stored("catalog/avatars") == set()


def test_the_id_cannot_be_changed(admin_client):
    avatar("eileen")
    form = admin_client.get("/admin/catalog/avatar/eileen/change/").context["adminform"].form
    assert "id" not in form.fields


def test_avatars_are_published_but_for_those_without_a_face(admin_client):
    avatar("face", is_published=False)
    avatar("faceless", is_published=False, face_box=None)
    form = {"action": "publish", "_selected_action": ["face", "faceless"]}
    response = admin_client.post("/admin/catalog/avatar/", form)
    assert said(response) == ["Published: 1.", "Not published, for want of a face: 1."]
    assert [row.pk for row in Avatar.objects.published()] == ["face"]


def test_avatars_are_unpublished(admin_client):
    avatar("face")
    admin_client.post("/admin/catalog/avatar/", {"action": "unpublish", "_selected_action": ["face"]})
    assert not Avatar.objects.published().exists()


def test_a_new_voice_learns_from_the_engine_and_speaks_its_sample(admin_client):
    response = admin_client.post("/admin/catalog/voice/add/", voice_form())
    assert response.status_code == 302, response.context["adminform"].form.errors
    row = Voice.objects.get(pk="heart")
    assert (row.engine, row.language, row.sample_rate, row.gender) == ("hibari", "en-GB", 24_000, "female")
    assert default_storage.size(row.preview_audio.name) > 10_000


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
