"""python manage.py webhook_secret [--key PREFIX] [--rotate]: what signs webhooks, for those who verify them."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from express.models import ApiKey, WebhookSecret


class Command(BaseCommand):
    """Print the secrets that sign now, newest first."""

    help = "Prints the secrets that sign webhooks now, the newest first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--key", metavar="PREFIX", help="the secret of this API key's videos, as in tp_PREFIX_…")
        parser.add_argument(
            "--rotate", action="store_true", help="make a new one; the others go on signing beside it for a day"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        owner = None
        if options["key"]:
            owner = ApiKey.objects.filter(prefix=options["key"]).first()
            if owner is None:
                raise CommandError(f"No API key begins with tp_{options['key']}_; the admin lists them.")
        if options["rotate"]:
            WebhookSecret.rotate(owner)
        for secret in WebhookSecret.current(owner):
            self.stdout.write(secret.secret)
