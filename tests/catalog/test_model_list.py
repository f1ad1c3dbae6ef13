"""GET /api/models."""

import pytest

from tests.catalog.rows import layered, model

pytestmark = pytest.mark.django_db


def ids(response):
    assert response.status_code == 200, response.content
    return [row["id"] for row in response.json()]


def test_a_model_shows_exactly_the_public_fields(client):
    model("lips", licence="non-commercial", commercial_use=False, path="/secret/lips.onnx")
    (row,) = client.get("/api/models").json()
    assert row == {
        "id": "lips",
        "name": "Lips",
        "contract": "wav2lip",
        "sha256": "ab" * 32,
        "licence": "non-commercial",
        "commercial_use": False,
        "face_px": 96,
        "is_default": False,
        "preview_video_url": None,
    }


def test_only_models_that_fit_and_are_published_are_listed(client):
    layered()
    model("good")
    model("hidden", is_published=False)
    model("waiting", state="pending")
    model("bad", state="refused", reason="It has three inputs.")
    assert ids(client.get("/api/models")) == ["layered", "good"]


def test_a_service_for_commercial_use_lists_nothing_else(client, settings):
    settings.COMMERCIAL_USE_ONLY = True
    model("free")
    model("academic", commercial_use=False)
    assert ids(client.get("/api/models")) == ["free"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["layered", "academic", "free"]),
        ("contract=wav2lip", ["academic", "free"]),
        ("commercial_use=true", ["layered", "free"]),
        ("commercial_use=false", ["academic"]),
        ("q=aca", ["academic"]),
        ("contract=wav2lip&q=free", ["free"]),
    ],
)
def test_filters_narrow_the_list(client, query, expected):
    layered()
    model("free")
    model("academic", commercial_use=False)
    assert ids(client.get(f"/api/models?{query}")) == expected


def test_a_filter_that_makes_no_sense_is_refused(client):
    answer = client.get("/api/models?contract=telepathy")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_option")


def test_a_list_that_did_not_change_is_not_sent_again(client, django_assert_num_queries):
    for number in range(20):
        model(f"lips-{number}")
    with django_assert_num_queries(1):
        first = client.get("/api/models")
    again = client.get("/api/models", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert "max-age" in first["Cache-Control"]


def test_the_file_itself_is_not_given_away(client):
    row = model("lips")
    assert client.get(f"/media/{row.file.name}").status_code == 404
