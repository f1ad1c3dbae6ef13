"""Avatars in the admin: upload, verdict, crop, order, history."""

import io
import json

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.messages import get_messages
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from catalog.analysis import analyse
from catalog.models import Avatar
from tests import factories
from tests.catalog.rows import avatar

pytestmark = pytest.mark.django_db
CHANGE = "/admin/catalog/avatar/eileen/change/"


def form(image=None, **fields):
    photo = {"photo": SimpleUploadedFile("photo.jpg", image)} if image else {}
    filled = {"id": "eileen", "name": "Eileen", "style": "photo", "gender": "female", "tags": "astronaut, smiling"}
    return filled | {"licence": "Public domain", "source": "NASA"} | photo | fields


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


def uploaded(admin_client, image):
    response = admin_client.post("/admin/catalog/avatar/add/", form(image))
    assert response.status_code == 302, response.context["adminform"].form.errors
    return Avatar.objects.get(pk="eileen")


def test_an_uploaded_photo_waits_for_its_verdict_unpublished_and_out_of_sight(admin_client, photo):
    row = uploaded(admin_client, photo)
    assert (row.state, row.is_published, row.tags) == ("pending", False, ["astronaut", "smiling"])
    assert not row.image
    assert admin_client.get(f"/media/{row.original.name}").status_code == 404
    page = admin_client.get(CHANGE).content.decode()
    assert "Being looked at" in page
    assert "/admin/catalog/avatar/eileen/original" in page
    assert Image.open(io.BytesIO(admin_client.get("/admin/catalog/avatar/eileen/original").content)).size == (512, 512)


def test_a_photo_that_passes_is_cleaned_and_its_face_is_drawn_with_figures(admin_client, photo):
    uploaded(admin_client, with_gps(photo))
    row = analyse("eileen")
    assert row.state == "passed"
    image = Image.open(row.image)
    assert image.size == (512, 512)
    assert not image.getexif()
    assert Image.open(row.thumbnail).size == (320, 320)
    x, y, width, height = row.face_box
    assert 150 < x + width / 2 < 300, "upright again"
    assert 50 < y + height / 2 < 200
    page = admin_client.get("/admin/catalog/avatar/eileen/analysis").content.decode()
    assert page.count("<circle") == 478
    assert f'<rect x="{x}" y="{y}"' in page
    assert "This photo can talk" in page
    assert "px high" in page
    assert "turned" in page


@pytest.mark.parametrize(
    ("image", "verdict", "hint"),
    [
        (factories.landscape_jpeg(), "face_not_found", "one face from the front"),
        (factories.two_portraits_jpeg(), "multiple_faces", "Click on the face that is meant"),
    ],
)
def test_a_photo_that_cannot_talk_says_why_and_cannot_be_published(admin_client, image, verdict, hint):
    uploaded(admin_client, image)
    row = analyse("eileen")
    assert (row.state, row.verdict, row.face_box) == ("refused", verdict, None)
    page = admin_client.get(CHANGE).content.decode()
    assert verdict in page
    assert hint in page
    refused = admin_client.post(CHANGE, form(is_published="on"))
    assert f"cannot talk ({verdict})" in str(refused.context["adminform"].form.errors["is_published"])
    response = admin_client.post("/admin/catalog/avatar/", {"action": "publish", "_selected_action": ["eileen"]})
    assert said(response)[-1] == f"Eileen is not published. Its photo cannot talk ({verdict})."
    assert not Avatar.objects.published().exists()


def test_what_is_no_picture_is_refused_at_once(admin_client):
    response = admin_client.post("/admin/catalog/avatar/add/", form(b"not a picture"))
    (error,) = response.context["adminform"].form.errors["photo"]
    assert "Send a whole JPEG" in error
    assert stored("catalog-private/avatars") == set()


def test_one_of_several_faces_is_picked_and_the_photo_cropped_to_it(admin_client):
    uploaded(admin_client, factories.two_portraits_jpeg())
    analyse("eileen")
    page = admin_client.get(CHANGE).content.decode()
    assert page.count('class="tp-face"') == 2
    response = admin_client.post("/admin/catalog/avatar/eileen/look", form(face="1"))
    assert said(response) == ["The photo can talk."]
    row = Avatar.objects.get(pk="eileen")
    left, _, width, _ = row.crop
    assert left + width <= 512 or left >= 400
    assert row.state == "passed"
    assert Image.open(row.image).size[0] < 700
    assert admin_client.post("/admin/catalog/avatar/eileen/look", form(face="9")).status_code == 404


def test_a_crop_is_cut_from_the_original_and_can_be_undone(admin_client):
    uploaded(admin_client, factories.two_portraits_jpeg())
    analyse("eileen")
    crop = {"left": 512, "top": 0, "width": 512, "height": 512}
    too_wide = admin_client.post("/admin/catalog/avatar/eileen/crop", crop | {"width": 513})
    assert "leaves the photo, which has 1024 × 512 px" in too_wide.content.decode()
    assert admin_client.post("/admin/catalog/avatar/eileen/crop", crop).status_code == 302
    row = Avatar.objects.get(pk="eileen")
    assert (row.state, row.crop) == ("passed", [512, 0, 512, 512])
    assert Image.open(row.image).size == (512, 512)
    files = stored("catalog/avatars")
    admin_client.post("/admin/catalog/avatar/eileen/crop", {"left": 0, "top": 0, "width": 1024, "height": 512})
    row.refresh_from_db()
    assert (row.state, row.crop) == ("refused", None)
    assert len(stored("catalog/avatars")) == 2
    assert not files & stored("catalog/avatars")


def test_a_verdict_on_a_photo_that_was_replaced_meanwhile_is_dropped(admin_client, photo):
    row = uploaded(admin_client, photo)
    from catalog.analysis import keep_photo
    from catalog.photos import prepare_photo

    Avatar.objects.filter(pk="eileen").update(original="catalog-private/avatars/newer.jpg")
    assert keep_photo(row, prepare_photo(photo)) is None
    assert Avatar.objects.get(pk="eileen").state == "pending"
    assert stored("catalog/avatars") == set()


def test_a_photo_that_is_gone_from_storage_is_told(admin_client, photo):
    row = uploaded(admin_client, photo)
    default_storage.delete(row.original.name)
    assert analyse("eileen").verdict == "photo_gone"


def test_a_new_photo_unpublishes_and_the_old_files_go(admin_client, photo, django_capture_on_commit_callbacks):
    uploaded(admin_client, photo)
    first = analyse("eileen")
    assert admin_client.post(CHANGE, form(is_published="on")).status_code == 302
    assert Avatar.objects.published().count() == 1
    with django_capture_on_commit_callbacks(execute=True):
        both = admin_client.post(CHANGE, form(photo, is_published="on"))
        assert "still being looked at" in str(both.context["adminform"].form.errors)
        admin_client.post(CHANGE, form(photo))
    row = Avatar.objects.get(pk="eileen")
    assert (row.state, row.is_published) == ("pending", False)
    assert not default_storage.exists(first.original.name)
    analyse("eileen")
    assert len(stored("catalog/avatars")) == 2


def test_saving_without_a_new_photo_keeps_the_old_one(admin_client):
    row = avatar("eileen")
    response = admin_client.post(CHANGE, form(name="E. C.", is_published="on"))
    assert response.status_code == 302, response.context["adminform"].form.errors
    kept = Avatar.objects.get(pk="eileen")
    assert (kept.name, kept.image.name, kept.face_box) == ("E. C.", row.image.name, row.face_box)


@pytest.mark.parametrize("bulk", [True, False])
def test_a_deleted_avatar_takes_its_files_along(admin_client, photo, bulk, django_capture_on_commit_callbacks):
    uploaded(admin_client, photo)
    analyse("eileen")
    with django_capture_on_commit_callbacks(execute=True):
        if bulk:
            asked = {"action": "delete_selected", "_selected_action": ["eileen"], "post": "yes"}
            admin_client.post("/admin/catalog/avatar/", asked)
        else:
            admin_client.post("/admin/catalog/avatar/eileen/delete/", {"post": "yes"})
    assert not Avatar.objects.exists()
    assert stored("catalog/avatars") | stored("catalog-private/avatars") == set()


def test_the_id_cannot_be_changed(admin_client):
    avatar("eileen")
    assert "id" not in admin_client.get(CHANGE).context["adminform"].form.fields


def test_several_are_published_and_unpublished_at_once(admin_client):
    avatar("one", is_published=False)
    avatar("two", is_published=False)
    asked = {"action": "publish", "_selected_action": ["one", "two"]}
    assert said(admin_client.post("/admin/catalog/avatar/", asked)) == ["Published: 2."]
    assert Avatar.objects.published().count() == 2
    admin_client.post("/admin/catalog/avatar/", asked | {"action": "unpublish"})
    assert not Avatar.objects.published().exists()
    assert LogEntry.objects.filter(change_message="Unpublished.").count() == 2


def test_rows_are_put_into_a_new_order_and_only_by_those_who_may(admin_client, client, django_user_model):
    for place, pk in enumerate(["one", "two", "three", "four"]):
        avatar(pk, position=10 * place)
    order = {"ids": ["four", "one", "three"], "moved": "four"}  # a filtered list: “two” keeps its place
    ask = {"path": "/admin/catalog/avatar/order", "data": json.dumps(order), "content_type": "application/json"}
    assert admin_client.post(**ask).status_code == 200
    assert [row.pk for row in Avatar.objects.all()] == ["four", "two", "one", "three"]
    assert LogEntry.objects.get().change_message == "Moved to place 1."
    assert admin_client.post(**ask | {"data": "{}"}).status_code == 400
    assert admin_client.post(**ask | {"data": json.dumps(order | {"ids": ["gone"]})}).status_code == 409
    client.force_login(django_user_model.objects.create_user("viewer", is_staff=True))
    assert client.post(**ask).status_code == 403


def test_the_history_tells_old_and_new_values(admin_client):
    avatar("eileen", name="Eilen")
    admin_client.post(CHANGE, form(is_published="on"))
    page = admin_client.get("/admin/catalog/avatar/eileen/history/").content.decode()
    assert "Name: “Eilen” → “Eileen”" in page
    assert "Tags: nothing → “astronaut, smiling”" in page


def test_tags_are_words_between_commas_each_once(admin_client):
    avatar("eileen")
    admin_client.post(CHANGE, form(tags="Studio, smiling,,studio , "))
    assert Avatar.objects.get().tags == ["Studio", "smiling"]
    page = admin_client.get("/admin/catalog/avatar/?tag=smiling").content.decode()
    assert ">Eileen<" in page
    assert ">Eileen<" not in admin_client.get("/admin/catalog/avatar/?tag=studio").content.decode()


@pytest.mark.parametrize("query", ["", "?q=a", "?state__exact=passed", "?tag=drawn", "?is_published__exact=1"])
def test_the_list_takes_as_many_queries_however_long_it_is(admin_client, django_assert_max_num_queries, query):
    for count in (1, 12):
        for number in range(count):
            avatar(f"a{count}-{number}", tags=["drawn"], depicts_living_person=False)
        with django_assert_max_num_queries(9):
            page = admin_client.get(f"/admin/catalog/avatar/{query}").content.decode()
    assert page.count("tp-handle") >= 13


def test_who_may_only_look_sees_the_verdict_but_cannot_act(client, django_user_model, photo):
    from django.contrib.auth.models import Permission

    avatar("eileen")
    viewer = django_user_model.objects.create_user("viewer", is_staff=True)
    viewer.user_permissions.set(Permission.objects.filter(codename="view_avatar"))
    client.force_login(viewer)
    assert client.get(CHANGE).status_code == 200
    assert client.get("/admin/catalog/avatar/eileen/analysis").status_code == 200
    assert client.post("/admin/catalog/avatar/eileen/look").status_code == 404
    assert client.get("/admin/catalog/avatar/eileen/crop").status_code == 404
