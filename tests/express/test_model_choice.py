"""`model_id`: which model draws a video's mouth, and which are refused."""

import pytest
from django.core.files.base import ContentFile

from catalog import arrivals, generators
from catalog.models import LipSyncModel
from express import rendering, services
from express.inputs import VideoRequest, mouth_of
from express.models import Status, Video
from tests import factories
from tests.engine.mouths import painter

pytestmark = pytest.mark.django_db(transaction=True)  # the heartbeat's thread has to see the row
QUICK = {"fps": 10.0, "resolution": 256}
BLUE = (1.0, 0.0, 0.0)  # blue, green, red


@pytest.fixture(autouse=True)
def cache(settings, tmp_path):
    settings.MODEL_CACHE_DIR = tmp_path / "models"
    generators._open.cache_clear()


@pytest.fixture
def blue_mouth() -> LipSyncModel:
    """A model that paints a blue spot below the middle of the face."""
    row = LipSyncModel(id="blue", name="Blue", licence="academic")
    row.file.save("blue.onnx", ContentFile(painter(bgr=BLUE)), save=False)
    row.save()
    tried = arrivals.try_model(row.pk)
    assert tried is not None and tried.state == "passed"
    return tried


def wanted(photo: bytes, **fields: object) -> VideoRequest:
    return VideoRequest(photo=photo, text="Hi.", options=QUICK, **fields)


def test_the_chosen_model_draws_the_mouth(photo, blue_mouth):
    videos = []
    for model_id in ("", "blue"):
        video = services.create_video(wanted(photo, model_id=model_id, user_data=model_id), enqueue=False)
        rendering.render_video(video.pk)
        video.refresh_from_db()
        assert video.status == Status.COMPLETED, video.error
        assert video.model_id == model_id
        videos.append(video)
    without, drawn = (blueness(video) for video in videos)
    assert drawn > without + 20


def blueness(video) -> float:
    """How blue the bluest part of the first second is."""
    import av

    with video.result.open("rb") as file, av.open(file) as container:
        frame = next(container.decode(video=0)).to_ndarray(format="rgb24").astype(int)
    return float((frame[..., 2] - frame[..., 0]).max())


def test_the_catalogs_default_draws_when_none_is_named(photo, blue_mouth):
    blue_mouth.make_default()
    assert services.create_video(wanted(photo), enqueue=False).model_id == "blue"


@pytest.mark.parametrize("hidden", [{"is_published": False}, {"state": "refused"}, {"state": "pending"}])
def test_models_that_are_not_listed_are_unknown(client, photo, blue_mouth, hidden):
    LipSyncModel.objects.update(**hidden)
    for model_id in ("blue", "no-such-model"):
        answer = client.post("/api/express/create", {"image": ContentFile(photo, "a.jpg"), "model_id": model_id})
        assert answer.status_code == 400
        assert answer.json()["error"]["code"] == "unknown_model"
        assert answer.json()["error"]["details"] == {"model_id": model_id}


def test_a_service_for_commercial_use_refuses_the_rest(client, photo, blue_mouth, settings):
    settings.COMMERCIAL_USE_ONLY = True
    blue_mouth.make_default()
    answer = client.post("/api/express/create", {"image": ContentFile(photo, "a.jpg"), "model_id": "blue"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "model_not_commercial")
    assert services.create_video(wanted(photo), enqueue=False).model_id == ""  # and falls back to its own renderer


def test_a_model_that_was_deleted_meanwhile_rejects_the_video(photo, blue_mouth):
    video = services.create_video(wanted(photo, model_id="blue"), enqueue=False)
    blue_mouth.delete()
    rendering.render_video(video.pk)
    video.refresh_from_db()
    assert (video.status, video.error["code"]) == (Status.REJECTED, "unknown_model")


def test_a_video_whose_model_is_being_tried_again_keeps_its_photo_and_can_be_tried_again(photo, blue_mouth):
    video = services.create_video(wanted(photo, model_id="blue"), enqueue=False)
    LipSyncModel.objects.update(state="pending")
    rendering.render_video(video.pk)
    video.refresh_from_db()
    assert (video.status, video.error["code"], video.error["retryable"]) == (Status.FAILED, "model_unavailable", True)
    LipSyncModel.objects.update(state="passed")
    assert Video.objects.retryable().filter(pk=video.pk).exists()
    assert video.photo.read() == photo


def test_a_model_whose_file_is_gone_is_our_fault(photo, blue_mouth):
    video = services.create_video(wanted(photo, model_id="blue"), enqueue=False)
    blue_mouth.file.delete(save=False)
    rendering.render_video(video.pk)
    video.refresh_from_db()
    assert (video.status, video.error["code"]) == (Status.FAILED, "model_unavailable")


def test_a_row_from_before_there_was_a_choice_is_drawn_by_the_built_in_renderer():
    assert mouth_of(factories.queued_video()) is None
