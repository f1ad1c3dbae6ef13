"""A photo and its face become a rig; a rig and a motion track become frames."""

from engine.renderer.rig import Rig, build_rig

__all__ = ["Rig", "build_rig"]
