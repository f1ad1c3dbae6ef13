"""How right `eta_seconds` turns out: python -m bench.eta [--load begins|ends] [--cold] [--raw FILE]

A service of our own gets some twenty videos of many kinds at once. What it tells of each is noted when it is created,
at each tenth of its wait, when it is begun and at each tenth of its progress, and compared with what came.
`--load` lets as many busy loops as there are cores begin, or end, when half of the videos are ready. The first videos,
which teach the service how fast its machine is, are left out, unless `--cold` has it start with none.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from bench.cases import TEXT, close_up, photo, recording
from bench.service import live_service

POLL_S = 0.8  # a list takes about 30 ms of the machine that is measured
RIGHT_S, RIGHT_SHARE = 1.0, 0.3  # who waits does not notice a second; the aim is 30 %
ENDS_WITHIN_S = 600.0
MOMENTS = ("created", "waiting", "begun", "under way")
WORDS = TEXT.split()

Form = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """One estimate. part: of its wait, or of its progress, 0..1. real_s: what was left indeed."""

    video: str
    moment: str
    part: float
    eta_s: float | None
    real_s: float

    @property
    def error(self) -> float:
        """Relative; 0 for what is off by no second, infinite where nothing was told."""
        if self.eta_s is None:
            return 0.0 if self.real_s <= RIGHT_S else float("inf")
        off_s = abs(self.eta_s - self.real_s)
        return 0.0 if off_s <= RIGHT_S else off_s / max(self.real_s, 1e-3)


def main() -> None:
    """Run once, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.eta", description=__doc__)
    parser.add_argument("--load", choices=("none", "begins", "ends"), default="none", help="of others on the machine")
    parser.add_argument("--cold", action="store_true", help="begin with a service that has made nothing yet")
    parser.add_argument("--seed", type=int, default=1, help="shuffles the videos")
    parser.add_argument("--raw", type=Path, help="a file for what was told, as JSON")
    args = parser.parse_args()
    keys: list[str] = []
    with live_service(partial(_make_key, keys)) as url, _client(url, keys[0]) as client:
        if not args.cold:
            for form in (_text(12, 256), _recorded(4.0, 512), _text(20, 720)):
                _finish(client, [_create(client, form)["id"]])
        told = _measure(client, _mix(random.Random(args.seed)), args.load)
    if args.raw:
        args.raw.write_text(json.dumps([asdict(one) for one in told]))
    _print(told, args.load)


def _make_key(keys: list[str], environment: dict[str, str]) -> None:
    command = [sys.executable, "manage.py", "create_api_key", "eta", "--max-running", "100", "--max-per-minute", "1000"]
    made = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    keys.append(made.stdout.strip())


def _client(url: str, key: str) -> httpx.Client:
    headers = {"X-Api-Key": key, "Prefer": "respond-async"}
    return httpx.Client(base_url=url, headers=headers, timeout=120.0)


# --- The videos -------------------------------------------------------------------------------------------


def _text(words: int, side_px: int, *, close: bool = False, **options: str) -> Form:
    """A text of so many words; `close`: the face fills the picture."""
    said = " ".join((WORDS * 9)[:words])
    return {"image": (close_up if close else photo)(side_px), "text": said, "resolution": str(side_px), **options}


def _recorded(seconds: float, side_px: int, *, close: bool = False, **options: str) -> Form:
    sound = {"image": (close_up if close else photo)(side_px), "audio": recording(seconds)}
    return {**sound, "resolution": str(side_px), **options}


def _mix(chance: random.Random) -> list[Form]:
    """Twenty, in any order: sizes, lengths, text and recordings, speech that comes twice, options that cost time."""
    forms = [
        *(_text(words, side) for words, side in ((5, 256), (20, 512), (60, 512), (10, 1080), (30, 720), (8, 512))),
        *(_text(words, side, close=True) for words, side in ((12, 1080), (40, 512), (20, 256))),
        *(
            _recorded(seconds, side)
            for seconds, side in ((2.0, 512), (12.0, 512), (6.0, 1080), (25.0, 256), (4.0, 720))
        ),
        *(_recorded(seconds, side, close=True) for seconds, side in ((4.0, 1080), (8.0, 512))),
        _text(15, 512, fps="50"),
        _text(15, 512, output_format="webm"),
        _recorded(8.0, 512, captions="file"),
        _text(60, 720, fps="12"),
    ]
    chance.shuffle(forms)
    return [*forms, forms[-1]]  # the same once more: whoever renders one has both


# --- One run ----------------------------------------------------------------------------------------------


def _create(client: httpx.Client, form: Form) -> dict[str, Any]:
    files = {name: (name, value) for name, value in form.items() if isinstance(value, bytes)}
    data = {name: value for name, value in form.items() if isinstance(value, str)}
    answer: dict[str, Any] = client.post("/api/express/create", data=data, files=files).raise_for_status().json()
    return answer


def _measure(client: httpx.Client, forms: list[Form], load: str) -> list[Told]:
    """Create all at once, ask for all over and over, and return what was told of each at its moments."""
    loops = _busy() if load == "ends" else []
    try:
        seen: dict[str, list[tuple[float, dict[str, Any]]]] = {}
        for form in forms:
            video = _create(client, form)
            seen[video["id"]] = [(time.time(), video)]
        for now, videos in _polls(client, set(seen)):
            for video in videos:
                seen[video["id"]].append((now, video))
            if 2 * sum(video["status"] == "completed" for video in videos) >= len(videos) and load != "none":
                loops, load = (_busy() if load == "begins" else _end(loops)), "none"
    finally:
        _end(loops)
    return [one for answers in seen.values() for one in _moments(answers)]


def _polls(client: httpx.Client, ids: set[str]) -> Iterator[tuple[float, list[dict[str, Any]]]]:
    """Yield the time and all videos, until they have ended."""
    deadline = time.monotonic() + ENDS_WITHIN_S
    while time.monotonic() < deadline:
        page = client.get("/api/express/videos", params={"limit": 50}).raise_for_status().json()
        videos = [video for video in page["videos"] if video["id"] in ids]
        yield time.time(), videos
        if all(video["completed_at"] for video in videos):
            return
        time.sleep(POLL_S)
    raise RuntimeError("not all videos ended in time")


def _finish(client: httpx.Client, ids: list[str]) -> None:
    for _ in _polls(client, set(ids)):
        pass


def _moments(answers: list[tuple[float, dict[str, Any]]]) -> Iterator[Told]:
    last = answers[-1][1]
    if last["status"] != "completed":
        raise RuntimeError(f"a video did not become one: {last}")
    ended, began, created = (_seconds(last[name]) for name in ("completed_at", "started_at", "created_at"))
    done: set[tuple[str, float]] = set()
    for number, (now, video) in enumerate(answers):
        if video["completed_at"] or now > ended:
            break
        if video["status"] == "queued":
            moment, part = ("waiting", (now - created) / max(began - created, 1e-3)) if number else ("created", 0.0)
        else:
            moment, part = "under way", video["progress"] / 100
            if ("begun", 0.0) not in done:
                moment, part = "begun", 0.0
        tenth = int(part * 10) / 10
        if (moment, tenth) not in done:
            done.add((moment, tenth))
            yield Told(video["id"], moment, part, video["eta_seconds"], ended - now)


def _seconds(told: str) -> float:
    return datetime.fromisoformat(told).timestamp()


def _busy() -> "list[subprocess.Popen[bytes]]":
    return [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count() or 1)]


def _end(loops: "list[subprocess.Popen[bytes]]") -> "list[subprocess.Popen[bytes]]":
    for loop in loops:
        loop.kill()
        loop.wait()
    return []


# --- The table --------------------------------------------------------------------------------------------


def _print(told: list[Told], load: str) -> None:
    cores = f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f} at the end; others' load: {load}"
    print(f"{len({one.video for one in told})} videos, {cores}. Off by up to {RIGHT_S:g} s counts as right.\n")
    print(f"| told | estimates | median error | 90 % within | worst | within {RIGHT_SHARE:.0%} |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for moment in (*MOMENTS, "all"):
        errors = np.array([one.error for one in told if moment in (one.moment, "all")])
        if len(errors):
            figures = (float(np.median(errors)), float(np.percentile(errors, 90)), float(errors.max()))
            within = f"{float((errors <= RIGHT_SHARE).mean()):.0%}"
            print(f"| {moment} | {len(errors)} | {' | '.join(f'{figure:.0%}' for figure in figures)} | {within} |")


if __name__ == "__main__":
    main()
