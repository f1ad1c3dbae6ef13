"""How the processes of the Procfile start and end together."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

# Each process leaves its id in a file; the worker has a child of its own, as Celery's has.
PROCFILE = """\
web: echo $$ > web.pid; exec python -m http.server "$PORT" --bind "$HOST"
worker: echo $$ > worker.pid; sleep 300 & echo $! > child.pid; trap "kill $!; exit" TERM; wait
broker: echo $$ > broker.pid; exec sleep 300
"""
PATIENCE_S = 30


@pytest.fixture
def service(checkout: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The processes of PROCFILE, all started, with their ids in *.pid."""
    (checkout / "Procfile").write_text(PROCFILE)
    environment = {**os.environ, "PORT": str(free_port()), "VALKEY_PORT": str(free_port()), "HOST": "127.0.0.1"}
    environment.pop("REDIS_URL", None)
    command = [sys.executable, "-m", "scripts.serve"]
    with subprocess.Popen(command, cwd=checkout, env=environment, stdout=subprocess.PIPE) as process:
        wait_until(lambda: len(process_ids(checkout)) == 4)
        yield process
        process.kill()


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def process_ids(checkout: Path) -> list[int]:
    """Return the ids that the processes have left so far."""
    return [int(text) for file in checkout.glob("*.pid") if (text := file.read_text().strip())]


def wait_until(condition) -> None:
    """Return once `condition` holds; fail after PATIENCE_S seconds."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def lives(process_id: int) -> bool:
    """Tell whether a process runs; one that ended and waits for its parent does not."""
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{process_id}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.mark.parametrize(
    ("ending", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 143)], ids=str
)
def test_a_signal_ends_every_process(service, checkout: Path, ending: signal.Signals, status: int) -> None:
    started = process_ids(checkout)
    assert all(lives(process_id) for process_id in started)

    service.send_signal(ending)

    assert service.wait(PATIENCE_S) == status
    wait_until(lambda: not any(lives(process_id) for process_id in started))


def test_a_terminal_that_is_gone_leaves_no_process_behind(service, checkout: Path) -> None:
    started = process_ids(checkout)
    service.stdout.close()  # from here on every line that it prints fails

    service.send_signal(signal.SIGHUP)

    service.wait(PATIENCE_S)
    wait_until(lambda: not any(lives(process_id) for process_id in started))


def test_a_process_that_ends_takes_the_others_with_it(service, checkout: Path) -> None:
    started = process_ids(checkout)

    os.kill(int((checkout / "broker.pid").read_text()), signal.SIGKILL)

    assert service.wait(PATIENCE_S) != 0
    wait_until(lambda: not any(lives(process_id) for process_id in started))


def test_a_process_that_does_not_want_to_end_is_killed_with_its_children(service, checkout: Path) -> None:
    os.kill(int((checkout / "worker.pid").read_text()), signal.SIGSTOP)

    service.send_signal(signal.SIGTERM)

    service.wait(PATIENCE_S)
    assert not any(lives(process_id) for process_id in process_ids(checkout))


def test_the_bundled_broker_stays_away_when_another_one_is_named(checkout: Path) -> None:
    (checkout / "Procfile").write_text('web: echo "web ends"\nbroker: echo "broker starts"\n')
    environment = {**os.environ, "PORT": str(free_port()), "REDIS_URL": "redis://broker.example:6379/0"}

    result = subprocess.run(
        [sys.executable, "-m", "scripts.serve"],
        cwd=checkout,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert "web ends" in result.stdout
    assert "broker starts" not in result.stdout
