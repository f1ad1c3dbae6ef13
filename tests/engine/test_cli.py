"""python -m engine: one video without the service."""

import json
import subprocess
import sys
from pathlib import Path

import av

from tests.engine.mouths import network
from tests.engine.pictures import encoded, landscape, portrait


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "engine", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def saved(folder: Path, data: bytes) -> str:
    path = folder / "a photo.jpg"
    path.write_bytes(data)
    return str(path)


def test_it_makes_a_video_and_prints_figures(tmp_path):
    out = tmp_path / "out.mp4"
    done = run(saved(tmp_path, encoded(portrait(256))), "--text", "Good day.", "-o", str(out), "--fps", "30", "--json")
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    with av.open(str(out)) as container:
        assert container.streams.video[0].frames == figures["frames"]
        assert container.streams.video[0].average_rate == 30
    assert (figures["width"], figures["height"]) == (256, 256)
    assert figures["duration_s"] > 0.5
    assert {"photo", "face", "rig", "motion", "render", "encode", "total"} == set(figures["timings"])
    assert figures["provider"].endswith("ExecutionProvider")


def test_it_lets_a_model_draw_the_mouth_and_refuses_what_is_none(tmp_path):
    model, out = tmp_path / "mouth.onnx", tmp_path / "out.mp4"
    photo = saved(tmp_path, encoded(portrait(256)))
    model.write_bytes(network())
    done = run(photo, "--text", "Good day.", "-o", str(out), "--model", str(model))
    assert done.returncode == 0, done.stderr
    model.write_bytes(b"not a model")
    done = run(photo, "--text", "Good day.", "-o", str(out), "--model", str(model))
    assert done.returncode == 1
    assert done.stderr.startswith("model_unfit: ONNX Runtime cannot open it")


def test_it_refuses_a_landscape_with_a_hint_and_leaves_no_file(tmp_path):
    out = tmp_path / "out.mp4"
    done = run(saved(tmp_path, encoded(landscape())), "--text", "Good day.", "-o", str(out))
    assert done.returncode == 1
    assert done.stderr.startswith("face_not_found: ")
    assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["a photo.jpg"]


def test_it_names_a_file_that_is_not_there(tmp_path):
    done = run(str(tmp_path / "none.jpg"), "--text", "Good day.", "-o", str(tmp_path / "out.mp4"))
    assert done.returncode == 1
    assert "none.jpg: No such file or directory" in done.stderr


def test_it_asks_for_speech(tmp_path):
    done = run("photo.jpg", "-o", str(tmp_path / "out.mp4"))
    assert done.returncode == 2
    assert "--audio --text" in done.stderr


def test_it_names_the_folder_that_it_cannot_write_to(tmp_path):
    photo = saved(tmp_path, encoded(portrait(128)))
    done = run(photo, "--text", "Good day.", "-o", str(tmp_path / "nowhere" / "out.mp4"))
    assert done.returncode == 1
    assert done.stderr == f"{tmp_path / 'nowhere'}: no such folder\n"
