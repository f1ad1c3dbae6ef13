"""python manage.py sweep [--delete]: files without rows, rows without files."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from express import sweeping


class Command(BaseCommand):
    """Print what a sweep finds."""

    help = "Lists files in storage that no video names, and marks videos whose files are gone. A worker does it daily."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--delete", action="store_true", help="delete the files that no video names")
        parser.add_argument(
            "--force", action="store_true", help="delete them also where they are most of what there is"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        swept = sweeping.sweep(delete=options["delete"], force=options["force"])
        for name in swept.orphans:
            self.stdout.write(f"file without a row  {name}")
        for video_id in swept.missing:
            self.stdout.write(f"video without files {video_id}")
        self.stdout.write(
            f"{swept.files} files, {len(swept.orphans)} without a row, {swept.deleted} deleted, "
            f"{len(swept.missing)} videos without files"
        )
        if swept.refused:
            raise CommandError(swept.refused)
