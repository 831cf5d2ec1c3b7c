"""The files of `deploy/` name only what is there, and what can be checked without running them is."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from helpline import cli
from helpline.operations import ready
from helpline.paths import ROOT
from tests.besides import Missing
from tests.replicas import nginx
from tests.test_docs import settings_in_code

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "helpline"}
SECRETS = {"HELPLINE_SECRET_KEY", "HELPLINE_ACTIONS_SECRET", "HELPLINE_ADDRESS_KEY", "HELPLINE_ADDRESS_HASH"}


def is_command(arguments: list[str]) -> bool:
    """Tell whether `helpline` takes these arguments."""
    try:
        cli._parser().parse_args(arguments)
    except SystemExit:
        return False
    return True


@pytest.mark.parametrize(
    "name", ["compose.yml", "Containerfile", "systemd/helpline.conf", *(f"systemd/{unit.name}" for unit in UNITS)]
)
def test_every_setting_that_is_named_is_one(name: str) -> None:
    named = set(re.findall(r"\bHELPLINE_[A-Z_]*[A-Z]", (DEPLOY / name).read_text()))
    assert named - settings_in_code() == set()


@pytest.mark.parametrize("name", OURS)
def test_a_container_runs_a_command_that_there_is_and_is_asked_how_it_is(name: str) -> None:
    assert is_command(OURS[name]["command"])
    check = OURS[name]["healthcheck"]
    if not check.get("disable"):
        assert check["test"][1:-1] == ["python", "-m", ready.__name__]
        assert check["test"][-1] == OURS[name]["command"][1]


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_has_no_rights_and_a_file_system_that_cannot_be_written_to(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert name in OURS or service["user"] not in ("0", "root")


def test_every_secret_is_needed_and_none_is_written_down() -> None:
    for name, service in OURS.items():
        for secret in SECRETS:
            assert service["environment"][secret].startswith(f"${{{secret}:?"), name
        assert "${POSTGRES_PASSWORD:?" in service["environment"]["HELPLINE_DATABASE"]
    assert SERVICES["postgres"]["environment"]["POSTGRES_PASSWORD"].startswith("${POSTGRES_PASSWORD:?")


def test_the_proxy_that_is_believed_is_the_one_that_there_is() -> None:
    address = SERVICES["nginx"]["networks"]["front"]["ipv4_address"]
    assert {service["environment"]["HELPLINE_PROXIES"] for service in OURS.values()} == {address}


def test_nginx_asks_every_replica_of_the_containers() -> None:
    asked = set(re.findall(r"server ([\w-]+):", (DEPLOY / "nginx" / "upstreams.compose.conf").read_text()))
    assert asked == {name for name in OURS if name.startswith(("rasa", "console"))}


def test_only_nginx_can_be_reached_from_outside() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["nginx"]
    assert COMPOSE["networks"]["back"]["internal"]


def test_all_files_that_are_mounted_or_built_from_are_there() -> None:
    mounted = [volume for service in SERVICES.values() for volume in service.get("volumes", [])]
    files = [volume.split(":")[0] for volume in mounted if volume.startswith(".")]
    assert files
    assert [file for file in files if not (DEPLOY / file).is_file()] == []
    assert (ROOT / OURS["migrate"]["build"]["dockerfile"]).is_file()
    kept = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    assert [name for name in kept if not (ROOT / name).exists()] == []


def test_the_image_does_not_run_as_root_and_takes_along_no_secret() -> None:
    text = (DEPLOY / "Containerfile").read_text()
    final = text.rpartition("\nFROM ")[2]
    assert re.findall(r"^USER (.*)$", final, re.MULTILINE) == ["helpline"]
    assert "HELPLINE_VAR=/tmp/training .venv/bin/helpline train" in text
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert next(line for line in ignored if not line.startswith("#")) == "*"
    assert not {"!var", "!.cache", "!models", "!deploy"} & set(ignored)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_starts_a_command_that_there_is(unit: Path) -> None:
    [command] = re.findall(r"^ExecStart=/opt/helpline/.venv/bin/helpline (.*)$", unit.read_text(), re.MULTILINE)
    assert is_command(command.split())
    for after in re.findall(rf"^ExecStartPost=\S+ -m {ready.__name__} (\w+)", unit.read_text(), re.MULTILINE):
        assert f"run {after}" == command


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A root directory in which the units and their programs lie where they are meant to be."""
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd is not installed")
    system = tmp_path / "etc/systemd/system"
    shutil.copytree(DEPLOY / "systemd", system)
    for unit in Path("/usr/lib/systemd/system").glob("*.target"):
        shutil.copy(unit, system)
    programs = tmp_path / "opt/helpline/.venv/bin"
    programs.mkdir(parents=True)
    for name in ("helpline", "python"):
        (programs / name).touch(0o755)
    return tmp_path


def instance(unit: Path) -> str:
    """Return a unit's name, of a template with an instance."""
    return unit.name.replace("@.", "@5005.")


def test_the_units_are_what_systemd_takes(installed: Path) -> None:
    command = ["systemd-analyze", "verify", "--man=no", f"--root={installed}", *map(instance, UNITS)]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (said.returncode, said.stderr) == (0, "")


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_is_shut_in(unit: Path, installed: Path) -> None:
    command = ["systemd-analyze", "security", "--offline=yes", "--threshold=20", f"--root={installed}", instance(unit)]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert said.returncode == 0, said.stdout[-300:]


def test_nginx_takes_its_configuration(tmp_path: Path) -> None:
    try:
        program = nginx.binary()
    except Missing as missing:
        pytest.skip(f"NOT RUN: {missing}")
    configuration = nginx.write(tmp_path, 8080, {5005: "127.0.0.1:5005"})
    command = [program, "-t", "-q", "-c", configuration, "-g", f"pid {tmp_path}/nginx.pid;"]
    said = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert (said.returncode, said.stderr) == (0, "")
