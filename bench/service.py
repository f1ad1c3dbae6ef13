"""A service of our own for one benchmark: broker, web server and worker on free ports, files in a folder of its own."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

START_TIMEOUT_S = 120


@contextmanager
def live_service(prepare: Callable[[dict[str, str]], None] = lambda environment: None) -> Iterator[str]:
    """Start everything as scripts/run does, yield the base URL, and end everything.

    prepare: called with the service's environment once its database is there.
    """
    with tempfile.TemporaryDirectory(prefix="talkingphotos-bench-") as folder:
        port, valkey_port = _free_port(), _free_port()
        environment = {
            **os.environ,
            "PORT": str(port),
            "HOST": "127.0.0.1",
            "VALKEY_PORT": str(valkey_port),
            "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3",
            "MEDIA_ROOT": f"{folder}/media",
            "SECRET_KEY": "benchmark",
        }
        environment.pop("REDIS_URL", None)
        environment.pop("CELERY_BROKER_URL", None)
        log_path = Path(folder) / "log"
        with log_path.open("wb") as log:
            subprocess.run(
                [sys.executable, "manage.py", "migrate", "--verbosity", "0"], env=environment, stdout=log, check=True
            )
            prepare(environment)
            service = subprocess.Popen([sys.executable, "-m", "scripts.serve"], env=environment, stdout=log, stderr=log)
            try:
                url = f"http://127.0.0.1:{port}"
                _wait_until_ready(url, service, log_path)
                yield url
            finally:
                service.terminate()
                service.wait()


def _wait_until_ready(url: str, service: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline and service.poll() is None:
        try:
            if httpx.get(f"{url}/readyz").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise RuntimeError(f"the service did not start:\n{log.read_text()}")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
