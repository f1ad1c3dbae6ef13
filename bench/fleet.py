"""A hundred workers, simulated from what bench.scale measured: how fast one long video gets, and what gives way first.

    python -m bench.scale && python -m bench.fleet --database postgresql://... --broker redis://...

Every worker is one core of the machine that bench.scale ran on. The database is measured here over CONNECTIONS
connections, since commits share their way to the disk, the broker over one. The storage's bandwidth is an assumption
that --storage-mb-s states.
"""

import argparse
import heapq
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psycopg
import redis

from bench.cases import photo, recording
from bench.scale import FIGURES
from engine import open_speech

PART_S, SHORTEST_PART_S = 30.0, 8.0  # express.parts.cutting
BEATS, LOOKS = 2.0, 2.0  # a second and busy worker: updates, and look-ups between them (express.heartbeat)
WRITES_A_VIDEO, WRITES_A_PART = 9, 5  # rows inserted and changed from create to the end; counted in the code
MESSAGES_A_VIDEO = 4  # a ticket's push, pop, acknowledgement and its removal
SHORT_S = 20.0  # speech of the usual video
TRIES, CONNECTIONS = 2000, 20


@dataclass(frozen=True, slots=True)
class Costs:
    """Seconds of one core, and bytes. `a_s`: for a second of speech."""

    speech_a_s: float
    cut_a_s: float
    render_a_s: float
    look_s: float  # once a worker: photo, face, rig
    part_s: float  # that each part costs on top: speech that is fetched and unpacked, windows that overlap
    join_a_s: float
    video_bytes_a_s: float
    parcel_bytes_a_s: float = 32_000.0
    photo_bytes: float = 500_000.0


def main() -> None:
    """Print both tables."""
    args = _arguments()
    costs = _costs(json.loads(args.figures.read_text()))
    print(f"{costs}\n")
    _print_one_video(costs, args.seconds, args.storage_mb_s * 1e6)
    _print_limits(costs, args)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Simulate a fleet of workers.")
    parser.add_argument("--figures", type=Path, default=FIGURES)
    parser.add_argument("--seconds", type=float, default=600.0, help="of the long video's speech")
    parser.add_argument("--workers", type=int, default=100)
    parser.add_argument("--storage-mb-s", type=float, default=1000.0, help="that the bucket gives all workers together")
    parser.add_argument("--database", default="postgresql://127.0.0.1/postgres")
    parser.add_argument("--broker", default="redis://127.0.0.1:6379/15")
    return parser.parse_args()


def _costs(measured: dict[str, dict[str, float]]) -> Costs:
    """From the CPU seconds of bench.scale: a worker is one core, and CPU seconds bear a busy machine better."""
    seconds = float(measured["seconds"])  # type: ignore[arg-type]
    workers: list[dict[str, float]] = measured["workers"]  # type: ignore[assignment]
    parts = sum(took["parts"] for took in workers)
    look_s = min(took["look_s"] for took in workers)
    alone = measured["alone"]["cpu_s"] - look_s
    sound = recording(SHORT_S)
    return Costs(
        speech_a_s=_seconds(partial(open_speech, sound)) / SHORT_S,
        cut_a_s=measured["cut"]["cpu_s"] / seconds,
        render_a_s=alone / seconds,
        look_s=look_s,
        part_s=max(0.0, (sum(took["cpu_s"] - look_s for took in workers) - alone) / parts),
        join_a_s=measured["join"]["cpu_s"] / seconds,
        video_bytes_a_s=measured["alone"]["bytes"] / seconds,
        photo_bytes=float(len(photo(1080))),
    )


# --- One long video ---------------------------------------------------------------------------------------


def _print_one_video(costs: Costs, seconds: float, storage: float) -> None:
    print(f"### One video of {seconds:g} s\n")
    print("| workers | parts | seconds | speed-up | of the ideal | before the parts | joining |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    alone_s = costs.look_s + (costs.speech_a_s + costs.render_a_s) * seconds
    for workers in (1, 2, 4, 8, 16, 32, 64, 100):
        parts = _parts(seconds, workers)
        before_s, total_s, joining_s = (
            (0.0, alone_s, 0.0) if parts == 1 else _share(costs, seconds, workers, parts, storage)
        )
        ratio = alone_s / total_s
        print(
            f"| {workers} | {parts} | {total_s:.1f} | {ratio:.1f} | {ratio / workers:.2f} | "
            f"{before_s:.1f} | {joining_s:.1f} |"
        )
    print()


def _parts(seconds: float, workers: int) -> int:
    rounds = -(-seconds // (workers * PART_S))
    return 1 if workers < 2 else int(max(1, min(rounds * workers, seconds // SHORTEST_PART_S)))


def _share(costs: Costs, seconds: float, workers: int, parts: int, storage: float) -> tuple[float, float, float]:
    """Seconds before the parts can begin, in all, and of joining."""
    before_s = (costs.speech_a_s + costs.cut_a_s) * seconds + costs.parcel_bytes_a_s * seconds / storage
    share = storage / min(workers, parts)  # all fetch and store at about the same time
    each_s = costs.part_s + (
        costs.render_a_s + costs.parcel_bytes_a_s * parts / share + costs.video_bytes_a_s / share
    ) * (seconds / parts)
    free_s = [before_s + costs.look_s] * workers
    for _ in range(parts):  # each part goes to the worker that is free first
        heapq.heapreplace(free_s, free_s[0] + each_s)
    joining_s = (costs.join_a_s + 2 * costs.video_bytes_a_s / storage) * seconds
    return before_s, max(free_s) + joining_s, joining_s


# --- What gives way first ---------------------------------------------------------------------------------


def _print_limits(costs: Costs, args: argparse.Namespace) -> None:
    video_s = costs.look_s + (costs.speech_a_s + costs.render_a_s) * SHORT_S
    videos_a_s = 1 / video_s  # of one busy worker
    traffic = (costs.photo_bytes + costs.video_bytes_a_s * SHORT_S) * videos_a_s
    loads = {
        "database: updates": (BEATS + WRITES_A_VIDEO * videos_a_s, _updates_a_s(args.database)),
        "database: look-ups": (LOOKS, _lookups_a_s(args.database)),
        "broker: commands": (MESSAGES_A_VIDEO * videos_a_s, _commands_a_s(args.broker)),
        f"storage: MB/s (assumed {args.storage_mb_s:g})": (traffic / 1e6, args.storage_mb_s),
    }
    print(f"### {args.workers} workers busy with videos of {SHORT_S:g} s: {args.workers * videos_a_s:.0f} a second\n")
    print("| what | a second | it can do | used | full at workers |\n| --- | ---: | ---: | ---: | ---: |")
    for name, (of_one, most) in sorted(loads.items(), key=lambda load: -load[1][0] / load[1][1]):
        load = of_one * args.workers
        print(f"| {name} | {load:.1f} | {most:.0f} | {load / most:.1%} | {most / of_one:,.0f} |")


def _updates_a_s(url: str) -> float:
    with psycopg.connect(url, autocommit=True) as database:
        # A real table: changes to a temporary one are never written down.
        database.execute("CREATE TABLE bench_fleet (id int PRIMARY KEY, attempt int, at timestamptz)")
        try:
            database.execute("INSERT INTO bench_fleet SELECT n, 1, now() FROM generate_series(1, 100) n")
            return _together(url, "UPDATE bench_fleet SET at = now() WHERE id = %s AND attempt = 1")
        finally:
            database.execute("DROP TABLE bench_fleet")


def _lookups_a_s(url: str) -> float:
    return _together(url, "SELECT %s")


def _together(url: str, statement: str) -> float:
    """How many statements a second all connections get through; each has a number of its own."""

    def work(number: int) -> None:
        with psycopg.connect(url, autocommit=True) as database:
            for _ in range(TRIES // CONNECTIONS):
                database.execute(statement, (number,))

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        return TRIES / _seconds(lambda: list(pool.map(work, range(1, CONNECTIONS + 1))))


def _commands_a_s(url: str) -> float:
    with redis.Redis.from_url(url) as broker:
        key = "bench-fleet"
        taken = 2 * TRIES / _seconds(lambda: [(broker.lpush(key, b"x" * 500), broker.rpop(key)) for _ in range(TRIES)])
        broker.delete(key)
        return taken


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
