"""What is said about Pythons and machines says the same everywhere; `scripts/platforms.py` shows that it is true."""

import json
import runpy
import tomllib
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parent.parent
PLATFORMS = runpy.run_path(str(ROOT / "scripts" / "platforms.py"))
PYTHONS = PLATFORMS["PYTHONS"]
FITTING_INTEL_MACS = [python for python in PYTHONS if ("x86_64-apple-darwin", python) not in PLATFORMS["BLOCKED"]]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_a_python_is_let_in_if_there_are_wheels_for_it_and_is_named_as_such() -> None:
    project = PYPROJECT["project"]
    let_in = SpecifierSet(project["requires-python"])
    assert tuple(f"3.{minor}" for minor in range(30) if f"3.{minor}.5" in let_in) == PYTHONS
    classifiers = [text.rpartition(" :: ")[2] for text in project["classifiers"] if ":: Python ::" in text]
    assert tuple(classifiers) == PYTHONS
    assert PYPROJECT["tool"]["ruff"]["target-version"] == "py" + PYTHONS[0].replace(".", "")


def test_the_bundle_lets_the_same_pythons_in_and_fetches_one_for_every_mac() -> None:
    manifest = json.loads((ROOT / "bundle" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["compatibility"]["runtimes"]["python"] == PYPROJECT["project"]["requires-python"]
    command = manifest["server"]["mcp_config"]["args"]
    fetched = SpecifierSet(command[command.index("--python") + 1])
    assert [python for python in PYTHONS if python in fetched] == FITTING_INTEL_MACS


def test_a_clone_is_locked_for_every_intel_mac_that_there_are_wheels_for() -> None:
    (required,) = PYPROJECT["tool"]["uv"]["required-environments"]
    mac = {"sys_platform": "darwin", "platform_machine": "x86_64"}
    assert [python for python in PYTHONS if Marker(required).evaluate({**mac, "python_version": python})] == (
        FITTING_INTEL_MACS
    )


@pytest.mark.parametrize(("name", "joint"), [("README.md", " to "), ("README.tr.md", " ile ")])
def test_both_readmes_say_which_python_to_use(name: str, joint: str) -> None:
    page = (ROOT / name).read_text(encoding="utf-8")
    assert f"Python {PYTHONS[0]}{joint}{PYTHONS[-1]}" in page
    assert f"Python {FITTING_INTEL_MACS[0]}{joint}{FITTING_INTEL_MACS[-1]}" in page
    assert f"`--python {FITTING_INTEL_MACS[-1]}`" in page
    assert "macOS " + PLATFORMS["MACOS"].removesuffix(".0") in page


@pytest.mark.parametrize("name", ["README.md", "README.tr.md"])
def test_both_readmes_have_the_table_of_machines_that_the_script_writes(name: str) -> None:
    page = (ROOT / name).read_text(encoding="utf-8")
    assert PLATFORMS["with_table"](name) == page, "Run: uv run python scripts/platforms.py --write"
    rows = [line for line in PLATFORMS["readme_table"](name).splitlines() if "Python" not in line and "---" not in line]
    assert len(rows) == len(PLATFORMS["PLATFORMS"])
    assert all(len(row.split("|")) == 3 + len(PYTHONS) for row in rows)


def test_the_gate_checks_types_for_the_systems_that_it_does_not_run_on() -> None:
    gate = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    for platform in ("win32", "darwin"):
        assert platform in gate


def test_the_gate_looks_for_wheels_on_every_machine() -> None:
    assert "scripts/platforms.py" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
