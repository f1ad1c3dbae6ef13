"""The service as its users run it: Valkey, gunicorn and a Celery worker as processes, on ports of their own."""

import logging
import os
import shlex
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg
from honcho.environ import parse_procfile

from tests.servers import Bucket, Postgres, Valkey, free_port

ROOT = Path(__file__).resolve().parent.parent
logging.getLogger("httpx").setLevel(logging.WARNING)  # it tells of every request, and we poll
READY_WITHIN_S = 60.0
LOST_AFTER_S = 5.0  # so that the test of a killed worker need not wait for the 15 s of the default


@dataclass
class LiveService:
    """A running service in a folder of its own.

    url: where it answers, without a slash at the end. media: its MEDIA_ROOT. client: asks it over HTTP.
    database_server, bucket: what it uses instead of SQLite and its folder; started by whoever made them.
    avatars: how many of the stock avatars it has; None: all. settings: more of its environment.
    The web server and each worker have folders of their own for temporary files.
    """

    folder: Path
    database_server: Postgres | None = None
    bucket: Bucket | None = None
    avatars: int | None = None
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.url = f"http://127.0.0.1:{self.port}"
        self.media = self.folder / "media"
        self.database = self.folder / "db.sqlite3"
        self.valkey = Valkey(self.folder)
        self.client = httpx.Client(base_url=self.url, timeout=120.0)
        self.environment = {
            **os.environ,
            "SECRET_KEY": "only-for-tests",
            "DATABASE_URL": self.database_server.url if self.database_server else f"sqlite:///{self.database}",
            "MEDIA_ROOT": str(self.media),
            "MODEL_CACHE_DIR": str(self.folder / "models"),
            "REDIS_URL": self.valkey.url,
            "CELERY_BROKER_URL": self.valkey.url,
            "HEARTBEAT_LOST_AFTER_S": str(LOST_AFTER_S),
            "OUTBOUND_ALLOW": "127.0.0.1",  # where the receivers of webhooks listen
            "DEBUG": "false",
            "HTTPS": "false",
            "STORAGE_BUCKET": "",
            "PYTHONUNBUFFERED": "1",
            **(self.bucket.environment if self.bucket else {}),
            **self.settings,
        }

    def start(self) -> None:
        """Set up a fresh database with the stock catalog, then start every process and wait until it answers."""
        self.manage("migrate", "--verbosity=0")
        first = "" if self.avatars is None else f"stock.AVATARS = stock.AVATARS[:{self.avatars}]; "
        self.manage("shell", "--verbosity=0", "-c", f"from catalog import stock; {first}stock.load_stock()")
        self.valkey.start()
        self.start_web()
        self.start_worker()
        self._wait_until_ready()

    def start_web(self) -> None:
        """Start the web server."""
        web = [sys.executable, "-m", "gunicorn", "talkingphotos.wsgi", "--bind", f"127.0.0.1:{self.port}"]
        self._spawn("web", [*web, "--worker-class", "gthread", "--threads", "24", "--no-control-socket"])

    def start_worker(
        self, name: str = "worker", app: str = "talkingphotos", queues: str = "render,default", **environment: str
    ) -> None:
        """Start a render worker."""
        command = [sys.executable, "-m", "celery", "--app", app, "worker", "--queues", queues]
        own = ["--concurrency=1", "--loglevel=info", "--without-mingle", "--without-gossip", "--hostname", f"{name}@%h"]
        self._spawn(name, [*command, *own], environment)

    def start_small(self) -> None:
        """Start the worker for all that is not rendering, as the Procfile has it."""
        command = parse_procfile((ROOT / "Procfile").read_text()).processes["small"]
        self._spawn("small", [sys.executable, *shlex.split(command.removeprefix("exec python "))])

    def kill_worker(self, name: str = "worker") -> None:
        """End a render worker and its children as a power cut would."""
        worker = self.processes.pop(name)
        os.killpg(worker.pid, 9)
        worker.wait()

    def end_worker(self, within_s: float = 30.0) -> float:
        """Ask the render worker to end, as a deploy does; return the seconds that it took."""
        worker = self.processes.pop("worker")
        began = time.monotonic()
        worker.terminate()
        worker.wait(within_s)
        return time.monotonic() - began

    def stop(self) -> None:
        """End every process."""
        self.client.close()
        for process in reversed(list(self.processes.values())):
            process.terminate()
        for process in reversed(list(self.processes.values())):
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, 9)
                process.wait()
        self.valkey.remove()

    def manage(self, *arguments: str) -> str:
        """Run manage.py; return what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"manage.py {' '.join(arguments)}:\n{done.stdout}{done.stderr}"
        return done.stdout

    def create(self, *, headers: dict[str, str] | None = None, **form: Any) -> httpx.Response:
        """POST /api/express/create; bytes become files, everything else fields."""
        files = {name: (name, value) for name, value in form.items() if isinstance(value, bytes)}
        data = {name: str(value) for name, value in form.items() if not isinstance(value, bytes)}
        return self.client.post("/api/express/create", data=data, files=files or None, headers=headers)

    def wait_for(self, video_id: str, within_s: float = 120.0) -> dict[str, Any]:
        """The video's JSON once it has ended."""
        deadline = time.monotonic() + within_s
        while True:
            video: dict[str, Any] = self.client.get(f"/api/express/videos/{video_id}").json()
            if video["status"] not in ("queued", "processing"):
                return video
            assert time.monotonic() < deadline, f"still {video['status']}: {video}\n{self.log('worker')}"
            time.sleep(0.1)

    def rows(self, query: str = "SELECT count(*) FROM express_video") -> list[tuple[Any, ...]]:
        """The answer of the service's database."""
        if self.database_server:
            with psycopg.connect(self.database_server.url) as server:
                return server.execute(query).fetchall()  # type: ignore[call-overload,no-any-return]
        with sqlite3.connect(self.database, timeout=20) as connection:
            return connection.execute(query).fetchall()

    def files(self) -> set[Path]:
        """Every file of requests in storage."""
        folders = ("photos", "speech", "videos", "posters")
        return {path for folder in folders for path in (self.media / folder).rglob("*") if path.is_file()}

    def log(self, name: str) -> str:
        """The end of what a process printed."""
        return (self.folder / f"{name}.log").read_text(errors="replace")[-4000:]

    def _spawn(self, name: str, command: list[str], environment: dict[str, str] | None = None) -> None:
        temporary = self.folder / "tmp" / name  # nothing may go from web to worker this way
        temporary.mkdir(parents=True, exist_ok=True)
        own = {**self.environment, "TMPDIR": str(temporary), **(environment or {})}
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                command, cwd=ROOT, env=own, stdout=log, stderr=log, start_new_session=True
            )

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < deadline:
            for name, process in self.processes.items():
                assert process.poll() is None, f"{name} ended:\n{self.log(name)}"
            try:
                if self.client.get("/readyz").status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        raise AssertionError(f"not ready:\n{self.log('web')}\n{self.log('worker')}")
