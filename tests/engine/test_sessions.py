"""Where networks run: on what was asked for, or not at all."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from engine import sessions
from engine.errors import GpuUnavailable
from engine.sessions import CPU, CUDA, choose_device, cores, device, gpu_number, live_providers, use_cores


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    yield
    sessions._chosen.clear()
    sessions._most_cores.clear()
    live_providers.cache_clear()


def test_the_cpu_can_be_asked_for() -> None:
    assert choose_device("cpu") == "cpu" == device()
    assert live_providers() == (CPU,)


@pytest.mark.skipif(live_providers()[0] == CUDA, reason="there is a GPU")
@pytest.mark.parametrize("name", ["cuda", "cuda:3"])
def test_a_gpu_that_is_asked_for_and_not_got_is_an_error(name: str) -> None:
    with pytest.raises(GpuUnavailable, match=name):
        choose_device(name)


@pytest.mark.parametrize("name", ["", "gpu", "cuda:", "cuda:x", "CUDA", "cuda:100"])
def test_other_names_are_no_devices(name: str) -> None:
    with pytest.raises(ValueError, match="cuda:N"):
        choose_device(name)


def test_each_gpu_has_its_number() -> None:
    assert gpu_number() == 0
    sessions._chosen[:] = ["cuda:3"]
    assert gpu_number() == 3


def test_cores_can_be_left_to_others() -> None:
    there = cores()
    use_cores(1)
    assert cores() == 1
    use_cores(1000)
    assert cores() == there


def test_small_matrices_are_left_to_one_thread() -> None:
    ask = (
        "import engine, numpy, ctypes, pathlib; folder = pathlib.Path(numpy.__file__).parent.parent / 'numpy.libs'; "
        "print(ctypes.CDLL(str(next(folder.glob('*openblas*')))).scipy_openblas_get_num_threads64_())"
    )
    without = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    told = subprocess.run([sys.executable, "-c", ask], env=without, capture_output=True, text=True, check=True)
    assert told.stdout == "1\n"
