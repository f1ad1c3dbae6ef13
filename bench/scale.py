"""One long video on one worker and on several, each on a core of its own: seconds, and what the parts cost on top.

    python -m bench.scale [--seconds 60] [--side 512] [--workers 2] [--figures FILE] [--service]

The engine's own parts, by processes that share nothing but files, as workers do; without queue and database, which
bench.fleet adds. With --service: through a whole service, which has one core, then as many as it has workers, for web
server, database, broker and workers together. Seconds of wall clock mean something on a quiet machine alone; seconds of
CPU nearly always do.
"""

import argparse
import io
import json
import math
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from multiprocessing.pool import AsyncResult, Pool
from pathlib import Path
from typing import Any, TypeVar

import httpx

from bench.cases import photo, recording, speak_for
from bench.service import live_service
from engine import LastRig, Options, Speech, render
from engine.parts import Part, cut, join, pack, unpack, write_sound

T = TypeVar("T")
PART_S = 30.0
LOOK = ("photo", "face", "rig")  # the stages that a worker does once for all its parts
FIGURES = Path("var/scale.json")


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds of something, and the bytes that came of it. look_s: of looking at the photo, which is done once."""

    wall_s: float
    cpu_s: float
    bytes: int = 0
    parts: int = 0
    look_s: float = 0.0


def main() -> None:
    """Print the table, and keep the figures for bench.fleet."""
    args = _arguments()
    options = Options(resolution=args.side)
    cores = sorted(os.sched_getaffinity(0))[: args.workers]
    if len(cores) < args.workers:
        raise SystemExit(f"{args.workers} workers need as many cores; there are {len(cores)}")
    if args.service:
        _print_service(args, cores)
        return
    with multiprocessing.get_context("spawn").Pool(1, _settle, (cores[:1],)) as one:
        one.apply(_warm_up, (args.side,))
        alone = one.apply(_alone, (args.seconds, args.side, options))
    machine = _side_by_side(args, options, cores, alone)
    shares = _in_parts(args, options, cores)
    busiest = max(shares["workers"], key=lambda took: took.cpu_s)
    split_cpu_s = shares["cut"].cpu_s + busiest.cpu_s + shares["join"].cpu_s
    print(
        "| workers | seconds | speed-up | CPU seconds of the busiest | by CPU |\n| ---: | ---: | ---: | ---: | ---: |"
    )
    print(f"| 1 | {alone.wall_s:.1f} | 1 | {alone.cpu_s:.1f} | 1 |")
    print(
        f"| {args.workers} | {shares['total'].wall_s:.1f} | {alone.wall_s / shares['total'].wall_s:.2f} | "
        f"{split_cpu_s:.1f} | {alone.cpu_s / split_cpu_s:.2f} |"
    )
    print(
        f"\n{args.workers} whole videos at once, one a core, come {machine:.2f} times as fast as one alone: what this "
        f"machine gives. The parts reach {alone.wall_s / shares['total'].wall_s / machine:.2f} of that."
    )
    _keep(args, alone, shares)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure one long video on several workers.")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--side", type=int, default=512)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--service", action="store_true", help="measure a whole service instead")
    parser.add_argument("--figures", type=Path, default=FIGURES, help="where to keep what bench.fleet reads")
    return parser.parse_args()


def _print_service(args: argparse.Namespace, cores: Sequence[int]) -> None:
    """Print the seconds from a video's begin to its end, on a service with one worker and on one with several."""
    print("| workers | seconds | speed-up |\n| ---: | ---: | ---: |")
    alone_s = _served(args, cores[:1])
    print(f"| 1 | {alone_s:.1f} | 1 |")
    together_s = _served(args, cores)
    print(f"| {len(cores)} | {together_s:.1f} | {alone_s / together_s:.2f} |")


def _served(args: argparse.Namespace, cores: Sequence[int]) -> float:
    """Seconds that a service with these cores, and a worker on each, has a video in work. The best of three."""
    os.environ |= {"RENDER_CONCURRENCY": str(len(cores)), "RENDER_THREADS": "1", "SPLIT_ABOVE_S": "30"}
    os.sched_setaffinity(0, cores)  # of all that is started from here
    with live_service() as url, httpx.Client(base_url=url, timeout=120) as client:
        for seed in range(len(cores)):  # a first video in each process
            _made_in(client, args.side, 3.0, seed)
        return min(_made_in(client, args.side, args.seconds, 100 + seed) for seed in range(3))


def _made_in(client: httpx.Client, side: int, seconds: float, seed: int) -> float:
    """Seconds from begin to end of a recording's video; the seed makes it another video than the one before."""
    files = {"image": ("photo.jpg", photo(side)), "audio": ("speech.wav", recording(seconds))}
    form = {"resolution": str(side), "seed": str(seed)}
    answer = client.post("/api/express/create", files=files, data=form, headers={"Prefer": "respond-async"})
    video = answer.raise_for_status().json()
    while video["completed_at"] is None:
        time.sleep(1.0)
        video = client.get(f"/api/express/videos/{video['id']}").raise_for_status().json()
    if video["status"] != "completed":
        raise SystemExit(f"the video did not become one: {video['error']}")
    began, ended = (datetime.fromisoformat(video[name]) for name in ("started_at", "completed_at"))
    return (ended - began).total_seconds()


def _side_by_side(args: argparse.Namespace, options: Options, cores: Sequence[int], alone: Took) -> float:
    """How many times as much as one core all of them render, where none waits for another."""
    with _workers(cores, args.side) as pools:
        began = time.perf_counter()
        for made in [pool.apply_async(_alone, (args.seconds, args.side, options)) for pool in pools]:
            made.get()
        return len(cores) * alone.wall_s / (time.perf_counter() - began)


def _in_parts(args: argparse.Namespace, options: Options, cores: Sequence[int]) -> dict[str, Any]:
    with _workers(cores, args.side) as pools:
        speech = speak_for(args.seconds)
        began = time.perf_counter()
        parts, cutting = _timed(
            lambda: (cut(speech, fps=options.fps, count=_count(args.seconds, args.workers)), pack(speech))
        )
        shares, parcel = parts
        work: list[AsyncResult[tuple[list[bytes], bytes, Took]]] = []
        for number, pool in enumerate(pools):
            mine = shares[number :: args.workers]
            work.append(pool.apply_async(_share, (args.side, parcel, mine, options, speech if number == 0 else None)))
        done = [one.get() for one in work]
        files = [io.BytesIO(done[number % args.workers][0][number // args.workers]) for number in range(len(shares))]
        out = io.BytesIO()
        _, joining = _timed(lambda: join(files, io.BytesIO(done[0][1]), out, options))
        total = Took(time.perf_counter() - began, 0.0, len(out.getvalue()), len(shares))
    return {"cut": cutting, "workers": [took for _, _, took in done], "join": joining, "total": total}


@contextmanager
def _workers(cores: Sequence[int], side: int) -> Iterator[list[Pool]]:
    """A process for each core, with its models loaded."""
    context = multiprocessing.get_context("spawn")
    pools = [context.Pool(1, _settle, ([core],)) for core in cores]
    try:
        for warm in [pool.apply_async(_warm_up, (side,)) for pool in pools]:
            warm.get()
        yield pools
    finally:
        for pool in pools:
            pool.terminate()


def _count(seconds: float, workers: int) -> int:
    """As express.parts.cutting has it."""
    return workers * math.ceil(seconds / (workers * PART_S))


def _settle(cores: Sequence[int]) -> None:
    os.sched_setaffinity(0, cores)


def _warm_up(side: int) -> None:
    render(photo(side), speak_for(1.0), io.BytesIO(), Options(resolution=side))


def _alone(seconds: float, side: int, options: Options) -> Took:
    speech = speak_for(seconds)
    out = io.BytesIO()
    _, took = _timed(partial(render, photo(side), speech, out, options))
    return Took(took.wall_s, took.cpu_s, len(out.getvalue()))


def _share(
    side: int, parcel: bytes, parts: Sequence[Part], options: Options, speech: Speech | None
) -> tuple[list[bytes], bytes, Took]:
    """What one worker does: its parts, and the sound if it has the speech."""
    files, sound, last_rig = [io.BytesIO() for _ in parts], io.BytesIO(), LastRig()

    def work() -> float:
        if speech is not None:
            write_sound(speech, sound, options)
        rendered = [
            render(photo(side), unpack(parcel), file, options, part=part, last_rig=last_rig)
            for file, part in zip(files, parts, strict=True)
        ]
        return sum(rendered[0].timings[stage] for stage in LOOK)

    look_s, took = _timed(work)
    made = [file.getvalue() for file in files]
    return made, sound.getvalue(), Took(took.wall_s, took.cpu_s, sum(map(len, made)), len(parts), look_s)


def _timed(work: Callable[[], T]) -> tuple[T, Took]:
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    return result, Took(time.perf_counter() - wall, time.process_time() - cpu)


def _keep(args: argparse.Namespace, alone: Took, shares: dict[str, Any]) -> None:
    figures = {
        "seconds": args.seconds,
        "side": args.side,
        "alone": asdict(alone),
        **{name: asdict(shares[name]) for name in ("cut", "join", "total")},
        "workers": [asdict(took) for took in shares["workers"]],
    }
    args.figures.parent.mkdir(exist_ok=True)
    args.figures.write_text(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
