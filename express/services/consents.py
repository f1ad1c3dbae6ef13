"""What becomes of videos whose avatar's consent ended."""

from collections.abc import Sequence

from express.models import Video
from express.services.control import cancel_video
from express.services.removal import delete_video

FLAG = "consent_ended"


def end_videos(avatars: Sequence[str], policy: str, *, rehearsal: bool) -> dict[str, list[str]]:
    """Stop the videos of these avatars that are not finished; delete or flag the finished ones, as the policy says.

    Returns their ids. A rehearsal changes nothing.
    """
    shown = Video.objects.filter(avatar__in=avatars, removed_at=None).order_by("created_at")
    running = list(shown.running())
    ended = [video for video in shown.exclude(pk__in=[video.pk for video in running]) if video.result]
    done = {"stopped": running, "deleted" if policy == "delete" else "flagged": ended}
    if not rehearsal:
        for video in running:
            cancel_video(video)
        for video in ended:
            if policy == "delete":
                delete_video(video)
            elif FLAG not in video.flags:
                Video.objects.filter(pk=video.pk).update(flags=[*video.flags, FLAG])
    return {name: [str(video.pk) for video in videos] for name, videos in done.items()}
