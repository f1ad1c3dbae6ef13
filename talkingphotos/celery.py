"""The Celery app, and what a worker does when it starts.

Queues: `render` makes videos, `default` does everything small. One worker can take both.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "talkingphotos.settings")

app = Celery("talkingphotos")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
