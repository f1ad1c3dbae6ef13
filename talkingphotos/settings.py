"""Settings of the whole project, and the only file that reads the environment.

Every setting has a default that suits one machine: SQLite, the bundled Valkey, local files. A server reads
the same names from its environment or from `.env` beside `manage.py`.
"""

import logging
import os
from pathlib import Path
from typing import Any

from django.core.management.utils import get_random_secret_key

from talkingphotos.environment import Environment

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"
VAR_DIR.mkdir(exist_ok=True)  # the database's folder; SQLite does not make it

env = Environment()
env.read_file(BASE_DIR / ".env")

VERSION = "0.1.0"

# --- Security ---------------------------------------------------------------------------------------------

# Without a key each process makes its own: everything works, but log-ins end with the process (check W001).
SECRET_KEY_IS_TEMPORARY = not env.str("SECRET_KEY", default="")
SECRET_KEY = env.str("SECRET_KEY", default="") or get_random_secret_key()
DEBUG = env.bool("DEBUG", default=False)
# The machine's own names, too: probes, scripts/run and the doctor ask by them, whatever the world calls the service.
ALLOWED_HOSTS = [*env.list("ALLOWED_HOSTS", default=[]), "localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

HTTPS = env.bool("HTTPS", default=False)  # true behind a proxy that ends TLS and sets X-Forwarded-Proto
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]  # probes speak plain HTTP to the process
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=3600 if HTTPS else 0)
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
X_FRAME_OPTIONS = "DENY"
# HSTS on subdomains and in browsers' preload lists: those are decisions about other sites of the operator's.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

# --- Application ------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "talkingphotos",
    "catalog",
    "express",
]

MIDDLEWARE = [
    "talkingphotos.middleware.request_id",
    "django.middleware.security.SecurityMiddleware",
    "talkingphotos.middleware.content_security_policy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "talkingphotos.middleware.request_size_limit",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "talkingphotos.urls"
WSGI_APPLICATION = "talkingphotos.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("MinimumLengthValidator", "CommonPasswordValidator", "NumericPasswordValidator")
]

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True

# --- Database ---------------------------------------------------------------------------------------------

DATABASES: dict[str, dict[str, Any]] = {
    "default": env.database("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'db.sqlite3'}"),
}
# Also for SQLite, where every request would else open the file and set its pragmas anew.
DATABASES["default"]["CONN_MAX_AGE"] = env.int("DATABASE_CONN_MAX_AGE", default=60)
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # WAL lets the web read while a worker writes; IMMEDIATE takes the write lock when a transaction starts,
    # so that two writers queue up instead of failing with "database is locked".
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-20000;",
    }
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # Nothing of ours reads through a cursor that outlives its transaction, so PgBouncer may pool transactions.
    DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = True
if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    # A server that vanished is noticed in seconds; what DATABASE_URL says (?sslmode=verify-full, …) comes first.
    DATABASES["default"]["OPTIONS"] = {
        "connect_timeout": 5,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 20_000,
        **DATABASES["default"].get("OPTIONS", {}),
    }

# --- Files ------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = env.str("STATIC_ROOT", default="") or None  # only for collectstatic, when another server serves them
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True  # serves apps' files where they lie: no collectstatic before the first start

MEDIA_URL = "/media/"
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default=str(BASE_DIR / "media")))
# What anybody may read of MEDIA_ROOT. Photos, speech and videos of requests are served by the API alone.
PUBLIC_MEDIA_FOLDERS = ("catalog/",)

STORAGE_BUCKET = env.str("STORAGE_BUCKET", default="")
STORAGE_ENDPOINT_URL = env.str("STORAGE_ENDPOINT_URL", default="")
STORAGE_PUBLIC_ENDPOINT_URL = env.str("STORAGE_PUBLIC_ENDPOINT_URL", default=STORAGE_ENDPOINT_URL)
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
if STORAGE_BUCKET:
    STORAGES["default"] = {
        "BACKEND": "express.bucket.BucketStorage",
        "OPTIONS": {
            "bucket_name": STORAGE_BUCKET,
            "endpoint_url": STORAGE_ENDPOINT_URL or None,
            "public_endpoint_url": STORAGE_PUBLIC_ENDPOINT_URL,
            "redirect_s": env.int("STORAGE_REDIRECT_S", default=0),  # 0: the service streams every byte itself
            "addressing_style": env.one_of("STORAGE_ADDRESSING_STYLE", ("auto", "path", "virtual"), default="auto"),
            "region_name": env.str("STORAGE_REGION", default="") or None,
            "access_key": env.str("STORAGE_ACCESS_KEY_ID", default="") or None,
            "secret_key": env.str("STORAGE_SECRET_ACCESS_KEY", default="") or None,
            "default_acl": None,
            "file_overwrite": True,  # our names are unguessable and never used twice: no look-up before a write
        },
    }

# The largest request body as a whole. Photos (32 MiB, 100 megapixels) and speech have limits of their own.
MAX_REQUEST_BYTES = env.int("MAX_REQUEST_MB", default=256) * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024  # of the fields that are not files
DATA_UPLOAD_MAX_NUMBER_FIELDS = 100
DATA_UPLOAD_MAX_NUMBER_FILES = 8
FILE_UPLOAD_PERMISSIONS = 0o640

# --- Jobs -------------------------------------------------------------------------------------------------

REDIS_URL = env.str("REDIS_URL", default=f"redis://127.0.0.1:{env.int('VALKEY_PORT', default=6390)}/0")
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default=REDIS_URL)
RENDER_TIME_LIMIT_S = env.int("RENDER_TIME_LIMIT_S", default=3600)

RENDER_CONCURRENCY = env.int("RENDER_CONCURRENCY", default=1)  # videos at once in one worker
RENDER_THREADS = env.int("RENDER_THREADS", default=0)  # that draw and encode one video; 0: its share of the cores
if not RENDER_THREADS and RENDER_CONCURRENCY > 1:
    RENDER_THREADS = max(1, (os.cpu_count() or 1) // RENDER_CONCURRENCY)
RENDER_DEVICE = env.str("RENDER_DEVICE", default="auto")  # auto, cpu, cuda or cuda:N
# Videos of this effort (seconds of a machine of two cores) and more are for GPU workers, if any are there; 0: none.
GPU_FROM_EFFORT_S = env.float("GPU_FROM_EFFORT_S", default=60.0)
SPLIT_ABOVE_S = env.float("SPLIT_ABOVE_S", default=90.0)  # longer speech is cut, where there are workers; 0: never

CELERY_TASK_IGNORE_RESULT = True  # the video's row is the result
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {"express.tasks.render_*": {"queue": "render"}}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = RENDER_TIME_LIMIT_S + 60  # rendering stops itself at RENDER_TIME_LIMIT_S; this is the net
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CONCURRENCY = RENDER_CONCURRENCY
CELERY_WORKER_PROC_ALIVE_TIMEOUT = 120.0  # a new process loads its models before it reports
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a broker that is away for an hour must not end the workers
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
    "visibility_timeout": RENDER_TIME_LIMIT_S + 600,  # a message must not come back while its job still runs
    "socket_connect_timeout": 2,
    "socket_timeout": 10,  # else who publishes waits for ever for a broker that has frozen
    "socket_keepalive": True,
}
if CELERY_BROKER_URL.startswith("sentinel://"):
    # sentinel://one:26379/0;sentinel://two:26379/0 name the Sentinels; the password of Redis goes into the first.
    CELERY_BROKER_TRANSPORT_OPTIONS["master_name"] = env.str("SENTINEL_MASTER", default="mymaster")
    CELERY_BROKER_TRANSPORT_OPTIONS["sentinel_kwargs"] = {
        "password": env.str("SENTINEL_PASSWORD", default="") or None,
        "socket_connect_timeout": 2,
        "socket_timeout": 2,
    }
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.2}

HEARTBEAT_INTERVAL_S = 2.0
HEARTBEAT_LOST_AFTER_S = env.float(
    "HEARTBEAT_LOST_AFTER_S", default=15.0
)  # a worker that missed this many seconds is taken for dead
RENDER_MAX_ATTEMPTS = 3
# How long a worker that was told to end may finish what it has. scripts/run gives it five seconds in all.
SHUTDOWN_GRACE_S = env.float("SHUTDOWN_GRACE_S", default=2.0)
READY_NEEDS_WORKER = env.bool("READY_NEEDS_WORKER", default=True)  # false where workers come and go with the queue
JANITOR_INTERVAL_S = env.float("JANITOR_INTERVAL_S", default=5.0)  # how often workers look for what got lost
WORKER_LOST_AFTER_S = 30.0  # a worker tells every JANITOR_INTERVAL_S that it lives; not while its broker is away
# How long a worker waits for a database or a bucket that is away before it gives up what it has rendered.
OUTAGE_PATIENCE_S = env.float("OUTAGE_PATIENCE_S", default=120.0)

# --- Talking photos ---------------------------------------------------------------------------------------

DEFAULT_GREETING = env.str(
    "DEFAULT_GREETING",
    default="Hello! I am your photo. Give me some words, or a recording, and I will say them for you.",
)
CREATE_WAIT_S = env.float("CREATE_WAIT_S", default=60.0)  # how long POST /create waits for the video
CREATE_WAIT_MAX_S = env.float("CREATE_WAIT_MAX_S", default=120.0)  # the most that `Prefer: wait=N` gets
# Waiting requests and event streams keep a thread each: together fewer than the web server has (Procfile: 64).
CREATE_WAITS_MAX = env.int("CREATE_WAITS_MAX", default=40)
EVENT_STREAMS_MAX = env.int("EVENT_STREAMS_MAX", default=16)
EVENT_STREAM_MAX_S = 300.0  # then the client comes back; else one that is gone could keep its thread for ever
REUSE_VIDEOS = env.bool("REUSE_VIDEOS", default=True)  # the same request of the same client is rendered once
REUSE_ANALYSES = env.bool("REUSE_ANALYSES", default=True)  # the same photo is looked at once
ANALYSIS_KEEP_S = 3600.0  # landmarks tell who somebody is: no longer than is useful
VIDEO_KEEP_DAYS = env.float("VIDEO_KEEP_DAYS", default=0.0)  # 0: videos are kept until somebody deletes them
# What becomes of finished videos of a living person whose consent ends: their files are deleted, or they are flagged.
CONSENT_REVOKED_VIDEOS = env.one_of("CONSENT_REVOKED_VIDEOS", ("delete", "flag"), default="delete")
COMMERCIAL_USE_ONLY = env.bool("COMMERCIAL_USE_ONLY", default=False)  # lip-sync models whose licence forbids it are off
MODEL_CACHE_DIR = Path(env.str("MODEL_CACHE_DIR", default=str(VAR_DIR / "models")))  # lip-sync models, by their hash
MAX_SPEECH_S = env.float("MAX_SPEECH_S", default=600.0)
MAX_TEXT_CHARS = env.int("MAX_TEXT_CHARS", default=5000)
PIPER_VOICES = Path(env.str("PIPER_VOICES", default=str(VAR_DIR / "piper")))  # a folder of .onnx and .onnx.json
ESPEAK_PROGRAM = env.str("ESPEAK_PROGRAM", default="espeak-ng")  # a name in PATH, or a path

# Hosts that URLs of requests may lead to besides the public internet: addresses, networks, names, .suffixes.
OUTBOUND_ALLOW: list[str] = env.list("OUTBOUND_ALLOW", default=[])

# Refuse new videos, and begin none, while less is free where they are stored or made.
MIN_FREE_DISK_MB = env.int("MIN_FREE_DISK_MB", default=500)
WEBHOOK_KEEP_DAYS = env.float("WEBHOOK_KEEP_DAYS", default=30.0)  # after that what was delivered is forgotten

# --- API --------------------------------------------------------------------------------------------------

API_KEYS_REQUIRED = env.bool("API_KEYS_REQUIRED", default=False)
PROXY_COUNT = env.int("PROXY_COUNT", default=0)  # proxies in front that add to X-Forwarded-For; what else is there lies
CLIENT_MAX_RUNNING = env.int("CLIENT_MAX_RUNNING", default=0)  # videos of one client at once; 0: any number
CLIENT_MAX_PER_MINUTE = env.int("CLIENT_MAX_PER_MINUTE", default=0)  # that one client may create; 0: any number
IDEMPOTENCY_KEEP_S = 24 * 3600.0  # for which a request with the same Idempotency-Key gets the same answer

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["express.auth.ApiKeyAuthentication", "express.auth.StaffAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["express.auth.MayUse"],
    "UNAUTHENTICATED_USER": None,
    "EXCEPTION_HANDLER": "express.problems.exception_handler",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "express.negotiation.AlwaysJson",
    "URL_FORMAT_OVERRIDE": None,
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Talking Photos",
    "DESCRIPTION": "One still photo and some speech become a video in which the photo talks.",
    "VERSION": VERSION,
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": r"/api/",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# --- Sight ------------------------------------------------------------------------------------------------

METRICS_TOKEN = env.str("METRICS_TOKEN", default="")  # what a scraper of /metrics sends; else only who is logged in
LOG_LEVEL = env.one_of("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"), default="INFO")
# What a JSON line leaves out of a record: all but the format's fields and those that code adds on purpose.
LOG_RECORD_PARTS = [*vars(logging.makeLogRecord({})), "asctime", "about", "request"]
LOG_FORMAT = env.one_of(
    "LOG_FORMAT", ("line", "json"), default="line"
)  # or json: one object a line, for log collectors
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "about": {"()": "express.logs.AboutFilter"},
        # Statuses are logged once, by our middleware; what Django adds to that is the traceback.
        "tracebacks": {"()": "django.utils.log.CallbackFilter", "callback": lambda record: bool(record.exc_info)},
    },
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name}: {message}{about}", "style": "{"},
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "fmt": "{levelname}{name}{message}",
            "style": "{",
            "rename_fields": {"levelname": "level", "name": "logger"},
            "timestamp": True,
            "defaults": {"service": "talkingphotos"},
            "reserved_attrs": LOG_RECORD_PARTS,
        },
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "filters": ["about"]}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "django.request": {"filters": ["tracebacks"]},
        "django.server": {"handlers": ["console"], "level": "WARNING", "propagate": False},
    },
}
