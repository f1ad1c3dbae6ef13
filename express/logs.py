"""Log lines that say which request and which video they are about, in the web server and in the workers alike."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_about: ContextVar[dict[str, str]] = ContextVar("about", default={})  # noqa: B039 - replaced, never changed


@contextmanager
def about(**ids: Any) -> Iterator[None]:
    """Put these ids (request=, video=) on every line that is logged inside; empty ones change nothing."""
    token = _about.set({**_about.get(), **{name: str(value) for name, value in ids.items() if value}})
    try:
        yield
    finally:
        _about.reset(token)


def begin(ids: dict[str, str]) -> None:
    """Put these ids, and no others, on every line from here on: a worker begins a task."""
    _about.set(dict(ids))


def ids() -> dict[str, str]:
    """Return the ids that lines carry here, as {"request": …, "video": …}."""
    return _about.get()


class AboutFilter(logging.Filter):
    """Gives records `request_id`, `video_id` and, for people, `about`. (Django's own have a `request`.)"""

    def filter(self, record: logging.LogRecord) -> bool:
        """Never drops a line."""
        found = _about.get()
        for name in ("request", "video"):
            if name in found:
                setattr(record, f"{name}_id", found[name])
        record.about = f" request={found['request']}" if "request" in found else ""  # messages name their video
        return True
