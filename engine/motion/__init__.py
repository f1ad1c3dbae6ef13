"""Motion: what the face does while it says the speech."""

from engine.motion.compose import animate
from engine.motion.types import MotionTrack

__all__ = ["MotionTrack", "animate"]
