"""python -m engine PHOTO (--audio FILE | --text TEXT) -o out.mp4: one video, without the service."""

import argparse
import errno
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from engine import EngineError, Options, Rendered, Speech, open_speech, render, speak
from engine.captions import sub_rip
from engine.framing import ASPECT_RATIOS
from engine.options import CAPTIONS
from engine.renderer.cutout import BACKGROUNDS
from engine.speech import DEFAULT_VOICE
from engine.wav2lip import open_wav2lip

BAR_WIDTH = 30


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return 0, or 1 with the error and its hint on stderr."""
    args = _parser().parse_args(arguments)
    try:
        options = Options(
            fps=args.fps,
            resolution=args.resolution,
            head_motion=args.head_motion,
            expressiveness=args.expressiveness,
            speed=args.speed,
            seed=args.seed,
            face_index=args.face_index,
            aspect_ratio=args.aspect_ratio,
            background=args.background,
            captions=args.captions,
            output_format=args.output.suffix.lstrip(".").lower() or "mp4",
        )
        rendered = _render(args, options)
    except EngineError as error:
        print(f"{error.code}: {error.message}\n{error.hint}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    print(_as_json(rendered) if args.json else _as_text(rendered, args.output))
    return 0


def _parser() -> argparse.ArgumentParser:
    default = Options()
    parser = argparse.ArgumentParser(prog="python -m engine", description="Make a photo talk.")
    parser.add_argument("photo", type=Path, help="a photo of one face: JPEG, PNG, WebP, HEIC, AVIF, ...")
    speech = parser.add_mutually_exclusive_group(required=True)
    speech.add_argument("--audio", type=Path, help="the speech: any file that FFmpeg decodes")
    speech.add_argument("--text", help="what to say")
    parser.add_argument("--voice", default=DEFAULT_VOICE, help=f"{DEFAULT_VOICE} when left out; a wrong name lists all")
    parser.add_argument("--speed", type=float, default=default.speed, help="of the voice, 0.5 to 2")
    parser.add_argument("-o", "--output", type=Path, required=True, help="the video to write: .mp4, .webm or .mov")
    parser.add_argument("--fps", type=float, default=default.fps)
    parser.add_argument("--resolution", type=int, default=default.resolution, help="longest side in pixels")
    parser.add_argument("--head-motion", type=float, default=default.head_motion, help="0 (still) to 1")
    parser.add_argument("--expressiveness", type=float, default=default.expressiveness, help="0 to 2; 1 is natural")
    parser.add_argument("--seed", type=int, default=default.seed, help="the same seed gives the same video")
    parser.add_argument("--face-index", type=int, help="which face of several, 0 being the largest")
    parser.add_argument("--aspect-ratio", default=default.aspect_ratio, choices=ASPECT_RATIOS, help="around the face")
    parser.add_argument(
        "--background",
        default=default.background,
        help=f"{', '.join(BACKGROUNDS)} (into .webm or .mov), or a colour as #rrggbb",
    )
    parser.add_argument("--captions", default=default.captions, choices=CAPTIONS, help="file: as .srt beside the video")
    parser.add_argument("--model", type=Path, help="an ONNX file with the Wav2Lip contract that draws the mouth")
    parser.add_argument("--json", action="store_true", help="print figures as JSON and no progress bar")
    return parser


def _render(args: argparse.Namespace, options: Options) -> Rendered:
    if not args.output.parent.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "no such folder", str(args.output.parent))
    photo = args.photo.read_bytes()
    mouth = open_wav2lip(args.model) if args.model else None
    speech: Speech = (
        speak(args.text, args.voice, speed=options.speed)
        if args.text is not None
        else open_speech(args.audio.read_bytes())
    )
    # A name beside the target, so that the target is either the whole video or untouched.
    handle, name = tempfile.mkstemp(dir=args.output.parent, prefix=f".{args.output.name}.")
    try:
        with os.fdopen(handle, "wb") as out:
            rendered = render(photo, speech, out, options, mouth=mouth, on_progress=None if args.json else _bar)
        _give_default_mode(name)
        os.replace(name, args.output)
        if rendered.cues:
            args.output.with_suffix(".srt").write_text(sub_rip(rendered.cues), encoding="utf-8")
    except BaseException:  # Ctrl-C as well
        os.unlink(name)
        raise
    return rendered


def _give_default_mode(name: str) -> None:
    """mkstemp makes files that only their owner reads; give this one what open() would have given it."""
    mask = os.umask(0)
    os.umask(mask)
    os.chmod(name, 0o666 & ~mask)


def _bar(stage: str, fraction: float) -> None:
    if sys.stderr.isatty():
        done = round(BAR_WIDTH * fraction)
        end = "\n" if fraction >= 1 else ""
        print(f"\r[{'#' * done}{'.' * (BAR_WIDTH - done)}] {fraction:4.0%} {stage:<7}", end=end, file=sys.stderr)


def _as_json(rendered: Rendered) -> str:
    figures = asdict(rendered)
    del figures["poster"]
    return json.dumps(figures, indent=2)


def _as_text(rendered: Rendered, path: Path) -> str:
    speed = rendered.duration_s / rendered.timings["total"]
    return (
        f"{path}: {rendered.duration_s:.1f} s, {rendered.width} x {rendered.height} at {rendered.fps:g} fps, "
        f"made {speed:.1f} x faster than real time on {rendered.provider}"
    )


if __name__ == "__main__":
    sys.exit(main())
