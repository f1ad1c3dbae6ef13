"""The `Prefer` header (RFC 7240): how long a client wants to wait."""

import math
import re
from dataclasses import dataclass

from django.conf import settings

_WAIT = re.compile(r'wait\s*=\s*"?(\d{1,9})"?', re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Preference:
    """wait_s: how long to wait for the video. applied: what to answer in `Preference-Applied`, or ""."""

    wait_s: float
    applied: str = ""


def preference(header: str) -> Preference:
    """Read `respond-async` and `wait=N`; N is cut to the server's cap, and what cannot be read is passed over.

    `respond-async, wait=N` waits N seconds before it answers 202, as RFC 7240 has it.
    """
    tokens = [token.strip() for token in header.split(",")]
    waits = [match for match in map(_WAIT.fullmatch, tokens) if match]
    if waits:
        wait_s = min(float(waits[0].group(1)), settings.CREATE_WAIT_MAX_S)
        return Preference(wait_s, f"wait={math.floor(wait_s)}")
    if "respond-async" in (token.lower() for token in tokens):
        return Preference(0.0, "respond-async")
    return Preference(min(settings.CREATE_WAIT_S, settings.CREATE_WAIT_MAX_S))
