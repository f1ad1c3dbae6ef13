"""What gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

from talkingphotos.chunked import receive_chunked_bodies

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "talkingphotos.settings")

application = receive_chunked_bodies(get_wsgi_application())
