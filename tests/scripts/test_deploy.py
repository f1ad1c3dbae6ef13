"""The files for containers and service managers: right by the schemas and linters of those who read them."""

import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
OURS_TO_CHECK = ("ScaledObject", "TriggerAuthentication")  # KEDA's: no Python package holds their schemas


def tool(name: str) -> str:
    return str(Path(sys.executable).parent / name)


def documents(path: Path) -> list[dict[str, Any]]:
    return [document for document in yaml.safe_load_all(path.read_text()) if document]


def containers() -> list[dict[str, Any]]:
    pods = [
        one["spec"]["template"]["spec"]
        for path in MANIFESTS
        for one in documents(path)
        if "template" in one["spec" if "spec" in one else "data"]
    ]
    return [container for pod in pods for container in pod["containers"]]


def environment_names() -> set[str]:
    """Every setting that one of the files gives a value."""
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    names = set(compose["x-service"]["environment"]) | set(compose["services"]["worker-gpu"]["environment"])
    names |= {one["name"] for container in containers() for one in container.get("env", [])}
    names |= {key for path in MANIFESTS for one in documents(path) if one["kind"] == "ConfigMap" for key in one["data"]}
    for unit in (DEPLOY / "systemd").iterdir():
        names |= set(re.findall(r"^Environment=([A-Z_]+)=", unit.read_text(), re.MULTILINE))
    return names


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
def test_kubernetes_would_take_the_manifests(path: Path) -> None:
    for document in documents(path):
        if document["kind"] not in OURS_TO_CHECK:
            kubernetes_validate.validate(document, "1.37", strict=True)


def test_what_keda_scales_is_there() -> None:
    by_kind: dict[str, list[dict[str, Any]]] = {}
    for path in MANIFESTS:
        for document in documents(path):
            by_kind.setdefault(document["kind"], []).append(document)
    deployments = {one["metadata"]["name"]: one for one in by_kind["Deployment"]}
    broker = {one["metadata"]["name"] for one in by_kind["TriggerAuthentication"]}
    for scaled in by_kind["ScaledObject"]:
        (trigger,) = scaled["spec"]["triggers"]
        worker = deployments[scaled["spec"]["scaleTargetRef"]["name"]]
        assert "replicas" not in worker["spec"]  # else each `apply` would undo what KEDA did
        (queues,) = (
            argument.removeprefix("--queues=")
            for argument in worker["spec"]["template"]["spec"]["containers"][0]["command"]
            if argument.startswith("--queues=")
        )
        assert trigger["metadata"]["listName"] in queues.split(",")
        assert trigger["authenticationRef"]["name"] in broker


@pytest.mark.parametrize("name", ["Dockerfile", "Dockerfile.gpu"])
def test_the_linter_of_dockerfiles_finds_nothing(name: str) -> None:
    linted = subprocess.run([tool("hadolint"), str(DEPLOY / name)], capture_output=True, text=True)
    assert (linted.returncode, linted.stdout) == (0, "")


def test_the_compose_file_fits_its_schema() -> None:
    command = [tool("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", str(DEPLOY / "compose.yaml")]
    checked = subprocess.run(command, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_understands_the_units(tmp_path: Path) -> None:
    for unit in (DEPLOY / "systemd").iterdir():
        text = re.sub(r"^(User|WorkingDirectory)=.*\n", "", unit.read_text(), flags=re.MULTILINE)
        text = re.sub(r"^(ExecStart(?:Pre)?)=\S+", r"\1=/bin/true", text, flags=re.MULTILINE)  # it wants to see them
        (tmp_path / unit.name).write_text(text)
    units = [str(tmp_path / unit.name).replace("@.", "@cuda:0.") for unit in (DEPLOY / "systemd").iterdir()]
    checked = subprocess.run(["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True)
    ours = [line for line in checked.stderr.splitlines() if "talking-photos" in line]
    assert ours == []


def test_files_name_settings_that_there_are() -> None:
    known = set(re.findall(r"""env\.\w+\(\s*["']([A-Z_]+)["']""", (ROOT / "talkingphotos" / "settings.py").read_text()))
    assert environment_names() <= known


def test_probes_ask_under_a_name_that_the_service_answers_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_HOSTS", "talk.example.org")
    allowed = runpy.run_path(str(ROOT / "talkingphotos" / "settings.py"))["ALLOWED_HOSTS"]
    probes = [
        one[kind]["httpGet"] for one in containers() for kind in ("readinessProbe", "livenessProbe") if kind in one
    ]
    hosts = {header["value"] for probe in probes for header in probe["httpHeaders"] if header["name"] == "Host"}
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    hosts |= set(re.findall(r"http://([\w.]+)", str(compose["services"]["web"]["healthcheck"]["test"])))
    assert "talk.example.org" in allowed
    assert hosts == {"localhost", "127.0.0.1"} <= set(allowed)


def test_containers_get_every_setting_of_the_env_file() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    ours = {name: one for name, one in services.items() if one["image"].startswith("talking-photos")}
    assert {"prepare", "web", "worker", "worker-gpu"} <= set(ours)
    for service in ours.values():
        (file,) = service["env_file"]
        assert (DEPLOY / file["path"]).resolve() == ROOT / ".env"


def test_onnx_runtime_in_the_gpu_image_is_the_pinned_one() -> None:
    (pinned,) = set(re.findall(r"^onnxruntime-gpu==(\S+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE))
    assert f"onnxruntime-gpu[cuda,cudnn]=={pinned}" in (DEPLOY / "Dockerfile.gpu").read_text()


def test_nobody_is_killed_before_its_time() -> None:
    """A worker's grace ends before its container's."""
    settings = next(one["data"] for path in MANIFESTS for one in documents(path) if one["kind"] == "ConfigMap")
    for path in MANIFESTS:
        for document in documents(path):
            if document["kind"] == "Deployment" and "worker" in document["metadata"]["name"]:
                grace_s = document["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]
                assert float(settings["SHUTDOWN_GRACE_S"]) + 15 <= grace_s
