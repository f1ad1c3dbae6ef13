"""manage.py talk: make a photo or an avatar talk, by the same code as the API."""

import argparse
import shutil
import sys
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from engine.captions import sub_rip
from engine.errors import EngineError
from engine.options import OPTION_NAMES, Options
from express import rendering, services
from express.inputs import VideoRequest
from express.models import RUNNING, Status, Video

POLL_S = 0.2


class Command(BaseCommand):
    """Creates a video as POST /api/express/create does, and writes it to a file."""

    help = "Make a photo, or an avatar of the catalog, talk."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the fields of the API's form."""
        parser.add_argument("photo_or_avatar", help="a photo's file, or an avatar's id as in /api/avatars")
        parser.add_argument("--text", default="", help="what to say; neither text nor audio: the greeting")
        parser.add_argument("--audio", type=Path, help="a recording that is said instead")
        parser.add_argument("--voice", default="", help="a voice's id, as in /api/voices")
        parser.add_argument("--model", default="", help="a lip-sync model's id, as in /api/models")
        parser.add_argument("-o", "--output", type=Path, default=Path("talking.mp4"), help="the file to write")
        parser.add_argument("--now", action="store_true", help="render in this process instead of a worker's")
        for name in OPTION_NAMES:
            default = getattr(Options(), name)
            kind = int if default is None else type(default)
            parser.add_argument(f"--{name.replace('_', '-')}", type=kind, default=argparse.SUPPRESS)

    def handle(self, *args: Any, **options: Any) -> None:
        """Create, wait, write."""
        try:
            video = services.create_video(self._request(options), enqueue=not options["now"])
        except EngineError as error:
            raise CommandError(f"{error.code}: {error.message}\n{error.hint}") from error
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from error
        if options["now"]:
            rendering.render_video(video.pk)
        video = self._wait(video)
        if video.status != Status.COMPLETED:
            why = video.error or {"code": video.status, "message": "there is no video", "hint": ""}
            raise CommandError(f"{why['code']}: {why['message']}\n{why['hint']}")
        with video.result.open("rb") as source, options["output"].open("wb") as target:
            shutil.copyfileobj(source, target)
        if video.cues:
            options["output"].with_suffix(".srt").write_text(sub_rip(video.captions()), encoding="utf-8")
        self.stdout.write(
            f"{options['output']}: {video.duration_s:.1f} s, made {video.speed:.1f} × faster than real time"
        )

    def _request(self, options: dict[str, Any]) -> VideoRequest:
        subject = options["photo_or_avatar"]
        is_avatar = not Path(subject).exists() and Path(subject).name == subject and "." not in subject
        return VideoRequest(
            photo=None if is_avatar else Path(subject).read_bytes(),
            avatar_id=subject if is_avatar else "",
            audio=options["audio"].read_bytes() if options["audio"] else None,
            text=options["text"],
            voice_id=options["voice"],
            model_id=options["model"],
            options={name: options[name] for name in OPTION_NAMES if name in options},
        )

    def _wait(self, video: Video) -> Video:
        """Wait for a worker; on a terminal, say how far it is."""
        video.refresh_from_db()
        while video.status in RUNNING:
            if sys.stderr.isatty():
                self.stderr.write(f"\r{video.status} {video.stage:<8} {video.progress:4.0%}", ending="")
            time.sleep(POLL_S)
            video.refresh_from_db()
        if sys.stderr.isatty():
            self.stderr.write("")
        return video
