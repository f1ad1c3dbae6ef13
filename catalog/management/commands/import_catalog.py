"""manage.py import_catalog: take over a catalog that was exported elsewhere."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    """Read the bundle."""

    help = "Take over a catalog that export_catalog wrote: all of it, or nothing. Reading it twice changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        """The file."""
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        """Check, store, and say what changed."""
        from catalog.transfer import TransferError, open_bundle, store

        try:
            with file.open("rb") as source, open_bundle(source) as bundle:
                self.stdout.write(str(store(bundle)))
        except (OSError, TransferError) as error:
            raise CommandError(str(error)) from error
