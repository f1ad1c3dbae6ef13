"""The 52 ARKit blendshape names, in the order in which MediaPipe's face_blendshapes model puts them out.

https://developer.apple.com/documentation/arkit/arfaceanchor/blendshapelocation
MediaPipe's list has `_neutral` (hardly ever above 0.001) where ours has `tongueOut`, which it lacks; else it is the
same, so that tracks compare.
"""

ARKIT_NAMES: tuple[str, ...] = (
    "tongueOut",
    "browDownLeft",
    "browDownRight",
    "browInnerUp",
    "browOuterUpLeft",
    "browOuterUpRight",
    "cheekPuff",
    "cheekSquintLeft",
    "cheekSquintRight",
    "eyeBlinkLeft",
    "eyeBlinkRight",
    "eyeLookDownLeft",
    "eyeLookDownRight",
    "eyeLookInLeft",
    "eyeLookInRight",
    "eyeLookOutLeft",
    "eyeLookOutRight",
    "eyeLookUpLeft",
    "eyeLookUpRight",
    "eyeSquintLeft",
    "eyeSquintRight",
    "eyeWideLeft",
    "eyeWideRight",
    "jawForward",
    "jawLeft",
    "jawOpen",
    "jawRight",
    "mouthClose",
    "mouthDimpleLeft",
    "mouthDimpleRight",
    "mouthFrownLeft",
    "mouthFrownRight",
    "mouthFunnel",
    "mouthLeft",
    "mouthLowerDownLeft",
    "mouthLowerDownRight",
    "mouthPressLeft",
    "mouthPressRight",
    "mouthPucker",
    "mouthRight",
    "mouthRollLower",
    "mouthRollUpper",
    "mouthShrugLower",
    "mouthShrugUpper",
    "mouthSmileLeft",
    "mouthSmileRight",
    "mouthStretchLeft",
    "mouthStretchRight",
    "mouthUpperUpLeft",
    "mouthUpperUpRight",
    "noseSneerLeft",
    "noseSneerRight",
)
INDEX = {name: position for position, name in enumerate(ARKIT_NAMES)}
# What speech moves: the lower face. The rest are eyes and brows.
LOWER_FACE: tuple[str, ...] = tuple(
    name for name in ARKIT_NAMES if name.startswith(("jaw", "mouth", "cheek", "nose", "tongue"))
)
