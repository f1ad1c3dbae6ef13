"""Lip-sync models in the admin."""

import pytest
from django.contrib.messages import get_messages
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from catalog.models import LipSyncModel
from tests.catalog.rows import layered, model
from tests.engine.mouths import echo

pytestmark = pytest.mark.django_db

ADD = "/admin/catalog/lipsyncmodel/add/"
LIST = "/admin/catalog/lipsyncmodel/"


def form(**fields):
    defaults = {"id": "lips", "name": "Lips", "path": "", "url": "", "sha256": "", "licence": "MIT", "source": ""}
    return defaults | {"is_published": "on"} | fields


def upload():
    return SimpleUploadedFile("lips.onnx", echo())


def change(row):
    return f"{LIST}{row.pk}/change/"


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_an_uploaded_model_is_sent_to_be_tried(admin_client, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as sent:
        answer = admin_client.post(ADD, form(file=upload()))
    assert answer.status_code == 302, answer.context["errors"]
    row = LipSyncModel.objects.get()
    assert (row.state, row.contract, row.commercial_use) == ("pending", "wav2lip", False)
    assert row.file.name.startswith("catalog-private/")
    assert len(sent) == 1
    assert "It is being tried" in said(answer)[0]


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({}, "Upload a file, or give a path or a URL."),
        ({"path": "/models/lips.onnx", "url": "https://example.org/lips.onnx"}, "one of them"),
        ({"url": "https://example.org/lips.onnx"}, "needs its SHA-256"),
        ({"path": "/models/lips.onnx", "sha256": "abc"}, "64 hexadecimal digits"),
        ({"path": "/models/lips.onnx", "id": "Lips!"}, "small letters"),
    ],
)
def test_what_cannot_be_right_is_said_at_once(admin_client, fields, complaint):
    page = admin_client.post(ADD, form(**fields))
    assert complaint in page.content.decode()
    assert not LipSyncModel.objects.exists()


def test_a_file_with_another_name_than_onnx_is_refused(admin_client):
    page = admin_client.post(ADD, form(file=SimpleUploadedFile("lips.pth", b"weights")))
    assert "pth" in page.content.decode()
    assert not LipSyncModel.objects.exists()


def test_changing_the_name_tries_nothing_again(admin_client, django_capture_on_commit_callbacks):
    row = model("lips")
    with django_capture_on_commit_callbacks() as sent:
        admin_client.post(change(row), form(name="Lippen", sha256=row.sha256))
    row.refresh_from_db()
    assert (row.name, row.state, sent) == ("Lippen", "passed", [])


def test_a_new_source_replaces_the_old_one_and_is_tried(admin_client, django_capture_on_commit_callbacks):
    row = model("lips")
    before = row.file.name
    with django_capture_on_commit_callbacks(execute=False):
        admin_client.post(change(row), form(path="/models/newer.onnx", sha256=row.sha256))
    row.refresh_from_db()
    assert (row.state, row.file.name, row.path, row.sha256) == ("pending", "", "/models/newer.onnx", "")
    assert default_storage.exists(before)  # until the transaction is over


def test_the_page_shows_the_verdict_and_the_reason(admin_client):
    row = model("lips", state="refused", reason="A forward pass gave (2, 3, 48, 48).")
    page = admin_client.get(change(row)).content.decode()
    assert "does not fit" in page
    assert "A forward pass gave (2, 3, 48, 48)." in page


def test_the_list_costs_no_more_queries_for_more_models(admin_client, django_assert_max_num_queries):
    for number in range(12):
        model(f"lips-{number}", frame_s=0.02, bytes=1000)
    with django_assert_max_num_queries(8):
        page = admin_client.get(LIST).content.decode()
    assert "20 ms a frame" in page


def test_the_default_is_chosen_among_those_that_fit(admin_client):
    layered()
    model("lips")
    model("bad", state="refused")
    action = {"action": "make_default", "_selected_action": ["bad"]}
    assert "one that fits" in said(admin_client.post(LIST, action))[0]
    admin_client.post(LIST, action | {"_selected_action": ["lips"]})
    assert LipSyncModel.default().pk == "lips"
    admin_client.post(LIST, {"action": "unpublish", "_selected_action": ["lips", "layered"]})
    assert LipSyncModel.default().pk == "layered"


def test_trying_again_sends_each_model_to_a_worker(admin_client, django_capture_on_commit_callbacks):
    layered()
    model("lips")
    with django_capture_on_commit_callbacks() as sent:
        admin_client.post(LIST, {"action": "try_again", "_selected_action": ["lips", "layered"]})
    assert len(sent) == 2
    assert LipSyncModel.objects.get(pk="lips").state == "pending"
    assert LipSyncModel.objects.get(pk="layered").state == "passed"


def test_the_built_in_renderer_can_be_looked_at_but_not_changed_or_deleted(admin_client):
    row = layered()
    page = admin_client.get(change(row)).content.decode()
    assert 'name="sha256"' not in page
    assert admin_client.post(f"{LIST}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    confirmed = {"action": "delete_selected", "_selected_action": ["layered"], "post": "yes"}
    admin_client.post(LIST, confirmed)
    assert LipSyncModel.objects.filter(pk="layered").exists()
