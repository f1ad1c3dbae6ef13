"""Start the processes of the Procfile under honcho, say when they are ready, and end them all together.

    python -m scripts.serve

Ctrl-C, SIGTERM or a closed terminal end everything.
"""

import contextlib
import os
import signal
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

from honcho.environ import parse_procfile
from honcho.manager import Manager
from honcho.printer import Printer

from scripts.addresses import ROOT, AddressError, Addresses, read_addresses, require_free

READY_POLL_S = 0.2
READY_TIMEOUT_S = 120
END_POLL_S = 0.02
BROKER = "broker"  # its name in the Procfile


# A terminal that is gone, or a signal's handler that prints while we print.
UNWRITABLE = (OSError, RuntimeError)


class Output:
    """Standard output that outlives its terminal: without this, the last words to a closed one would kill us."""

    def write(self, text: str) -> None:
        """Write, or drop what nobody reads any more."""
        with contextlib.suppress(*UNWRITABLE):
            sys.stdout.write(text)

    def flush(self) -> None:
        """Flush, likewise."""
        with contextlib.suppress(*UNWRITABLE):
            sys.stdout.flush()

    def isatty(self) -> bool:
        """Tell whether colours make sense."""
        return sys.stdout.isatty()


class Service(Manager):  # type: ignore[misc]  # honcho has no types
    """Honcho's manager, which also says when the service answers, and ends the broker after those who talk to it."""

    def __init__(self, addresses: Addresses) -> None:
        super().__init__(Printer(Output(), colour=sys.stdout.isatty()))
        self._addresses = addresses

    def _start(self) -> None:
        super()._start()
        # Only now: a thread that lives while honcho forks could leave a lock held in the child.
        threading.Thread(target=self._announce, daemon=True).start()

    def terminate(self) -> None:
        """Ask every process to end. Honcho kills those that have not, five seconds after the first one has."""
        if self._terminating:
            return
        self._terminating: bool = True
        threading.Thread(target=self._end_in_turn, daemon=True).start()

    def _end_in_turn(self) -> None:
        self._end([name for name in self._processes if name != BROKER])
        self._end([name for name in self._processes if name == BROKER])

    def _end(self, names: list[str]) -> None:
        """Send SIGTERM to each process, and return when all have ended.

        To the process alone: Celery ends its children itself, and takes their death for a crash.
        """
        told: set[str] = set()
        while waiting := [name for name in names if "returncode" not in self._processes[name]]:
            for name in waiting:
                process_id = self._processes[name].get("pid")  # none while honcho has not heard of the start
                if process_id and name not in told:
                    told.add(name)
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(process_id, signal.SIGTERM)
            time.sleep(END_POLL_S)

    def _announce(self) -> None:
        url = self._addresses.url
        deadline = time.monotonic() + READY_TIMEOUT_S
        while not self._terminating and time.monotonic() < deadline:
            if _answers(f"{url}readyz"):
                self._system_print(f"Talking Photos is ready: {url}   (API: {url}api/docs, Ctrl-C ends it)\n")
                return
            time.sleep(READY_POLL_S)


def main() -> int:
    """Run until told to stop, or until a process ends by itself; return the exit status."""
    addresses = read_addresses()
    require_free(addresses)
    service = Service(addresses)
    environment = _environment(addresses)
    for name, command in parse_procfile((ROOT / "Procfile").read_text()).processes.items():
        if name == BROKER and addresses.valkey_port is None:
            continue  # REDIS_URL names another one
        service.add_process(name, command, env=environment, cwd=str(ROOT))
    signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    try:
        service.loop()
    except BaseException:
        service.kill()
        raise
    return int(service.returncode or 0)


def _environment(addresses: Addresses) -> dict[str, str]:
    """Return our own environment, with the addresses in it and `python` meaning this one."""
    return {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PYTHONUNBUFFERED": "1",
        "HOST": addresses.host,
        "PORT": str(addresses.port),
    }


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310 - our own http address
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


if __name__ == "__main__":
    try:
        sys.exit(main())
    except AddressError as error:
        sys.exit(str(error))
