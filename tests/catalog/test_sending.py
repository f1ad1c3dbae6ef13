"""What the catalog has workers do is sent for until it is done."""

import pytest

from catalog import sending
from catalog.analysis import request_analysis
from tests.catalog.rows import avatar, model

pytestmark = pytest.mark.django_db

BROKER = "catalog.sending.current_app.send_task"


def away(name: str, args: object) -> None:
    raise ConnectionError("the broker is away")


def test_a_photo_that_came_while_the_broker_was_away_is_sent_for_later(monkeypatch, django_capture_on_commit_callbacks):
    row = avatar("maya")
    monkeypatch.setattr(BROKER, away)
    with django_capture_on_commit_callbacks(execute=True):
        request_analysis(row)
    assert row.state == "pending"

    sent = []
    monkeypatch.setattr(BROKER, lambda name, args: sent.append((name, tuple(args))))
    sending.send_for_what_waits()
    assert ("catalog.tasks.analyse_avatar", ("maya",)) in sent


def test_what_was_looked_at_is_not_sent_for_again(monkeypatch):
    avatar("maya")
    avatar("ada", state="refused", is_published=False)
    model("lips")
    model("other-lips", state="pending")

    sent = []
    monkeypatch.setattr(BROKER, lambda name, args: sent.append((name, tuple(args))))
    sending.send_for_what_waits()
    assert sent == [("catalog.tasks.probe_model", ("other-lips",)), ("catalog.tasks.make_missing_samples", ())]
