"""The doctor's round: every check, in the order in which one thing stands on the other."""

from collections.abc import Callable, Iterator

from talkingphotos.doctor import content, machine, surroundings
from talkingphotos.doctor.finding import Finding, Level, fail, warn

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


ON_DATABASE = {
    surroundings.workers,
    surroundings.queue,
    content.voices,
    content.avatars,
    content.lip_sync_models,
    content.videos,
    content.webhooks,
}


def examine() -> Iterator[Finding]:
    """Run every check. Without a database those that stand on it would each say the same; they are left out."""
    is_database_well, left_out = True, []
    for about, check in CHECKS:
        if check in ON_DATABASE and not is_database_well:
            left_out.append(about)
            continue
        for finding in _findings(about, check):
            if check is surroundings.database and finding.level == Level.FAIL:
                is_database_well = False
            yield finding
    if left_out:
        yield warn("database", f"not looked at: {', '.join(left_out)}", "Mend the database; then run this again.")


def _findings(about: str, check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """What a check finds. One that breaks is a finding, too, and keeps no other from being made."""
    try:
        yield from check()
    except Exception as error:  # whatever a broken installation raises
        told = " ".join(str(error).split())[:200]
        yield fail(about, f"{type(error).__name__}: {told}", "Mend what it names; then run this again.")


__all__ = ["Finding", "Level", "examine"]
