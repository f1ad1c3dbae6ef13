"""Part: some of a video's frames."""

from dataclasses import dataclass

from engine.captions.cues import Cue


@dataclass(frozen=True, slots=True)
class Part:
    """Frames `first` to `last` of a video, without `last`; cues: the captions of the whole, if it has any."""

    first: int
    last: int
    cues: tuple[Cue, ...] = ()

    def __len__(self) -> int:
        return self.last - self.first
