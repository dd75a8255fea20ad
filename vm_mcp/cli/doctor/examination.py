"""All checks, each after those that it depends on."""

import platform
import sys
from collections.abc import Mapping
from typing import Any

import vm_mcp
from vm_mcp.cli.doctor import check_hosts, check_pbx, check_speech, check_storage
from vm_mcp.cli.doctor.check_settings import check_settings
from vm_mcp.cli.doctor.checks import Check, Checks, failed, noted, passed
from vm_mcp.cli.hosts import Machine
from vm_mcp.config import load_settings
from vm_mcp.errors import ConfigError
from vm_mcp.wording import words


async def examine(flags: Mapping[str, Any], machine: Machine) -> Checks:
    """Run all checks; marks no message as read, and downloads nothing.

    Args:
        flags: Settings from the command line.
        machine: Where hosts keep their files.

    Yields:
        Each check as soon as it is done; all of them within about half a minute.
    """
    yield _check_python()
    try:
        settings = load_settings(flags)
    except ConfigError as error:
        yield failed("Settings", error.words)
        yield noted("Rest", "not checked, since it depends on the settings")
    else:
        for check in check_settings(settings, flags):
            yield check
        async for check in check_pbx.check_account(settings):
            yield check
        async for check in check_storage.check_storage(settings):
            yield check
        async for check in check_speech.check_speech(settings):
            yield check
    for check in check_hosts.check_hosts(machine):
        yield check


def _check_python() -> Check:
    implementation = words(
        "{python} {version} on {system}",
        python=platform.python_implementation(),
        version=platform.python_version(),
        system=platform.system(),
    )
    return passed(
        "Python",
        words(
            "{implementation}, {executable}; vm-mcp {version}",
            implementation=implementation,
            executable=sys.executable,
            version=vm_mcp.__version__,
        ),
    )
