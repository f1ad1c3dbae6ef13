"""Weights and sessions: the right file, on the provider that was asked for."""

import dataclasses

import numpy as np
import pytest

from engine import sessions, weights
from engine.errors import GpuUnavailable, WeightsMissing


@pytest.mark.parametrize("name", sorted(name for name, weight in weights.WEIGHTS.items() if not weight.optional))
def test_every_weight_that_is_no_extra_is_installed_and_is_the_one_we_know(name):
    assert weights.path(name).is_file()


@pytest.mark.parametrize("name", sorted(weights.WEIGHTS))
def test_every_weight_may_be_used_commercially(name):
    assert weights.WEIGHTS[name].commercial_use
    assert weights.WEIGHTS[name].licence in {"Apache-2.0", "MIT"}


def test_it_refuses_a_file_that_is_not_the_one_we_know(monkeypatch):
    other = dataclasses.replace(weights.WEIGHTS["hibari"], sha256="0" * 64)
    monkeypatch.setitem(weights.WEIGHTS, "changed", other)
    with pytest.raises(WeightsMissing, match="SHA-256"):
        weights.path("changed")


def test_it_names_the_package_that_is_missing(monkeypatch):
    other = dataclasses.replace(weights.WEIGHTS["hibari"], package="no_such_package")
    monkeypatch.setitem(weights.WEIGHTS, "absent", other)
    with pytest.raises(WeightsMissing, match="no_such_package"):
        weights.path("absent")


def test_a_session_runs_on_the_cpu():
    session = sessions.open_session(sessions._IDENTITY, sessions.CPU)
    assert session.run(None, {"x": np.array([3.0], np.float32)})[0] == 3.0


def test_the_last_live_provider_is_the_cpu():
    assert sessions.live_providers()[-1] == sessions.CPU


@pytest.mark.skipif(sessions.CUDA in sessions.live_providers(), reason="this machine has a GPU")
def test_it_says_when_a_gpu_was_asked_for_and_not_got():
    with pytest.raises(GpuUnavailable) as caught:
        sessions.open_session(sessions._IDENTITY, sessions.CUDA)
    assert caught.value.details == {"wanted": sessions.CUDA, "got": sessions.CPU}
