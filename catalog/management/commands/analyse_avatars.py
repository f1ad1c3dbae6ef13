"""manage.py analyse_avatars: look at avatars' photos without a worker."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from catalog.models import Avatar


class Command(BaseCommand):
    """Look at those that wait, or at those that are named."""

    help = "Look at the photos of avatars that wait for it (or of those named), here and now, without a worker."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which."""
        parser.add_argument("ids", nargs="*")

    def handle(self, *args: Any, ids: list[str], **options: Any) -> None:
        """Say the verdict on each."""
        from catalog.analysis import analyse, make_preview

        chosen = {"pk__in": ids} if ids else {"state": Avatar.State.PENDING}
        for pk in Avatar.objects.filter(**chosen).values_list("pk", flat=True):
            avatar = analyse(pk)
            if avatar is not None:
                self.stdout.write(f"{pk}: {avatar.get_state_display()} {avatar.verdict}".rstrip())
                make_preview(pk)
