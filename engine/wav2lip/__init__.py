"""Drop-in neural mouth generators with the public Wav2Lip contract, as ONNX files.

Prajwal et al. 2020, arXiv:2008.10010; code: https://github.com/Rudrabha/Wav2Lip. A file may have any names for its
inputs, any batch, float32 or float16, and faces of any of SIZES_PX.
"""

from engine.wav2lip.contract import SIZES_PX, Contract
from engine.wav2lip.generator import Wav2Lip, open_wav2lip
from engine.wav2lip.probe import Probed, probe

__all__ = ["SIZES_PX", "Contract", "Probed", "Wav2Lip", "open_wav2lip", "probe"]
