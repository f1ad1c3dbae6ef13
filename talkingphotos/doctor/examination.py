"""The doctor's round: every check, in the order in which one thing stands on the other."""

from collections.abc import Callable, Iterator

from talkingphotos.doctor import content, machine, surroundings
from talkingphotos.doctor.finding import Finding, Level, fail

CHECKS: tuple[tuple[str, Callable[[], Iterator[Finding]]], ...] = (
    ("settings", machine.settings_of_django),
    ("settings", machine.times),
    ("settings", machine.outbound_hosts),
    ("packages", machine.packages),
    ("provider", machine.provider),
    ("models", machine.weights),
    ("video", machine.codecs),
    ("ports", machine.ports),
    ("disk", machine.disks),
    ("database", surroundings.database),
    ("broker", surroundings.broker),
    ("storage", surroundings.storage),
    ("workers", surroundings.workers),
    ("queue", surroundings.queue),
    ("voices", content.voices),
    ("avatars", content.avatars),
    ("models", content.lip_sync_models),
    ("videos", content.videos),
    ("webhooks", content.webhooks),
)


def examine() -> Iterator[Finding]:
    """Run every check. One that breaks is a finding, too, and keeps no other from being made."""
    for about, check in CHECKS:
        try:
            yield from check()
        except Exception as error:  # whatever a broken installation raises
            told = " ".join(str(error).split())[:200]
            yield fail(about, f"{type(error).__name__}: {told}", "Mend what it names; then run this again.")


__all__ = ["Finding", "Level", "examine"]
