"""GET /api/avatars and GET /api/voices."""

import pytest
from django.core.files.base import ContentFile

from catalog.models import Avatar, Voice
from tests.catalog.rows import avatar, voice

pytestmark = pytest.mark.django_db


def ids(response):
    assert response.status_code == 200, response.content
    return [row["id"] for row in response.json()]


def test_an_avatar_shows_exactly_the_public_fields(client):
    avatar("maya", gender="female", style="illustration", tags=["drawn"])
    (row,) = client.get("/api/avatars").json()
    assert set(row) == {
        "id",
        "name",
        "image_url",
        "thumbnail_url",
        "preview_video_url",
        "tags",
        "gender",
        "style",
    }
    assert row["id"] == "maya"
    assert row["tags"] == ["drawn"]
    assert row["style"] == "illustration"
    assert row["preview_video_url"] is None
    assert row["image_url"].startswith("http://testserver/media/catalog/avatars/maya-")


def test_a_voice_shows_exactly_the_public_fields(client):
    row = voice("hibari-gb", language="en-GB")
    row.preview_audio.save("sample.m4a", ContentFile(b"sound"))
    (shown,) = client.get("/api/voices").json()
    assert set(shown) == {"id", "name", "language", "gender", "engine", "sample_rate", "preview_audio_url"}
    assert shown["language"] == "en-GB"
    assert shown["sample_rate"] == 24_000
    assert shown["preview_audio_url"].startswith("http://testserver/media/catalog/voices/hibari-gb-")


def test_the_files_that_it_names_can_be_fetched(client):
    avatar("maya")
    (row,) = client.get("/api/avatars").json()
    response = client.get(row["thumbnail_url"].removeprefix("http://testserver"))
    assert response.status_code == 200
    assert response["Content-Type"] == "image/jpeg"
    assert b"".join(response.streaming_content) == b"thumbnail"


def test_an_empty_catalog_is_an_empty_list(client):
    assert client.get("/api/avatars").json() == []
    assert client.get("/api/voices").json() == []


def test_unpublished_rows_are_not_listed(client):
    avatar("shown")
    avatar("hidden", is_published=False)
    voice("heard")
    voice("mute", is_published=False)
    assert ids(client.get("/api/avatars")) == ["shown"]
    assert ids(client.get("/api/voices")) == ["heard"]


def test_rows_come_in_the_order_of_their_positions(client):
    avatar("a", position=30)
    avatar("b", position=10)
    avatar("c", position=10)
    assert ids(client.get("/api/avatars")) == ["b", "c", "a"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("gender=male", ["jonas"]),
        ("style=photo", ["eileen"]),
        ("tag=DRAWN", ["jonas", "maya"]),
        ("tag=draw", []),
        ("q=eil", ["eileen"]),
        ("q=red+jon", ["jonas"]),
        ("q=dark", ["maya"]),
        ("style=illustration&gender=female", ["maya"]),
        ("tag=&gender=", ["eileen", "jonas", "maya"]),
        ("unknown=filter", ["eileen", "jonas", "maya"]),
    ],
)
def test_avatars_are_filtered_by_the_query_string(client, query, expected):
    avatar("eileen", gender="female", style="photo", tags=["astronaut"])
    avatar("jonas", gender="male", style="illustration", tags=["drawn", "red hair"])
    avatar("maya", gender="female", style="illustration", tags=["drawn", "dark hair"])
    assert ids(client.get(f"/api/avatars?{query}")) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("language=en", ["gb", "us"]),
        ("language=EN-gb", ["gb"]),
        ("language=e", []),
        ("language=en-G", []),
        ("gender=male", ["fr"]),
        ("engine=piper", ["fr"]),
        ("q=Heart+british", ["gb"]),
        ("language=fr&gender=female", []),
    ],
)
def test_voices_are_filtered_by_the_query_string(client, query, expected):
    voice("gb", language="en-GB", name="Heart (British)")
    voice("us", language="en-US", name="Heart (American)")
    voice("fr", language="fr", name="Luc", gender="male", engine="piper")
    assert ids(client.get(f"/api/voices?{query}")) == expected


@pytest.mark.parametrize(
    "query", ["avatars?style=cubist", "voices?gender=both", "voices?q=%00", "avatars?q=" + "x" * 101]
)
def test_a_filter_that_makes_no_sense_is_a_fault_of_the_request(client, query):
    response = client.get(f"/api/{query}")
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "invalid_option"


@pytest.mark.parametrize("path", ["/api/avatars", "/api/voices"])
def test_a_list_takes_one_query(client, path, django_assert_num_queries):
    for number in range(5):
        avatar(f"a{number}")
        voice(f"v{number}")
    with django_assert_num_queries(1):
        assert len(client.get(path).json()) == 5


@pytest.mark.parametrize("path", ["/api/avatars", "/api/voices"])
def test_an_unchanged_list_is_not_sent_again(client, path):
    avatar("maya")
    voice("hibari-us")
    first = client.get(path)
    assert "max-age=" in first["Cache-Control"]
    again = client.get(path, headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    assert again.content == b""
    assert again["ETag"] == first["ETag"]
    assert again["Cache-Control"] == first["Cache-Control"]

    Avatar.objects.update(name="Another name")
    Voice.objects.update(name="Another name")
    changed = client.get(path, headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]


def test_a_list_can_only_be_read(client):
    response = client.post("/api/avatars", {"name": "Somebody"})
    assert response.status_code == 405
    assert response.json()["error"]["code"] == "method_not_allowed"
