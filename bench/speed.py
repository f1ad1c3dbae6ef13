"""Speed and memory of a whole video, as Markdown.

    python -m bench.speed [--runs 3] [--seconds 10] [--sides 512 1080] [--no-api] [--no-memory]

Every figure is the median of several runs after one that warms up; peers run in the same process, between ours.
"""

import argparse
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import islice

import httpx

from bench import baselines
from bench.cases import close_up, photo, recording, speak_for, spoken
from bench.memory import peak_of_child_mib
from bench.service import live_service
from engine import Options, Speech, open_speech, render
from engine.matte import part
from engine.motion import animate
from engine.pipeline import look
from engine.renderer import build_rig
from engine.renderer.cutout import ORIGINAL

LONG_S = 120.0  # against this the memory of a short video is held
STAGES = ("speech", "photo", "face", "rig", "motion", "render", "encode", "total")


def main() -> None:
    """Print the tables that the arguments ask for."""
    args = _arguments()
    print(f"{_machine()}. Medians of {args.runs} runs, videos of {args.seconds:g} s at 25 fps.\n")
    _print_stages(args.sides, args.seconds, args.runs)
    _print_peers(args.sides, args.seconds, args.runs)
    if args.api:
        _print_api(args.sides, args.seconds, args.runs)
    if args.memory:
        _print_memory(args.sides, args.seconds, args.runs)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Measure speed and memory; print Markdown.")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--sides", type=int, nargs="+", default=[512, 1080], help="sizes of the square photo, px")
    parser.add_argument("--no-api", dest="api", action="store_false", help="leave out the live service")
    parser.add_argument("--no-memory", dest="memory", action="store_false", help="leave out the peaks of memory")
    return parser.parse_args()


def _machine() -> str:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = f", load {os.getloadavg()[0]:.1f} when it began" if hasattr(os, "getloadavg") else ""
    return f"{datetime.now(UTC):%Y-%m-%d}, {platform.system()} {platform.machine()}, {cores} cores{load}"


# --- The engine alone -------------------------------------------------------------------------------------


def _print_stages(sides: Sequence[int], seconds: float, runs: int) -> None:
    rows = []
    for side in sides:
        for picture, title in ((photo(side), ""), (close_up(side), ", face fills it")):
            for name, make in _speeches(seconds).items():
                _time_stages(picture, side, make)
                timed = [_time_stages(picture, side, make) for _ in range(runs)]
                median = {stage: statistics.median(run[stage] for run in timed) for stage in STAGES}
                figures = [f"{median[stage]:.2f}" for stage in STAGES]
                rows.append([f"{side}×{side}{title}, {name}", *figures, f"{seconds / median['total']:.1f}×"])
    _print_table("The engine alone: seconds a stage", ["video", *STAGES, "real time"], rows)


def _speeches(seconds: float) -> dict[str, Callable[[], Speech]]:
    """Return both ways to a speech; each makes it anew."""
    return {"text": partial(speak_for, seconds), "audio": partial(_heard, seconds)}


def _heard(seconds: float) -> Speech:
    return open_speech(recording(seconds))


def _time_stages(picture: bytes, side: int, make_speech: Callable[[], Speech]) -> dict[str, float]:
    began = time.perf_counter()
    speech = make_speech()
    speech_s = time.perf_counter() - began
    with tempfile.TemporaryFile() as out:
        timings = render(picture, speech, out, Options(resolution=side)).timings
    return {**timings, "speech": speech_s, "total": time.perf_counter() - began}


# --- Against peers ----------------------------------------------------------------------------------------


def _print_peers(sides: Sequence[int], seconds: float, runs: int) -> None:
    rows, writers = [], []
    for side in sides:
        speech = spoken(seconds)
        picture, face = look(photo(side), Options(resolution=side))
        rig = build_rig(picture.rgb, face, part(picture, face, ORIGINAL))
        motion = animate(speech, fps=baselines.FPS)
        held = [frame.copy() for frame in islice(rig.frames(motion), baselines.HELD_FRAMES)]
        measured = _medians(
            runs,
            ours=partial(_render_and_encode, side, speech),
            bare=partial(baselines.bare_remap_and_x264, photo(side), speech),
            writer=partial(baselines.our_writer, held, speech),
            moviepy=partial(baselines.moviepys_writer, held, speech),
        )
        rows.append(_against(side, measured["ours"], measured["bare"]))
        writers.append(_against(side, measured["writer"], measured["moviepy"]))
    _print_table(
        "Render and encode against a bare cv2.remap + x264 loop: frames a second",
        ["size", "ours", "bare loop", "ours / bare"],
        rows,
    )
    _print_table(
        "Our PyAV stream against MoviePy's pipe, ready frames: frames a second",
        ["size", "PyAV (with sound)", "MoviePy (no sound)", "PyAV / MoviePy"],
        writers,
    )


def _render_and_encode(side: int, speech: Speech) -> float:
    with tempfile.TemporaryFile() as out:
        rendered = render(photo(side), speech, out, Options(resolution=side))
    return rendered.frames / (rendered.timings["render"] + rendered.timings["encode"])


def _medians(runs: int, **measures: Callable[[], float]) -> dict[str, float]:
    """Run every measure in turn, `runs` times after a warm-up, so that noise falls on all of them alike."""
    found: dict[str, list[float]] = {name: [] for name in measures}
    for lap in range(runs + 1):
        for name, measure in measures.items():
            figure = measure()
            if lap:
                found[name].append(figure)
    return {name: statistics.median(figures) for name, figures in found.items()}


def _against(side: int, ours: float, theirs: float) -> list[str]:
    return [f"{side}×{side}", f"{ours:.0f}", f"{theirs:.0f}", f"{ours / theirs:.2f}"]


# --- The service ------------------------------------------------------------------------------------------


def _print_api(sides: Sequence[int], seconds: float, runs: int) -> None:
    rows = []
    with live_service() as url, httpx.Client(base_url=url, timeout=300) as client:
        for side in sides:
            _create(client, side, seconds)
            wall_s = statistics.median(_create(client, side, seconds) for _ in range(runs))
            rows.append([f"{side}×{side}", f"{wall_s:.2f}", f"{seconds / wall_s:.1f}×"])
    _print_table(
        "Through the API: POST /api/express/create with photo and audio, to the last byte of the MP4",
        ["video", "seconds", "real time"],
        rows,
    )


def _create(client: httpx.Client, side: int, seconds: float) -> float:
    """Return the seconds of one request; the answer has to be the video itself."""
    began = time.perf_counter()
    answer = client.post(
        "/api/express/create",
        files={"image": ("photo.jpg", photo(side)), "audio": ("speech.wav", recording(seconds))},
        data={"resolution": str(side)},
        headers={"Prefer": "wait=120", "Cache-Control": "no-cache"},  # made anew each time
    )
    elapsed_s = time.perf_counter() - began
    if answer.headers["content-type"] != "video/mp4":
        raise RuntimeError(f"{answer.status_code}: {answer.text}")
    return elapsed_s


# --- Memory -----------------------------------------------------------------------------------------------


def _print_memory(sides: Sequence[int], seconds: float, runs: int) -> None:
    rows = []
    for side in sides:
        short, long = (_peak_mib(side, length, runs) for length in (seconds, LONG_S))
        rows.append([f"{side}×{side}", f"{short:.0f}", f"{long:.0f}", f"{long / short:.2f}"])
    _print_table(
        "Peak memory of a process that renders one video from audio: MiB",
        ["size", f"{seconds:g} s", f"{LONG_S:g} s", "long / short"],
        rows,
    )


def _peak_mib(side: int, seconds: float, runs: int) -> float:
    return statistics.median(peak_of_child_mib(photo(side), recording(seconds), side) for _ in range(runs))


def _print_table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    print(f"### {title}\n")
    for row in (head, ["---", *["---:"] * (len(head) - 1)], *rows):
        print(f"| {' | '.join(row)} |")
    print(flush=True)


if __name__ == "__main__":
    main()
