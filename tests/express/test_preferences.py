"""The Prefer header."""

from typing import Any

import pytest

from express.preferences import Preference, preference


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", Preference(60.0)),
        ("respond-async", Preference(0.0, "respond-async")),
        ("Respond-Async", Preference(0.0, "respond-async")),
        ("wait=5", Preference(5.0, "wait=5")),
        ('respond-async, wait="7"', Preference(7.0, "wait=7")),
        ("wait=99999", Preference(120.0, "wait=120")),
        ("wait=soon", Preference(60.0)),
        ("handling=lenient", Preference(60.0)),
    ],
)
def test_it_reads_how_long_the_client_wants_to_wait(header: str, expected: Preference, settings: Any) -> None:
    settings.CREATE_WAIT_S, settings.CREATE_WAIT_MAX_S = 60.0, 120.0
    assert preference(header) == expected
