"""What could keep this installation from making videos: looked at one by one, with what to do about it."""

from talkingphotos.doctor.examination import Finding, Level, examine

__all__ = ["Finding", "Level", "examine"]
