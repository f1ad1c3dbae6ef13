"""What parts leave behind, taken away."""

from express.models import Part, Video
from express.parts import files


def remove_needless(video: Video | None = None) -> int:
    """Remove rows and files of parts that no video waits for any more; of one video alone, if it is named.

    Returns how many there were.
    """
    needless = Part.objects.needless().select_related("video")
    count = 0
    for part in needless.filter(video=video) if video else needless:
        files.discard_all(part)
        part.delete()
        count += 1
    return count
