"""The memory of this machine's NVIDIA GPUs, asked without touching CUDA: a process that forks must not."""

from contextlib import suppress
from typing import Any

import pynvml

MIB = 1024 * 1024


def memory() -> list[dict[str, Any]]:
    """Return id, name, used_mb and total_mb of each GPU; nothing where there is none, or no driver."""
    with suppress(pynvml.NVMLError):
        pynvml.nvmlInit()
        try:
            handles = map(pynvml.nvmlDeviceGetHandleByIndex, range(pynvml.nvmlDeviceGetCount()))
            return [_one(handle) for handle in handles]
        finally:
            pynvml.nvmlShutdown()
    return []


def _one(handle: Any) -> dict[str, Any]:
    memory = pynvml.nvmlDeviceGetMemoryInfo(handle)
    return {
        "id": pynvml.nvmlDeviceGetUUID(handle),
        "name": pynvml.nvmlDeviceGetName(handle),
        "used_mb": memory.used // MIB,
        "total_mb": memory.total // MIB,
    }
