"""ONNX Runtime sessions: the one place that chooses providers and threads."""

import os
import re
from functools import cache
from pathlib import Path

import onnxruntime as ort

from engine.errors import GpuUnavailable, ModelUnfit

CPU = "CPUExecutionProvider"
CUDA = "CUDAExecutionProvider"

# y = x as an ONNX model, 65 bytes: enough to see which providers load. Made with onnx.helper:
# make_model(make_graph([make_node("Identity", ["x"], ["y"])], "g", [x: float[1]], [y: float[1]])), opset 13.
_IDENTITY = bytes.fromhex(
    "08083a370a100a017812017922084964656e746974791201675a0f0a0178120a0a0808011204"
    "0a020801620f0a0179120a0a08080112040a02080142040a00100d"
)

DEVICES = re.compile(r"auto|cpu|cuda(:\d{1,2})?")

_most_cores: list[int] = []  # the limit of this process, if it has one
_chosen: list[str] = []  # the device that this process was told to use


def open_session(model: Path | bytes, provider: str | None = None, threads: int = 1) -> ort.InferenceSession:
    """Open an ONNX model.

    provider: None takes CUDA where it is live, else the CPU. threads: CPU threads inside one operator.
    Raises GpuUnavailable when a provider was asked for and not got: ONNX Runtime itself falls back in silence.
    """
    wanted = provider or live_providers()[0]
    session = _open(model, wanted, threads)
    got = session.get_providers()[0]
    if provider and got != provider:
        raise GpuUnavailable(f"asked for {provider}, got {got}", wanted=provider, got=got)
    return session


@cache
def live_providers() -> tuple[str, ...]:
    """Return the providers that really load here, best first; the CPU is always the last.

    `ort.get_available_providers()` lists what was compiled in, CUDA included where no GPU is.
    """
    if _chosen != ["cpu"] and CUDA in ort.get_available_providers() and _cuda_loads():
        return (CUDA, CPU)
    return (CPU,)


def choose_device(name: str) -> str:
    """Let this process run its networks on "cpu", "cuda" or "cuda:1"; on "auto", on a GPU where one is live.

    For a process that starts: what is open stays where it is. Returns the device by its whole name, as `device` does.
    Raises GpuUnavailable when a GPU is asked for and not got, ValueError for any other name.
    """
    if not DEVICES.fullmatch(name):
        raise ValueError(f"a device is auto, cpu, cuda or cuda:N, not {name!r}")
    _chosen[:] = [name]
    live_providers.cache_clear()
    got = live_providers()[0]
    if name.startswith("cuda") and got != CUDA:
        raise GpuUnavailable(f"asked for {name}, got {got}", wanted=name, got=got)
    return device()


def device() -> str:
    """What runs the networks of this process: "cpu", or "cuda:0" and so on."""
    return "cpu" if live_providers()[0] == CPU else f"cuda:{gpu_number()}"


def gpu_number() -> int:
    """Which of the machine's GPUs is this process's."""
    number = _chosen[0].partition(":")[2] if _chosen else ""
    return int(number or 0)


def open_foreign(model: bytes, provider: str | None = None, threads: int = 1) -> ort.InferenceSession:
    """Open a model that others made. Raises ModelUnfit with ONNX Runtime's reason, GpuUnavailable as open_session.

    By its bytes, so that ONNX Runtime follows no reference to other files.
    """
    try:
        return open_session(model, provider, threads)
    except GpuUnavailable:
        raise
    except Exception as error:  # ONNX Runtime raises a dozen classes of its own
        if "external data" in str(error).lower() or "model_path" in str(error):
            raise ModelUnfit("it keeps its weights in other files; save it as one file") from error
        raise ModelUnfit(f"ONNX Runtime cannot open it: {first_line(error)}") from error


def first_line(error: Exception) -> str:
    """The first line of what ONNX Runtime says, which may go on for pages, without its numbers in front."""
    line = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return re.sub(r"^\[ONNXRuntimeError\] : \d+ : \w+ : ", "", line).rstrip(".")[:300]


def cores() -> int:
    """How many cores this process may use."""
    there = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min([there, *_most_cores])


def use_cores(most: int) -> None:
    """Leave the other cores to others, such as workers on the same machine; for what is opened from now on."""
    _most_cores[:] = [most]


def _cuda_loads() -> bool:
    if not Path("/dev/nvidiactl").exists() and not Path("/dev/dxg").exists():  # the latter: WSL
        return False  # asking ONNX Runtime would print errors about missing libraries
    ort.preload_dlls()  # finds CUDA and cuDNN inside the nvidia wheels
    try:
        return bool(_open(_IDENTITY, CUDA, 1).get_providers()[0] == CUDA)
    except Exception:  # ONNX Runtime raises classes of its own, here for a number that no GPU has
        return False


def _open(model: Path | bytes, provider: str, threads: int) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_mem_pattern = False  # a second copy of the encoder's 32 MB of tensors, and no faster
    options.log_severity_level = 3  # errors only; warnings name every node that stays on the CPU
    # TensorFloat-32 would round to 10 bits: a place in a photo of 1080 px to half a pixel.
    on_gpu = {"use_tf32": "0", "device_id": str(gpu_number())}
    providers = [CPU] if provider == CPU else [(provider, on_gpu if provider == CUDA else {}), CPU]
    return ort.InferenceSession(model if isinstance(model, bytes) else str(model), options, providers=providers)
