"""A worker that was to have a GPU and has none does not start, and says why."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.sessions import CUDA, live_providers

ROOT = Path(__file__).resolve().parents[2]
THREADS = ("--queues", "render", "--pool", "threads", "--concurrency", "1")


def start_worker(folder: Path, device: str, *options: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "RENDER_DEVICE": device,
        "DATABASE_URL": f"sqlite:///{folder}/none.sqlite3",
        "REDIS_URL": "redis://127.0.0.1:1/0",
    }
    command = [sys.executable, "-m", "celery", "--quiet", "--app", "talkingphotos", "worker", *options]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)


@pytest.mark.skipif(live_providers()[0] == CUDA, reason="there is a GPU")
@pytest.mark.parametrize("device", ["cuda", "cuda:1"])
def test_a_worker_that_asks_for_a_gpu_and_gets_none_does_not_start(tmp_path: Path, device: str) -> None:
    ended = start_worker(tmp_path, device, *THREADS)
    assert ended.returncode == 1
    assert f"gpu_unavailable: asked for {device}, got CPUExecutionProvider" in ended.stderr
    assert "Traceback" not in ended.stderr.split("gpu_unavailable")[-1]


@pytest.mark.parametrize(
    ("device", "options", "says"), [("cuda", (), "cannot fork"), ("gpu", THREADS, "RENDER_DEVICE")]
)
def test_a_worker_says_what_is_wrong_with_how_it_was_started(
    tmp_path: Path, device: str, options: tuple[str, ...], says: str
) -> None:
    ended = start_worker(tmp_path, device, *options)
    assert ended.returncode == 1
    assert says in ended.stderr
