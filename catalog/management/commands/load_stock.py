"""manage.py load_stock: fill the catalog with the stock avatars and voices."""

from typing import Any

from django.core.management.base import BaseCommand

from catalog.models import Avatar, Voice


class Command(BaseCommand):
    """Add the stock avatars and voices that the catalog lacks."""

    help = "Add the stock avatars and voices that the catalog lacks. Safe to run at every start."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, and say in one line what the catalog holds."""
        from catalog.stock import load_stock  # the engine's libraries, which other commands need not wait for

        added = load_stock()
        self.stdout.write(
            f"Catalog: {Avatar.objects.count()} avatars, {Voice.objects.count()} voices ({added} newly loaded)."
        )
