"""The admin as a curator uses it, over HTTP."""

import re
from typing import Any

import httpx

MAKE_CURATOR = """
from django.contrib.auth.models import User
User.objects.filter(username="curator").exists() or User.objects.create_superuser("curator", password="curates")
"""


def post(client: httpx.Client, path: str, data: dict[str, str], files: dict[str, Any] | None = None) -> str:
    """Fill in a form of the admin and send it; return the page that follows."""
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get(path).text)
    assert token
    answer = client.post(path, data={**data, "csrfmiddlewaretoken": token[1]}, files=files)
    assert answer.status_code == 200, answer.text
    return answer.text
