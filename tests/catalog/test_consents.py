"""Consents of living people: without one nobody is shown, and when it ends nothing is shown any more."""

import json
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from catalog import consents
from catalog.analysis import analyse
from catalog.models import Avatar, Consent, Receipt
from catalog.models.consents import today
from express.models import Status, Video
from tests import factories
from tests.catalog.rows import avatar
from tests.catalog.test_avatar_admin import form, said, uploaded

pytestmark = pytest.mark.django_db


def consent(**fields):
    evidence = {"evidence": ContentFile(b"signed", "form.pdf")}
    return Consent.objects.create(**{"person": "Ada Example", "scope": "Training videos"} | evidence | fields)


def shown(photo, given, pk="ada"):
    row = avatar(pk, depicts_living_person=True, consent=given, analysis={"size": [1, 1]})
    row.image.save("photo.jpg", ContentFile(photo))
    return row


def videos_of(row):
    return (
        factories.queued_video(avatar=row, photo=""),
        factories.processing_video(avatar=row, photo=""),
        factories.completed_video(avatar=row, photo=""),
    )


def test_a_living_person_is_not_published_without_a_consent(admin_client):
    row = avatar("ada", is_published=False, depicts_living_person=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        Avatar.objects.filter(pk="ada").update(is_published=True)
    response = admin_client.post("/admin/catalog/avatar/", {"action": "publish", "_selected_action": ["ada"]})
    assert said(response)[-1] == "Ada is not published. It shows a living person, and there is no consent."
    row.consent = consent(granted_on=today() + timedelta(days=2))
    assert row.obstacle() == "The consent of Ada Example is not valid yet."
    row.consent = consent()
    assert row.obstacle() == ""


def test_the_form_publishes_a_living_person_only_with_a_valid_consent(admin_client):
    avatar("eileen", is_published=False)
    change = "/admin/catalog/avatar/eileen/change/"
    refused = admin_client.post(change, form(is_published="on", depicts_living_person="on"))
    assert "there is no consent" in str(refused.context["adminform"].form.errors["is_published"])
    given = consent()
    asked = form(is_published="on", depicts_living_person="on", consent=given.pk)
    assert admin_client.post(change, asked).status_code == 302
    assert Avatar.objects.published().get().consent == given


def test_a_consent_is_recorded_with_who_did_it_and_its_evidence_is_for_the_staff_alone(
    admin_client, admin_user, client, django_user_model
):
    filled = {"person": "Ada Example", "granted_on": today().isoformat(), "scope": "All uses", "notes": ""}
    file = SimpleUploadedFile("signed form of Ada.pdf", b"%PDF signed")
    response = admin_client.post("/admin/catalog/consent/add/", filled | {"evidence": file})
    assert response.status_code == 302, response.context["adminform"].form.errors
    row = Consent.objects.get()
    assert row.recorded_by == admin_user
    assert "Ada" not in row.evidence.name
    assert client.get(f"/media/{row.evidence.name}").status_code == 404
    link = f"/admin/catalog/consent/{row.pk}/evidence"
    assert link in admin_client.get(f"/admin/catalog/consent/{row.pk}/change/").content.decode()
    answer = admin_client.get(link)
    assert b"".join(answer.streaming_content) == b"%PDF signed"
    assert answer["Content-Disposition"].startswith("attachment")
    client.logout()
    assert client.get(link).status_code == 302, "to the log-in"
    client.force_login(django_user_model.objects.create_user("staff", is_staff=True))
    assert client.get(link).status_code == 403
    over = filled | {"expires_on": (today() - timedelta(days=1)).isoformat(), "evidence": file}
    assert "over already" in admin_client.post("/admin/catalog/consent/add/", over).content.decode()


@pytest.mark.parametrize("policy", ["delete", "flag"])
def test_revoking_unpublishes_stops_and_deletes_or_flags_with_a_receipt(
    admin_client, photo, settings, policy, django_capture_on_commit_callbacks
):
    settings.CONSENT_REVOKED_VIDEOS = policy
    given = consent()
    row = shown(photo, given)
    other = avatar("drawn")
    queued, processing, completed = videos_of(row)
    untouched = factories.completed_video(avatar=other, photo="")
    files = [row.image.name, row.thumbnail.name]
    page = admin_client.get(f"/admin/catalog/consent/{given.pk}/revoke").content.decode()
    assert "stopped: <b>2</b>" in page
    assert f"{'deleted, files and all' if policy == 'delete' else 'flagged, and stay'}: <b>1</b>" in page
    assert Avatar.objects.get(pk="ada").is_published, "looking changes nothing"

    with django_capture_on_commit_callbacks(execute=True):
        response = admin_client.post(f"/admin/catalog/consent/{given.pk}/revoke", {"reason": "by mail"})
    receipt = Receipt.objects.get()
    assert response["Location"] == f"/admin/catalog/receipt/{receipt.pk}/change/"
    row.refresh_from_db()
    assert (row.is_published, row.verdict, row.image.name) == (False, "consent_ended", "")
    assert not any(default_storage.exists(name) for name in files)
    assert {video.status for video in Video.objects.filter(pk__in=[queued.pk, processing.pk])} == {Status.CANCELED}
    completed.refresh_from_db()
    assert (completed.removed_at is not None) == (policy == "delete")
    assert completed.flags == ([] if policy == "delete" else ["consent_ended"])
    untouched.refresh_from_db()
    assert (untouched.removed_at, untouched.flags) == (None, [])

    told = json.loads(admin_client.get(f"/admin/catalog/receipt/{receipt.pk}/receipt.json").content)
    assert (told["cause"], told["by"], told["reason"], told["policy"]) == ("revoked", "admin", "by mail", policy)
    assert told["avatars_unpublished"] == ["ada"]
    assert set(told["videos"]["stopped"]) == {str(queued.pk), str(processing.pk)}
    assert told["videos"]["deleted" if policy == "delete" else "flagged"] == [str(completed.pk)]
    again = admin_client.post(f"/admin/catalog/consent/{given.pk}/revoke")
    assert said(again)[-1] == "This consent had ended already."
    assert Receipt.objects.count() == 1


def test_a_flagged_video_says_so_in_its_json_and_in_the_admin(admin_client, client, photo, settings):
    settings.CONSENT_REVOKED_VIDEOS = "flag"
    given = consent()
    video = factories.completed_video(avatar=shown(photo, given), photo="")
    consents.revoke(given, "somebody")
    assert client.get(f"/api/express/videos/{video.pk}").json()["flags"] == ["consent_ended"]
    assert "consent ended" in admin_client.get("/admin/express/video/").content.decode()


def test_a_consent_that_expires_ends_by_itself_once(photo):
    given = consent(granted_on=today() - timedelta(days=9), expires_on=today())
    row = shown(photo, given)
    queued, *_ = videos_of(row)
    assert consents.end_expired() == 0, "its last day is not over"
    Consent.objects.update(expires_on=today() - timedelta(days=1))
    assert consents.end_expired() == 1
    assert consents.end_expired() == 0
    assert not Avatar.objects.published().exists()
    queued.refresh_from_db()
    assert queued.status == Status.CANCELED
    receipt = Receipt.objects.get()
    assert (receipt.cause, receipt.by) == ("expired", "the service")
    assert Consent.objects.get().state == "expired"


def test_a_withdrawn_avatar_comes_back_only_with_a_new_consent(admin_client, photo):
    uploaded(admin_client, photo)
    analyse("eileen")
    first = consent()
    asked = form(is_published="on", depicts_living_person="on", consent=first.pk)
    admin_client.post("/admin/catalog/avatar/eileen/change/", asked)
    consents.revoke(first, "somebody")
    assert analyse("eileen").verdict == "consent_ended", "looking at it again shows nothing"
    assert not Avatar.objects.get().image
    second = consent()
    asked = form(depicts_living_person="on", consent=second.pk)
    assert admin_client.post("/admin/catalog/avatar/eileen/change/", asked).status_code == 302
    admin_client.post("/admin/catalog/avatar/eileen/look", asked)
    assert Avatar.objects.get().state == "passed"
    assert admin_client.post("/admin/catalog/avatar/eileen/change/", asked | {"is_published": "on"}).status_code == 302
    assert Avatar.objects.published().exists()


def test_one_consent_covers_several_avatars_and_is_never_deleted(admin_client, photo):
    given = consent()
    shown(photo, given, "ada")
    shown(photo, given, "ada-smiling")
    assert consents.revoke(given, "somebody").avatars == ["ada", "ada-smiling"]
    assert admin_client.post(f"/admin/catalog/consent/{given.pk}/delete/", {"post": "yes"}).status_code == 403
    receipt = Receipt.objects.get()
    assert admin_client.post(f"/admin/catalog/receipt/{receipt.pk}/delete/", {"post": "yes"}).status_code == 403


def test_the_terms_of_an_ended_consent_stay_as_they_were(admin_client):
    given = consent()
    consents.revoke(given, "somebody")
    admin_client.post(f"/admin/catalog/consent/{given.pk}/change/", {"person": "Nobody", "notes": "filed"})
    given.refresh_from_db()
    assert (given.person, given.notes) == ("Ada Example", "filed")


def test_who_may_only_look_cannot_revoke(client, django_user_model):
    given = consent()
    viewer = django_user_model.objects.create_user("viewer", is_staff=True)
    viewer.user_permissions.set(Permission.objects.filter(codename="view_consent"))
    client.force_login(viewer)
    assert client.get(f"/admin/catalog/consent/{given.pk}/change/").status_code == 200
    assert client.post(f"/admin/catalog/consent/{given.pk}/revoke").status_code == 403
    assert Consent.objects.get().is_valid


def test_the_lists_take_as_many_queries_however_long_they_are(admin_client, django_assert_max_num_queries):
    for count in (1, 8):
        for number in range(count):
            given = consent(person=f"Person {count} {number}")
            avatar(f"a{count}-{number}", depicts_living_person=True, consent=given)
            consents.revoke(given, "somebody")
        for page in ("consent", "receipt"):
            with django_assert_max_num_queries(9):
                admin_client.get(f"/admin/catalog/{page}/")
