"""The whole catalog as one file: from one place to another, and nothing else into it."""

import io
import json
import zipfile

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from catalog.analysis import analyse
from catalog.models import Avatar, Voice
from catalog.transfer import TransferError, open_bundle, store, write_bundle
from tests import factories
from tests.catalog.rows import avatar, voice

pytestmark = pytest.mark.django_db


def filled(photo):
    cropped = avatar("eileen", tags=["smiling"], is_published=False, crop=[20, 0, 480, 480])
    cropped.original.save("photo.jpg", ContentFile(photo))
    analyse("eileen")
    Avatar.objects.filter(pk="eileen").update(is_published=True)
    without_original = avatar("plain", style="painting")
    without_original.image.save("photo.jpg", ContentFile(photo))
    row = voice("heart", is_default=True)
    row.preview_audio.save("sample.wav", ContentFile(factories.wav(factories.np.zeros(800))))


def bundle():
    out = io.BytesIO()
    write_bundle(out)
    return out.getvalue()


def read(data):
    with open_bundle(io.BytesIO(data)) as opened:
        return store(opened)


def refusal(data):
    rows = Avatar.objects.count()
    with pytest.raises(TransferError) as refused:
        read(data)
    assert Avatar.objects.count() == rows
    assert refused.value.hint
    return refused.value.code


def repacked(data, change=lambda manifest: manifest, extra=(), without=()):
    """The bundle with another manifest, more files or fewer."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            if name == "catalog.json":
                manifest = json.loads(old.read(name))
                new.writestr(name, json.dumps(change(manifest) or manifest))
            elif name not in without:
                new.writestr(name, old.read(name))
        for name, content in extra:
            new.writestr(name, content)
    return out.getvalue()


def told():
    """What a catalog shows, without the names of its files."""
    rows = Avatar.objects.values_list("id", "name", "state", "is_published", "tags", "style", "crop", "face_box")
    return [*rows], [*Voice.objects.values_list("id", "language", "is_default")]


def test_a_catalog_arrives_elsewhere_as_it_was_and_twice_changes_nothing(photo, tmp_path, settings):
    filled(photo)
    before, data = told(), bundle()
    settings.MEDIA_ROOT = tmp_path / "elsewhere"
    Avatar.objects.all().delete()
    Voice.objects.all().delete()
    done = read(data)
    assert (sorted(done.created), done.updated, done.remarks) == (["eileen", "heart", "plain"], [], [])
    assert told()[0][0][:7] == before[0][0][:7]
    assert told()[1] == before[1]
    eileen = Avatar.objects.get(pk="eileen")
    assert eileen.original.read() == photo
    assert default_storage.exists(eileen.thumbnail.name)
    files = {path for path in (tmp_path / "elsewhere").rglob("*") if path.is_file()}
    again = read(data)
    assert (again.created, again.updated) == ([], [])
    assert {path for path in (tmp_path / "elsewhere").rglob("*") if path.is_file()} == files


def test_what_differs_is_changed_and_what_is_only_here_stays(photo):
    filled(photo)
    data = bundle()
    Avatar.objects.filter(pk="plain").update(name="Renamed")
    avatar("local")
    done = read(data)
    assert (done.created, done.updated) == ([], ["plain"])
    assert Avatar.objects.get(pk="plain").name == "Plain"
    assert Avatar.objects.filter(pk="local").exists()


def test_a_living_person_arrives_unpublished(photo):
    filled(photo)
    data = repacked(bundle(), lambda told: told["rows"]["avatar"][0].update(depicts_living_person=True))
    (remark,) = read(data).remarks
    assert "there is no consent" in remark
    assert not Avatar.objects.get(pk="eileen").is_published


def test_a_photo_that_cannot_talk_arrives_unpublished():
    row = avatar("nobody")
    row.image.save("photo.jpg", ContentFile(factories.landscape_jpeg()))
    data = bundle()
    Avatar.objects.all().delete()
    assert "face_not_found" in read(data).remarks[0]
    assert not Avatar.objects.published().exists()


def test_a_lip_sync_model_travels_with_its_file_and_is_tried_where_it_arrives(settings, tmp_path):
    from catalog.arrivals import try_model
    from catalog.models import LipSyncModel
    from tests.catalog.rows import layered
    from tests.engine.mouths import network

    settings.MODEL_CACHE_DIR = tmp_path / "models"
    layered()
    row = LipSyncModel(id="lips", name="Lips", licence="MIT")
    row.file.save("lips.onnx", ContentFile(network()))
    try_model("lips")
    data = bundle()
    LipSyncModel.objects.all().delete()
    assert read(data).created == ["lips"], "the built-in renderer is everywhere already"
    assert LipSyncModel.objects.get().state == "passed"
    assert read(data).unchanged == ["lips"]


def test_what_is_no_bundle_is_refused_with_the_reason():
    assert refusal(b"") == "not_a_bundle"
    assert refusal(factories.landscape_jpeg()) == "not_a_bundle"
    empty = io.BytesIO()
    zipfile.ZipFile(empty, "w").close()
    assert refusal(empty.getvalue()) == "not_a_bundle"


@pytest.mark.parametrize(
    "name", ["../evil.txt", "files/../../evil.txt", "/etc/evil", "files//x", "files\\..\\x", "evil.txt"]
)
def test_a_name_that_leads_elsewhere_is_refused(name):
    avatar("plain")
    assert refusal(repacked(bundle(), extra=[(name, b"x")])) == "unsafe_name"


def test_a_link_is_refused():
    link = zipfile.ZipInfo("files/avatar/x/original")
    link.external_attr = 0o120777 << 16
    assert refusal(repacked(bundle(), extra=[(link, b"/etc/passwd")])) == "unsafe_name"


def test_a_file_that_unpacks_to_far_more_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("catalog.json", "{}")
        archive.writestr("files/avatar/x/original.jpg", bytes(8_000_000))
    assert refusal(out.getvalue()) == "bundle_too_large"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda told: told.update(version=2), "unknown_version"),
        (lambda told: told.update(format="a photo album"), "bundle_broken"),
        (lambda told: told["rows"].update(hologram=[]), "unknown_kind"),
        (lambda told: told["rows"]["avatar"][0].update(aura="green"), "unknown_field"),
        (lambda told: told["rows"]["avatar"][0].update(id="../x"), "row_invalid"),
        (lambda told: told["rows"]["avatar"][0].update(gender="?"), "row_invalid"),
        (lambda told: told["rows"]["avatar"][0].update(crop=[1, 2]), "row_invalid"),
        (lambda told: told["rows"]["avatar"].append(told["rows"]["avatar"][0]), "bundle_broken"),
        (lambda told: told["rows"]["avatar"][0]["files"]["original"].update(sha256="0" * 64), "bundle_broken"),
        (lambda told: told["rows"]["avatar"][0]["files"]["original"].update(name="catalog.json"), "bundle_broken"),
        (lambda told: told["rows"]["avatar"].pop(), "bundle_broken"),
        (lambda told: [told], "bundle_broken"),
    ],
)
def test_a_bundle_that_was_tampered_with_is_refused_whole(photo, change, code):
    row = avatar("plain")
    row.image.save("photo.jpg", ContentFile(photo))
    assert refusal(repacked(bundle(), change)) == code


def test_a_bundle_with_a_missing_or_cut_file_is_refused(photo):
    avatar("plain")
    data = bundle()
    assert refusal(repacked(data, without=["files/avatar/plain/original.jpg"])) == "bundle_broken"
    assert refusal(data[:-100]) == "not_a_bundle"


def test_an_import_that_fails_half_way_keeps_nothing(photo):
    filled(photo)
    data = repacked(bundle(), lambda told: told["rows"]["voice"][0].update(sample_rate=-1))
    Avatar.objects.all().delete()
    folder = set(default_storage.listdir("catalog-private/avatars")[1])
    assert refusal(data) == "row_invalid"
    assert set(default_storage.listdir("catalog-private/avatars")[1]) == folder


def test_the_commands_do_the_same_and_say_what_they_did(photo, tmp_path, capsys):
    filled(photo)
    file = tmp_path / "catalog.zip"
    call_command("export_catalog", file)
    assert "3 rows" in capsys.readouterr().out
    Voice.objects.filter(pk="heart").update(name="Other")
    call_command("import_catalog", file)
    assert "0 new, 1 changed, 2 as they were." in capsys.readouterr().out
    file.write_bytes(b"torn")
    with pytest.raises(CommandError, match="not_a_bundle"):
        call_command("import_catalog", file)


def test_the_admin_exports_and_imports_for_those_who_may(admin_client, client, django_user_model, photo):
    filled(photo)
    page = admin_client.get("/admin/catalog/avatar/").content.decode()
    assert "Export the catalog" in page
    answer = admin_client.get("/admin/catalog/avatar/export")
    data = b"".join(answer.streaming_content)
    assert answer["Content-Disposition"].endswith('.zip"')
    Avatar.objects.filter(pk="plain").delete()
    sent = {"bundle": SimpleUploadedFile("catalog.zip", data)}
    assert admin_client.post("/admin/catalog/avatar/import", sent).status_code == 302
    assert Avatar.objects.get(pk="plain").state == "passed"
    assert "Imported." in admin_client.get("/admin/catalog/avatar/plain/history/").content.decode()
    torn = admin_client.post("/admin/catalog/avatar/import", {"bundle": SimpleUploadedFile("c.zip", b"torn")})
    assert "not_a_bundle" in torn.content.decode()
    client.force_login(django_user_model.objects.create_user("staff", is_staff=True))
    assert client.get("/admin/catalog/avatar/export").status_code == 403
    assert client.post("/admin/catalog/avatar/import").status_code == 403
