"""How long the catalog's lists take in the view, at 1,000 rows, in CPU time: python -m bench.lists [ROWS]

Rows are made in a database in memory; nothing of the installation is read or changed.
"""

import os
import statistics
import sys
import time

LIMIT_MS = 10.0
ROUNDS = 30


def main() -> int:
    """Print the median and the worst of both lists, with every row and with a filter; 1 when one is too slow."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    os.environ |= {"DJANGO_SETTINGS_MODULE": "talkingphotos.settings", "DATABASE_URL": "sqlite://:memory:"}
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    _fill(rows)
    slow = [path for path in ("avatars", "avatars?tag=tag-3", "voices", "voices?language=de&q=7") if _measure(path)]
    return 1 if slow else 0


def _fill(rows: int) -> None:
    from catalog.models import Avatar, Voice

    numbers = range(rows)
    Avatar.objects.bulk_create(
        Avatar(
            id=f"avatar-{number}",
            name=f"Avatar {number}",
            image=f"catalog/avatars/avatar-{number}-0123456789ab.jpg",
            thumbnail=f"catalog/avatars/avatar-{number}-thumbnail-0123456789ab.jpg",
            preview_video=f"catalog/avatars/avatar-{number}-0123456789ab.mp4",
            tags=["portrait", "smiling", f"tag-{number % 10}"],
            face_box=[10, 10, 100, 120],
            state=Avatar.State.PASSED,
            licence="CC0 1.0",
        )
        for number in numbers
    )
    Voice.objects.bulk_create(
        Voice(
            id=f"voice-{number}",
            name=f"Voice {number}",
            language=("de-DE", "en-US", "fr-FR")[number % 3],
            engine="pico",
            engine_voice="pico-de-de",
            sample_rate=16_000,
            preview_audio=f"catalog/voices/voice-{number}-0123456789ab.m4a",
            licence="Apache-2.0",
        )
        for number in numbers
    )


def _measure(path: str) -> bool:
    """Print one line; True when the median is above the limit."""
    from django.test import RequestFactory
    from django.urls import resolve

    factory = RequestFactory(SERVER_NAME="localhost")
    view = resolve(f"/api/{path.split('?', maxsplit=1)[0]}").func
    times_ms = []
    size = 0
    for _ in range(ROUNDS):
        request = factory.get(f"/api/{path}")
        began = time.thread_time()
        response = view(request)
        times_ms.append((time.thread_time() - began) * 1000)
        size = len(response.content)
    median = statistics.median(times_ms)
    print(f"GET /api/{path:24} {size / 1024:6.0f} KiB   median {median:5.1f} ms   worst {max(times_ms):5.1f} ms")
    return median > LIMIT_MS


if __name__ == "__main__":
    sys.exit(main())
