"""The files of `deploy`: as far as can be told without Docker or systemd's manager."""

import json
import os
import re
import shlex
import shutil
import ssl
import stat
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped] # it ships no types

from vm_mcp.cli.program import build_parser
from vm_mcp.config import Settings, load_settings
from vm_mcp.config.accounts import load_accounts
from vm_mcp.config.team_settings import TeamSettings

DEPLOY = Path(__file__).parent.parent / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))
KNOWN = {f"VM_MCP_{name.upper()}" for name in (*Settings.model_fields, *TeamSettings.model_fields)}

SH, SYSTEMD, OPENSSL = "/bin/sh", shutil.which("systemd-analyze"), shutil.which("openssl")
needs_sh = pytest.mark.skipif(sys.platform == "win32", reason="what runs in Linux containers is a POSIX shell's")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    return loaded


@pytest.fixture
def services(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = compose["services"]
    return found


def test_no_container_runs_as_root_or_may_gain_rights_or_write_its_image(services: dict[str, dict[str, Any]]) -> None:
    for name, service in services.items():
        assert service["user"] == "1000:1000", name
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert not service.keys() & {"privileged", "pid", "network_mode", "devices", "ipc"}, name
    assert {name for name, service in services.items() if "cap_add" in service} == {"proxy"}


def test_all_that_compose_refers_to_is_there(compose: dict[str, Any], services: dict[str, dict[str, Any]]) -> None:
    for name, service in services.items():
        assert set(service.get("secrets", ())) <= compose["secrets"].keys(), name
        assert set(service["networks"]) <= compose["networks"].keys(), name
        assert set(service.get("depends_on", ())) <= services.keys(), name
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            made_by_hand = source in {"./accounts.toml", "./secrets/accounts"}
            assert source in compose["volumes"] or made_by_hand or (DEPLOY / source).exists(), (name, volume)
        if "build" in service:
            assert (DEPLOY / service["build"]["context"] / service["build"]["dockerfile"]).is_file()


def test_each_service_belongs_to_a_part_and_depends_on_none_that_may_be_on_another_machine(
    services: dict[str, dict[str, Any]],
) -> None:
    for name, service in services.items():
        (everything, part) = service["profiles"]
        assert (everything, part in {"database", "serve", "work", "speech"}) == ("all", True), name
        for needed, how in service.get("depends_on", {}).items():
            assert part in services[needed]["profiles"] or how["required"] is False, (name, needed)


def test_all_that_runs_on_is_checked_and_started_again(services: dict[str, dict[str, Any]]) -> None:
    for name, service in services.items():
        if name != "setup":
            assert service["restart"] == "unless-stopped", name
            assert service["healthcheck"]["test"][0] == "CMD", name
    assert services["setup"]["restart"] == "no"
    assert services["serve-1"]["depends_on"]["setup"]["condition"] == "service_completed_successfully"
    assert services["setup"]["depends_on"]["postgres"]["condition"] == "service_healthy"


def test_two_servers_stand_behind_the_proxy_and_nothing_else_is_reached_from_outside(
    services: dict[str, dict[str, Any]],
) -> None:
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert published.keys() == {"proxy", "postgres"}
    assert published["postgres"] == ["${DATABASE_ADDRESS:-127.0.0.1}:5432:5432"]
    caddy = (DEPLOY / "Caddyfile").read_text(encoding="utf-8")
    behind = re.findall(r"serve-\d+(?=:8000)", caddy)
    assert sorted(behind) == [name for name in sorted(services) if name.startswith("serve")]


def test_its_settings_are_settings_and_secrets_come_as_files(services: dict[str, dict[str, Any]]) -> None:
    secret = {f"VM_MCP_{name.upper()}" for name, field in TeamSettings.model_fields.items() if "Secret" in str(field)}
    assert secret == {"VM_MCP_DATABASE_URL", "VM_MCP_DATABASE_OWNER_URL", "VM_MCP_RECORDINGS_KEY"}
    for name, service in services.items():
        given = {key for key in service.get("environment", {}) if key.startswith("VM_MCP_") and name != "proxy"}
        assert {key.removesuffix("_FILE") for key in given} <= KNOWN, name
        assert not given & secret, name
        for key in given:
            if key.endswith("_FILE"):
                assert service["environment"][key].removeprefix("/run/secrets/") in service["secrets"], (name, key)
    with_owner = {name for name, service in services.items() if "database_owner_url" in service.get("secrets", ())}
    assert with_owner == {"postgres", "setup"}


def parses(command: list[str]) -> bool:
    try:
        build_parser().parse_args(command)
    except SystemExit:
        return False
    return True


def test_each_command_is_one_of_the_program(services: dict[str, dict[str, Any]]) -> None:
    commands = {name: service["command"] for name, service in services.items() if "build" in service}
    assert commands.keys() == {"setup", "serve-1", "serve-2", "work", "speech"}
    assert {command[0] for command in commands.values()} == {"vm-mcp"}
    assert [name for name, command in commands.items() if not parses(command[1:])] == []
    queues = {name: command[command.index("--queues") + 1] for name, command in commands.items() if "worker" in command}
    assert queues == {"work": "poll,fetch", "speech": "speech"}


def test_the_example_of_an_accounts_file_is_one(tmp_path: Path) -> None:
    text = (DEPLOY / "accounts.example.toml").read_text(encoding="utf-8")
    for name in tomllib.loads(text)["accounts"]:
        key = tmp_path / name
        key.write_text(f"K-of-{name}")
        key.chmod(0o600)
    accounts = tmp_path / "accounts.toml"
    accounts.write_text(text.replace("/run/accounts", tmp_path.as_posix()), encoding="utf-8")

    loaded = load_accounts(accounts, load_settings())

    assert [*loaded] == ["klinik", "otel"]
    assert loaded["klinik"].access[1].extensions == ("101", "102")
    assert loaded["otel"].transcribe == "never"


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.stem)
def test_a_unit_starts_a_command_of_the_program_again_whenever_it_ends(unit: Path) -> None:
    lines = [line.partition("=")[::2] for line in unit.read_text(encoding="utf-8").splitlines() if "=" in line]
    said = {key: value for key, value in lines if not key.startswith("#")}
    program, *command = shlex.split(said["ExecStart"])
    assert program == "/opt/vm-mcp/bin/vm-mcp"
    assert parses(command)
    assert (said["Restart"], said["User"], said["StartLimitIntervalSec"]) == ("always", "vm-mcp", "0")
    assert int(said["TimeoutStopSec"]) >= 30


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.stem)
@pytest.mark.skipif(not SYSTEMD, reason="systemd-analyze is not installed")
def test_systemd_understands_a_unit_and_finds_it_confined(unit: Path, tmp_path: Path) -> None:
    installed = tmp_path / unit.name
    text = unit.read_text(encoding="utf-8").replace("/opt/vm-mcp/bin/vm-mcp", sys.executable)
    installed.write_text(text, encoding="utf-8")
    verified = subprocess.run([str(SYSTEMD), "verify", installed], capture_output=True, text=True)
    assert (verified.returncode, verified.stderr) == (0, "")
    rated = subprocess.run(
        [str(SYSTEMD), "security", "--offline=true", "--threshold=20", installed], capture_output=True, text=True
    )
    assert rated.returncode == 0, rated.stdout + rated.stderr


def test_the_example_of_a_units_environment_has_settings_alone() -> None:
    lines = (DEPLOY / "team.env.example").read_text(encoding="utf-8").splitlines()
    names = {line.partition("=")[0] for line in lines if not line.startswith("#")}
    assert names <= KNOWN
    assert {"VM_MCP_ACCOUNTS", "VM_MCP_DATABASE_URL", "VM_MCP_RECORDINGS_KEY"} <= names


@needs_sh
def test_a_secret_in_a_file_becomes_a_setting_of_the_program(tmp_path: Path) -> None:
    secret = tmp_path / "url"
    secret.write_text("postgresql://a:b$c'd \"e@host/x?sslmode=verify-full&y=1\n")
    shown = "import os, json; print(json.dumps({k: v for k, v in os.environ.items() if k.startswith('VM_MCP_')}))"
    done = subprocess.run(
        [SH, DEPLOY / "entrypoint.sh", sys.executable, "-c", shown],
        env={"PATH": os.environ["PATH"], "VM_MCP_DATABASE_URL_FILE": str(secret), "VM_MCP_LOG_LEVEL": "INFO"},
        capture_output=True,
        text=True,
    )
    expected = {"VM_MCP_DATABASE_URL": secret.read_text().strip(), "VM_MCP_LOG_LEVEL": "INFO"}
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == expected


@needs_sh
def test_a_secret_that_is_missing_ends_the_container_with_its_name(tmp_path: Path) -> None:
    done = subprocess.run(
        [SH, DEPLOY / "entrypoint.sh", "true"],
        env={"PATH": os.environ["PATH"], "VM_MCP_RECORDINGS_KEY_FILE": str(tmp_path / "absent")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 78
    assert "VM_MCP_RECORDINGS_KEY_FILE" in done.stderr


@needs_sh
@pytest.mark.skipif(not OPENSSL, reason="openssl is not installed")
def test_the_secrets_are_made_once_and_fit_together(tmp_path: Path, compose: dict[str, Any]) -> None:
    def make() -> dict[str, str]:
        done = subprocess.run(
            [SH, DEPLOY / "make-secrets", "db.team.lan"], cwd=tmp_path, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir() if path.is_file()}

    made = make()

    assert make() == made
    assert made.keys() == compose["secrets"].keys()
    for name, role in {"database_url": "vm_mcp_app", "database_owner_url": "vm_mcp_owner"}.items():
        assert re.fullmatch(
            rf"postgresql://{role}:[0-9a-f]{{64}}@db\.team\.lan/vm_mcp\?sslmode=verify-full&\S+\n", made[name]
        )
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "secrets").iterdir() if path.is_file()}
    assert modes == {0o600}
    context = ssl.create_default_context(cafile=tmp_path / "secrets" / "database_certificate")
    [certificate] = context.get_ca_certs()
    assert certificate["subjectAltName"] == (("DNS", "db.team.lan"),)


@needs_sh
def test_a_name_that_is_no_hosts_makes_no_secrets(tmp_path: Path) -> None:
    done = subprocess.run([SH, DEPLOY / "make-secrets", "a b"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 64
    assert [*tmp_path.iterdir()] == []


def test_a_command_that_the_docs_run_in_a_container_gets_its_secrets() -> None:
    pages = "".join(
        (DEPLOY.parent / "docs" / name).read_text(encoding="utf-8") for name in ("team.md", "team-people.md")
    )
    commands = re.findall(r"^docker compose exec \w+ (.*)$", pages, re.MULTILINE)
    assert commands
    assert [command for command in commands if not command.startswith("entrypoint.sh ")] == []
