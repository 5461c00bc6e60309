"""The files of deploy/: whole, hardened, and about things that there are."""

import configparser
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands

from vpnconsole.runtime.__main__ import BEAT, WEB, WORKER
from vpnconsole.runtime.prepare import PATIENCE

ROOT: Path = settings.BASE_DIR
DEPLOY = ROOT / "deploy"
UNITS = sorted(path.name for path in (DEPLOY / "systemd").glob("*.service"))
SCRIPTS = ("backup", "restore", "manage")
VARIABLE = re.compile(r"^([A-Z][A-Z_]+)=", re.M)
HARDENED = {
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "CapabilityBoundingSet": "",
    "User": "vpnconsole",
    "UMask": "0077",
    "StateDirectoryMode": "0700",
}


def text(*parts: str) -> str:
    return DEPLOY.joinpath(*parts).read_text(encoding="utf-8")


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(text("compose.yaml"))
    return found


def unit(name: str) -> configparser.ConfigParser:
    read = configparser.ConfigParser(interpolation=None, strict=False)
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read_string(text("systemd", name))
    return read


def documented() -> set[str]:
    described = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([A-Z][A-Z_]+)`", described))
    return named | {f"{name}_FILE" for name in ("SECRET_KEY", "FIELD_KEYS", "METRICS_TOKEN")}


def used() -> dict[str, set[str]]:
    """Variables by the file that sets or reads them."""
    services = compose()["services"].values()
    in_compose = {name for service in services for name in service.get("environment", {})}
    in_compose |= set(re.findall(r"\$\{([A-Z_]+)", text("compose.yaml")))
    dockerfile = " ".join(re.findall(r"^ENV (.+)$", text("Dockerfile"), re.M))
    of_others = {
        "PYTHONUNBUFFERED",
        "PYTHONDONTWRITEBYTECODE",
        "PIP_NO_CACHE_DIR",
        "PIP_DISABLE_PIP_VERSION_CHECK",
    }
    scripts = {name for script in SCRIPTS for name in re.findall(r"\$\{?([A-Z][A-Z_]+)", text(script))}
    return {
        "compose.yaml": in_compose,
        "Dockerfile": set(re.findall(r"([A-Z][A-Z_]+)=", dockerfile)) - of_others,
        "compose.env.example": set(VARIABLE.findall(text("compose.env.example"))),
        "environment.example": set(VARIABLE.findall(text("environment.example"))),
        "scripts": scripts,
    }


@pytest.mark.parametrize(
    "file", ["compose.yaml", "Dockerfile", "compose.env.example", "environment.example", "scripts"]
)
def test_every_variable_is_documented(file: str) -> None:
    assert used()[file]
    assert used()[file] <= documented()


def test_compose_has_every_process_once_and_waits_for_what_it_needs() -> None:
    services = compose()["services"]

    assert set(services) == {"prepare", "web", "worker", "beat", "postgres", "redis"}
    for name in ("web", "worker", "beat"):
        assert services[name]["depends_on"]["prepare"]["condition"] == "service_completed_successfully"
        assert services[name]["cap_drop"] == ["ALL"]
        assert services[name]["image"] == "vpnconsole"
    for name in ("postgres", "redis"):
        assert services["prepare"]["depends_on"][name]["condition"] == "service_healthy"
        assert services[name]["healthcheck"]
        assert "ports" not in services[name]
    assert all(port.startswith("127.0.0.1:") for port in services["web"]["ports"])
    secrets = compose()["secrets"]
    assert set(services["web"]["secrets"]) == set(secrets) == {"secret-key", "field-keys"}


def test_in_a_container_the_port_is_the_same_whatever_compose_env_says() -> None:
    """`env_file` overrides the image, `environment` overrides both."""
    [published] = compose()["services"]["web"]["ports"]
    port = compose()["services"]["web"]["environment"]["PORT"]

    assert published == f"127.0.0.1:${{PORT:-8000}}:{port}"
    assert f":{port}/readyz" in compose()["services"]["web"]["healthcheck"]["test"][-1]
    assert f"PORT={port} " in text("Dockerfile")


def commands() -> dict[str, list[str]]:
    """What is run, without the Python that runs it."""
    found = {
        f"compose {name}": one["command"][1:] for name, one in compose()["services"].items() if "build" in one
    }
    for name in UNITS:
        found[name] = shlex.split(unit(name)["Service"]["ExecStart"])[1:]
    return found


@pytest.mark.parametrize("name", ["prepare", "web", "worker", "beat"])
def test_each_process_is_the_one_that_make_run_starts(name: str) -> None:
    """Units and compose differ from it in names and places only."""
    for where in (f"compose {name}", f"vpnconsole-{name}.service"):
        [dash_m, *command] = commands()[where]
        assert dash_m == "-m"
        if name == "prepare":
            assert command == ["vpnconsole.runtime.prepare"]
            continue
        wanted = {"web": WEB, "worker": WORKER, "beat": BEAT}[name]
        own = [part for part in command if not part.startswith(("--schedule=", "--hostname="))]
        assert own == [part for part in wanted if not part.startswith("--loglevel=")]


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_is_hardened_and_belongs_to_the_target(name: str) -> None:
    read = unit(name)

    assert {key: read["Service"].get(key) for key in HARDENED} == HARDENED
    assert read["Service"]["EnvironmentFile"] == "/etc/vpnconsole/environment"
    assert read["Unit"]["PartOf"] == "vpnconsole.target"
    if name != "vpnconsole-prepare.service":
        assert read["Unit"]["Requires"] == "vpnconsole-prepare.service"
        assert "vpnconsole-prepare.service" in read["Unit"]["After"]
        assert name in unit("vpnconsole.target")["Unit"]["Wants"]


def test_a_database_that_is_late_has_time_to_be_migrated() -> None:
    assert int(unit("vpnconsole-prepare.service")["Service"]["TimeoutStartSec"]) >= PATIENCE + 300


def test_the_image_runs_as_nobody_special_and_holds_no_key() -> None:
    lines = text("Dockerfile").splitlines()
    users = [line for line in lines if line.startswith("USER ")]

    assert users == ["USER vpnconsole"]
    assert "FROM python:3.12-slim" in lines
    assert 'rm -f "$VAR_DIR/secret-key" "$VAR_DIR/field-keys"' in text("Dockerfile")
    assert lines[-1] == f"CMD {compose()['services']['web']['command']!r}".replace("'", '"')


def test_the_image_takes_all_of_the_code_and_nothing_else() -> None:
    taken = set(re.findall(r"^!(\S+)$", text("Dockerfile.dockerignore"), re.M))
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}

    assert all((ROOT / name).exists() for name in taken)
    assert packages <= taken
    assert {"requirements.txt", "manage.py", "CHANGELOG.md", "locale", "static", "templates"} <= taken
    assert text("Dockerfile.dockerignore").startswith("*\n")


def test_no_example_holds_a_value_that_somebody_could_leave_in_place() -> None:
    for line in text("compose.env.example").splitlines():
        if line.startswith(("POSTGRES_PASSWORD", "METRICS_TOKEN")):
            assert line.endswith("=")
    assert "SECRET_KEY=" not in text("environment.example")


@pytest.mark.parametrize("script", SCRIPTS)
def test_scripts_can_be_run_and_stop_at_the_first_fault(script: str) -> None:
    assert (DEPLOY / script).stat().st_mode & 0o111
    assert text(script).startswith("#!/bin/sh\n")
    assert re.search(r"^set -eu$", text(script), re.M)


def test_what_the_manual_tells_to_run_exists() -> None:
    manual = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    told = set(re.findall(r"(?:manage\.py|deploy/manage) ([a-z_]+)", manual))
    files = {path.rstrip(".,;:") for path in re.findall(r"\bdeploy/[\w./-]+", manual)}
    units = set(re.findall(r"\bvpnconsole-\w+\b(?=[ `\n])", manual)) - {"vpnconsole-TIME", "vpnconsole-token"}

    assert {"doctor", "prune_audit", "compile_texts", "check"} <= told
    assert told <= set(get_commands())
    assert all((ROOT / path).exists() for path in files)
    assert {f"{name}.service" for name in units} == set(UNITS)
    for script in re.findall(
        r"^[^#\n]*manage\.py ([a-z_]+)", "\n".join(text(name) for name in SCRIPTS), re.M
    ):
        assert script in get_commands()


def test_the_manual_names_every_metric_and_no_other() -> None:
    manual = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    source = (ROOT / "vpnconsole" / "metrics.py").read_text(encoding="utf-8")
    made = {
        name + ("_total" if name == "vpnconsole_requests" else "")
        for name in re.findall(r'"(vpnconsole_\w+)"', source)
    }

    assert set(re.findall(r"vpnconsole_\w+", manual)) - {"vpnconsole_restored"} == made
