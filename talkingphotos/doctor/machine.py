"""This machine: settings, packages, what runs the networks, models, codecs, ports, disks."""

import platform
import urllib.request
from collections.abc import Iterator
from importlib.metadata import distributions
from importlib.util import find_spec

import av
import onnxruntime as ort
from django.conf import settings
from django.core import checks

from engine import weights as engine_weights
from engine.errors import GpuUnavailable, WeightsMissing
from engine.sessions import CPU, DEVICES, choose_device, live_providers
from express import disk, gpu
from outbound import Policy
from scripts.addresses import AddressError, read_addresses, require_free
from talkingphotos.doctor.finding import Finding, fail, ok, warn

ENCODERS = ("libx264", "aac", "libvpx-vp9", "libopus", "prores_ks")
RUNTIMES = {"onnxruntime", "onnxruntime-gpu"}
ANSWERS_WITHIN_S = 2.0


def settings_of_django() -> Iterator[Finding]:
    """What Django's own checks say, those for deployment where TLS is on."""
    found = checks.run_checks(include_deployment_checks=settings.HTTPS or settings.SECRET_KEY_IS_TEMPORARY)
    told = [one for one in found if not one.is_silenced() and (settings.HTTPS or "security" not in str(one.id))]
    for one in told:
        make = fail if one.is_serious() else warn
        yield make("settings", f"{one.msg} ({one.id})".replace("\n", " "), (one.hint or "").replace("\n", " "))
    if settings.DEBUG:
        yield warn("settings", "DEBUG is on: errors show their insides to anybody", "DEBUG=false, on any network.")
    if not told and not settings.DEBUG:
        yield ok("settings", f"Talking Photos {settings.VERSION}, Python {platform.python_version()}")


def times() -> Iterator[Finding]:
    """Limits that have to lie above one another."""
    hard_s, visible_s = settings.CELERY_TASK_TIME_LIMIT, _visibility_timeout_s()
    if visible_s <= hard_s:
        yield fail(
            "settings",
            f"the broker gives a job away after {visible_s} s, a job may take {hard_s} s: it would be made twice",
            "Let visibility_timeout exceed RENDER_TIME_LIMIT_S by more than a minute.",
        )
    if settings.HEARTBEAT_LOST_AFTER_S < 3 * settings.HEARTBEAT_INTERVAL_S:
        yield fail(
            "settings",
            f"a worker is taken for dead after {settings.HEARTBEAT_LOST_AFTER_S:g} s and tells that it lives every "
            f"{settings.HEARTBEAT_INTERVAL_S:g} s",
            f"HEARTBEAT_LOST_AFTER_S={3 * settings.HEARTBEAT_INTERVAL_S:g} at least.",
        )
    if settings.CREATE_WAIT_S > settings.CREATE_WAIT_MAX_S:
        yield warn(
            "settings",
            "CREATE_WAIT_S exceeds CREATE_WAIT_MAX_S, which then counts",
            "Lower the first, or raise the other.",
        )


def outbound_hosts() -> Iterator[Finding]:
    """Whether OUTBOUND_ALLOW can be read."""
    try:
        Policy.allowing(settings.OUTBOUND_ALLOW)
    except ValueError as error:
        yield fail("settings", f"OUTBOUND_ALLOW: {error}", "Write it as 10.0.0.0/8,hooks.internal,.corp.example")


def packages() -> Iterator[Finding]:
    """Whether exactly one ONNX Runtime is installed: two share one folder, and the wrong one may win."""
    found = sorted({f"{one.name}=={one.version}" for one in distributions() if one.name in RUNTIMES})
    if len(found) == 1:
        yield ok("packages", found[0])
    else:
        yield fail(
            "packages",
            f"{' and '.join(found) or 'no ONNX Runtime'} installed",
            "Remove .venv and run scripts/run again.",
        )


def provider() -> Iterator[Finding]:
    """What was asked for, what is there, and what runs the networks."""
    asked, gpus = settings.RENDER_DEVICE, gpu.memory()
    if not DEVICES.fullmatch(asked):
        yield fail("provider", f"RENDER_DEVICE={asked} is no device", "RENDER_DEVICE is auto, cpu, cuda or cuda:N.")
        return
    try:
        got = choose_device(asked)
    except GpuUnavailable as error:
        yield fail("provider", f"RENDER_DEVICE={asked}: {error.message}", error.hint)
        return
    names = ", ".join(f"{one['name']} ({one['used_mb']} of {one['total_mb']} MiB used)" for one in gpus)
    if got == "cpu" and gpus and asked != "cpu":
        compiled = "with" if "CUDAExecutionProvider" in ort.get_available_providers() else "without"
        yield warn(
            "provider",
            f"{names} is there, and the networks run on the CPU; this ONNX Runtime was built {compiled} CUDA",
            "Install the CUDA and cuDNN libraries that it wants (docs/operations.md), or say RENDER_DEVICE=cpu.",
        )
        return
    running = "CPU" if live_providers()[0] == CPU else live_providers()[0]
    yield ok("provider", f"{got}, {running}{f'; {names}' if names else ''}")


def weights() -> Iterator[Finding]:
    """Whether every file of weights is there and is the one that we know."""
    good = 0
    for name, weight in engine_weights.WEIGHTS.items():
        if weight.optional and find_spec(weight.package) is None:
            continue
        try:
            engine_weights.path(name)
        except WeightsMissing as error:
            yield fail("models", error.message, error.hint)
        else:
            good += 1
    yield ok("models", f"{good} files of weights, each with the SHA-256 that we know")


def codecs() -> Iterator[Finding]:
    """Whether PyAV's FFmpeg encodes what we write."""
    lacking = [name for name in ENCODERS if name not in av.codecs_available]
    if lacking:
        yield fail("video", f"FFmpeg cannot encode {', '.join(lacking)}", "Install PyAV's own wheel: pip install av")
    else:
        yield ok("video", f"FFmpeg in PyAV {av.__version__} encodes {', '.join(ENCODERS)}")


def ports() -> Iterator[Finding]:
    """Whether scripts/run could listen, or we listen already."""
    try:
        addresses = read_addresses()
        if _is_ours(addresses.url):
            yield ok("ports", f"the service answers at {addresses.url}")
            return
        require_free(addresses)
        yield ok("ports", f"nobody listens on {addresses.url}: scripts/run can")
    except AddressError as error:
        yield warn("ports", str(error), "Only scripts/run needs it; elsewhere never mind.")


def disks() -> Iterator[Finding]:
    """Whether there is room."""
    for room in disk.rooms():
        told = f"{room.free_gb} GB free for {room.use} ({room.path})"
        if room.is_short:
            yield fail("disk", told, f"Make room: below {settings.MIN_FREE_DISK_MB} MB no video is taken.")
        elif room.free_mb < 4 * settings.MIN_FREE_DISK_MB:
            yield warn("disk", told, f"Make room soon: below {settings.MIN_FREE_DISK_MB} MB no video is taken.")
        else:
            yield ok("disk", told)


def _visibility_timeout_s() -> float:
    return float(settings.CELERY_BROKER_TRANSPORT_OPTIONS.get("visibility_timeout", 3600))


def _is_ours(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}healthz", timeout=ANSWERS_WITHIN_S) as answer:  # noqa: S310 - our own
            return b'"ok"' in answer.read(100)
    except OSError:
        return False
