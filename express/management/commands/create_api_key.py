"""manage.py create_api_key NAME: make a key and print it, this once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from express.models import ApiKey


class Command(BaseCommand):
    """Makes a key for a client of the API."""

    help = "Make an API key and print it. It cannot be shown again."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the key's name and its limits."""
        parser.add_argument("name", help="who uses it, as in “Shop, staging”")
        parser.add_argument("--max-running", type=int, help="videos at once; left out: the server's limit")
        parser.add_argument("--max-per-minute", type=int, help="videos a minute; left out: the server's limit")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it; the secret alone goes to standard output, for scripts."""
        fields = {name: options[name] for name in ("name", "max_running", "max_per_minute")}
        key, secret = ApiKey.issue(**fields)
        self.stderr.write(f"Made for {key.name}. Keep it: it is shown this once, and only a hash of it is stored.")
        self.stdout.write(secret)
