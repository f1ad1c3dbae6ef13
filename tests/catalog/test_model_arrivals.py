"""A lip-sync model on its way into the catalog: by upload, path and URL, to a verdict and a preview."""

import hashlib

import av
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from catalog import arrivals, generators
from catalog.models import LipSyncModel
from engine.wav2lip import Wav2Lip
from tests import factories
from tests.catalog.rows import avatar, layered
from tests.engine.mouths import network
from tests.receiver import receiver, reply

pytestmark = pytest.mark.django_db

NETWORK = network()
SHA256 = hashlib.sha256(NETWORK).hexdigest()


@pytest.fixture(autouse=True)
def cache(settings, tmp_path):
    settings.MODEL_CACHE_DIR = tmp_path / "models"
    generators._open.cache_clear()
    return settings.MODEL_CACHE_DIR


def registered(content: bytes = b"", **fields: object) -> LipSyncModel:
    """A row that waits for its verdict."""
    row = LipSyncModel(id="lips", name="Lips", licence="MIT", **fields)
    if content:
        row.file.save("lips.onnx", ContentFile(content), save=False)
    row.save()
    return row


def tried(row: LipSyncModel) -> tuple[str, str]:
    arrivals.try_model(row.pk)
    row.refresh_from_db()
    return row.state, row.reason


def test_an_uploaded_model_that_fits_passes_with_its_figures():
    row = registered(NETWORK)
    assert tried(row) == ("passed", "")
    assert (row.sha256, row.size_px, row.dtype, row.bytes) == (SHA256, 96, "float32", len(NETWORK))
    assert row.frame_s > 0
    assert LipSyncModel.objects.published().get() == row


def test_what_does_not_fit_is_refused_with_the_reason_and_cannot_be_chosen():
    row = registered(b"Dear Sir or Madam")
    state, reason = tried(row)
    assert state == "refused"
    assert reason.startswith("ONNX Runtime cannot open it")
    assert "mel (n, 1, 80, 16)" in reason  # the hint says what would fit
    assert not LipSyncModel.objects.published().exists()


def test_a_hash_that_was_given_has_to_be_the_files():
    state, reason = tried(registered(NETWORK, sha256="0" * 64))
    assert state == "refused"
    assert SHA256 in reason


def test_a_model_by_path_is_copied_into_storage(tmp_path):
    (tmp_path / "lips.onnx").write_bytes(NETWORK)
    row = registered(path=str(tmp_path / "lips.onnx"))
    assert tried(row) == ("passed", "")
    (tmp_path / "lips.onnx").unlink()
    assert row.file.read() == NETWORK


@pytest.mark.parametrize("path", ["/nowhere/lips.onnx", "/dev/zero", "/etc"])
def test_a_path_that_is_no_file_is_refused(path):
    state, reason = tried(registered(path=path))
    assert state == "refused"
    assert reason.startswith(f"There is no file {path}")


def test_a_model_by_url_is_fetched_once(settings):
    settings.OUTBOUND_ALLOW = ["127.0.0.1"]
    with receiver() as host:
        host.answer = lambda handler: reply(handler, 200, NETWORK)
        row = registered(url=f"{host.url}/lips.onnx", sha256=SHA256)
        assert tried(row) == ("passed", "")
        assert tried(row) == ("passed", "")
        assert len(host.told) == 1
    assert row.file.read() == NETWORK


def test_another_file_than_the_one_that_was_meant_is_not_kept(settings, media_root):
    settings.OUTBOUND_ALLOW = ["127.0.0.1"]
    with receiver() as host:
        host.answer = lambda handler: reply(handler, 200, network(seed=9))
        state, reason = tried(registered(url=host.url, sha256=SHA256))
    assert state == "refused"
    assert f"not {SHA256}" in reason
    assert not list(media_root.rglob("*.onnx"))


def test_an_address_inside_the_network_is_not_asked(settings):
    settings.OUTBOUND_ALLOW = []
    with receiver() as host:
        state, reason = tried(registered(url=f"{host.url}/lips.onnx", sha256=SHA256))
        assert host.told == []
    assert state == "refused"
    assert "OUTBOUND_ALLOW" in reason


def test_a_verdict_on_a_file_that_was_replaced_meanwhile_is_dropped():
    row = registered(NETWORK)
    LipSyncModel.objects.filter(pk=row.pk).update(file="catalog-private/lipsyncmodels/newer.onnx")
    assert arrivals._keep(row, {"state": "passed", "reason": ""}) is None
    assert LipSyncModel.objects.get().state == "pending"


def test_a_model_that_passed_opens_from_a_copy_on_this_machine(cache):
    row = registered(NETWORK)
    tried(row)
    generator = generators.generator_of(row)
    assert isinstance(generator, Wav2Lip)
    assert generators.generator_of(row) is generator
    assert [file.name for file in cache.iterdir()] == [f"{SHA256}.onnx"]


def test_a_file_that_was_tampered_with_is_not_opened(cache):
    row = registered(NETWORK)
    tried(row)
    cache.mkdir()
    (cache / f"{SHA256}.onnx").write_bytes(network(seed=3))
    with pytest.raises(generators.ModelUnavailable, match="has SHA-256"):
        generators.generator_of(row)
    assert generators.generator_of(row)  # the bad copy is gone, a good one was fetched


def test_a_file_that_is_gone_from_storage_is_told(cache):
    row = registered(NETWORK)
    tried(row)
    default_storage.delete(row.file.name)
    with pytest.raises(generators.ModelUnavailable, match="is not in storage"):
        generators.generator_of(row)
    assert list(cache.iterdir()) == []


def test_the_built_in_renderer_needs_no_file():
    assert generators.generator_of(layered()) is None


def test_a_preview_shows_an_avatar_talking():
    face = avatar("eileen")
    face.image.save("photo.jpg", ContentFile(factories.encoded(factories.portrait().resize((192, 192)))))
    row = registered(NETWORK)
    tried(row)
    assert arrivals.make_preview(row.pk)
    row.refresh_from_db()
    with row.preview_video.open("rb") as file, av.open(file) as video:
        assert video.streams.video[0].frames > 25
    first = row.preview_video.name
    arrivals.make_preview(row.pk)
    assert not default_storage.exists(first)


def test_a_refused_model_has_no_preview():
    row = registered(b"nothing")
    tried(row)
    assert not arrivals.make_preview(row.pk)
