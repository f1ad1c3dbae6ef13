"""python manage.py doctor [--json]: what keeps this installation from making videos, and what to do."""

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from talkingphotos.doctor import Level, examine


class Command(BaseCommand):
    """Print the findings as they come; end with status 1 when one of them is `fail`."""

    help = "Looks at settings, device, models, voices, broker, database, storage, disks and workers; says what to do."
    requires_system_checks = ()  # they are among the findings

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object a line, for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        paint = {Level.OK: self.style.SUCCESS, Level.WARN: self.style.WARNING, Level.FAIL: self.style.ERROR}
        counts = dict.fromkeys(Level, 0)
        for finding in examine():
            counts[finding.level] += 1
            if options["json"]:
                self.stdout.write(json.dumps(asdict(finding), ensure_ascii=False))
                continue
            self.stdout.write(f"{paint[finding.level](f'{finding.level:<5}')} {finding.about:<9} {finding.told}")
            if finding.todo:
                self.stdout.write(f"{'':15} → {finding.todo}")
        if not options["json"]:
            self.stdout.write(", ".join(f"{count} {level}" for level, count in counts.items()))
        if counts[Level.FAIL]:
            sys.exit(1)
