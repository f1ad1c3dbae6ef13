"""How the API does under load: python -m bench.load [--seconds 5] [--clients 1 10 50] [--url URL]

For each number of clients, and each kind of request, requests a second and the 50th, 95th and 99th percentile of the
time to the last byte, beside /healthz of the same server in the same run: what the request costs over a bare answer.
Then every accepted job is asked for: those that wait are canceled, the others have to end. Whoever has not is lost.

The clients are threads of this process and share the machine with the service.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import count

import httpx
import numpy as np

from bench.cases import photo
from bench.service import live_service

ASYNC = {"Prefer": "respond-async"}
SIDE_PX = 256
ENDS_WITHIN_S = 600.0
_headers: dict[str, str] = {}  # of every request
_seeds: Iterator[int] = count()  # no two creations are alike: none is answered by the result of another

Ask = Callable[[httpx.Client], httpx.Response]


@dataclass(frozen=True, slots=True)
class Measured:
    """What one kind of request took. times_s: (n,) of those that were answered as wanted; refused: all others."""

    times_s: np.ndarray
    refused: int
    lasted_s: float

    @property
    def per_s(self) -> float:
        """Requests a second, of all clients together."""
        return len(self.times_s) / self.lasted_s

    def percentile_ms(self, share: float) -> float:
        """Milliseconds within which `share` percent were answered."""
        return float(np.percentile(self.times_s, share)) * 1000 if len(self.times_s) else float("nan")


def main() -> None:
    """Print the table, and what became of the jobs."""
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0, help="for each kind of request and number of clients")
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 10, 50])
    parser.add_argument("--url", help="a service that runs already; else one of our own is started")
    parser.add_argument("--key", help="an API key of that service: lists of videos are told to keys alone")
    args = parser.parse_args()
    if args.key:
        _headers["X-Api-Key"] = args.key
    with nullcontext(args.url) if args.url else live_service(_make_key) as url:
        load = f", load {os.getloadavg()[0]:.1f} when it began" if hasattr(os, "getloadavg") else ""
        print(f"{os.cpu_count()} cores{load}. {args.seconds:g} s a line.\n")
        print("| request | clients | a second | p50 ms | p95 ms | p99 ms | p50 / healthz | refused |")
        print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
        made, video_id = [], _one_video(url)
        for clients in args.clients:
            made += _print_all(url, clients, args.seconds, video_id)
        print(f"\n{_what_became_of(url, made)}")


def _make_key(environment: dict[str, str]) -> None:
    command = [sys.executable, "manage.py", "create_api_key", "load", "--max-running", "100000"]
    made = subprocess.run(
        [*command, "--max-per-minute", "100000"], env=environment, check=True, capture_output=True, text=True
    )
    _headers["X-Api-Key"] = made.stdout.strip()


def _print_all(url: str, clients: int, seconds: float, video_id: str) -> list[str]:
    """Print a line for each kind of request; return the ids of the videos that were accepted."""
    made: list[str] = []

    def create(client: httpx.Client) -> httpx.Response:
        answer = _create(client)
        if answer.status_code == httpx.codes.ACCEPTED:
            made.append(answer.json()["id"])
        return answer

    kinds: dict[str, Ask] = {
        "GET /healthz": lambda client: client.get("/healthz"),
        "POST create (async)": create,
        "GET videos/{id}": lambda client: client.get(f"/api/express/videos/{video_id}"),
        "GET videos": lambda client: client.get("/api/express/videos", params={"limit": 20}),
        "GET video/{id}": lambda client: client.get(f"/api/express/video/{video_id}", follow_redirects=True),
    }
    bare_ms = float("nan")
    for name, ask in kinds.items():
        found = measure(url, ask, clients, seconds)
        p50, p95, p99 = (found.percentile_ms(share) for share in (50, 95, 99))
        bare_ms = p50 if name == "GET /healthz" else bare_ms
        cells = (f"{found.per_s:.0f}", f"{p50:.0f}", f"{p95:.0f}", f"{p99:.0f}", f"{p50 / bare_ms:.1f}", found.refused)
        print(f"| {name} | {clients} | {' | '.join(map(str, cells))} |", flush=True)
    return made


def measure(url: str, ask: Ask, clients: int, seconds: float) -> Measured:
    """Let `clients` ask over and over for `seconds`, each on a connection of its own that stays open."""
    began = time.monotonic()
    deadline = began + seconds

    def one(_: int) -> tuple[list[float], int]:
        times_s, refused = [], 0
        with httpx.Client(base_url=url, headers=_headers, timeout=120.0) as client:
            while (start := time.monotonic()) < deadline:
                if ask(client).is_success:
                    times_s.append(time.monotonic() - start)
                else:
                    refused += 1
        return times_s, refused

    with ThreadPoolExecutor(clients) as pool:
        found = list(pool.map(one, range(clients)))
    times_s = np.array([time_s for times, _ in found for time_s in times])
    return Measured(times_s, sum(refused for _, refused in found), time.monotonic() - began)


def _create(client: httpx.Client, headers: dict[str, str] | None = None) -> httpx.Response:
    fields = {"text": "Hi.", "resolution": str(SIDE_PX), "fps": "10", "seed": str(next(_seeds))}
    files = {"image": ("photo.jpg", photo(2 * SIDE_PX))}
    return client.post("/api/express/create", data=fields, files=files, headers=ASYNC if headers is None else headers)


def _one_video(url: str) -> str:
    """Make the video that is fetched over and over; return its id."""
    with httpx.Client(base_url=url, headers=_headers, timeout=300.0) as client:
        return _create(client, {"Prefer": "wait=120"}).raise_for_status().headers["X-Video-Id"]


def _what_became_of(url: str, made: list[str]) -> str:
    """Cancel what waits, wait for the rest, and count."""
    ended: dict[str, int] = {}
    deadline = time.monotonic() + ENDS_WITHIN_S
    with httpx.Client(base_url=url, headers=_headers, timeout=120.0) as client:
        for video_id in made:
            client.post(f"/api/express/videos/{video_id}/cancel")
        for video_id in made:
            while (status := client.get(f"/api/express/videos/{video_id}").json()["status"]) in (
                "queued",
                "processing",
            ):
                if time.monotonic() > deadline:
                    status = "lost"
                    break
                time.sleep(0.1)
            ended[status] = ended.get(status, 0) + 1
    told = ", ".join(f"{number} {status}" for status, number in sorted(ended.items()))
    return f"{len(made)} jobs accepted: {told}; {ended.get('lost', 0)} lost."


if __name__ == "__main__":
    main()
