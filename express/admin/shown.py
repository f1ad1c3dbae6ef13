"""How the admin of express shows things."""

import json
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

NOTHING = "–"


def pretty_json(value: Any) -> SafeString | str:
    """JSON set out for reading."""
    return format_html("<pre>{}</pre>", json.dumps(value, indent=2, ensure_ascii=False)) if value else NOTHING


def when(moment: datetime | None) -> str:
    """A time, short."""
    return NOTHING if moment is None else f"{timezone.localtime(moment):%d %b, %H:%M}"


def seconds(length_s: float | None) -> str:
    """A span in the unit that suits it."""
    if length_s is None:
        return NOTHING
    if length_s < 100:
        return f"{length_s:.1f} s"
    return f"{length_s / 60:.0f} min" if length_s < 6000 else f"{length_s / 3600:.1f} h"
