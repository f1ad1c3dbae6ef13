"""manage.py export_catalog: the whole catalog with its files as one ZIP file."""

import tempfile
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    """Write the bundle."""

    help = "Write the whole catalog, rows and files, into one ZIP file, to be read by import_catalog."

    def add_arguments(self, parser: CommandParser) -> None:
        """The file."""
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        """Write beside the file first, so that a half-written one never takes its place."""
        from catalog.transfer import write_bundle

        try:
            with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as out:
                try:
                    count = write_bundle(out)
                except BaseException:
                    Path(out.name).unlink()
                    raise
            Path(out.name).chmod(0o640)
            Path(out.name).replace(file)
        except OSError as error:
            raise CommandError(f"The catalog could not be written: {error}") from error
        self.stdout.write(f"{file}: {count} rows, {file.stat().st_size / 1e6:.1f} MB.")
