"""``vm-mcp database``: set up a team's PostgreSQL, and make the key for recordings."""

import argparse
import asyncio

from vm_mcp.cli import console
from vm_mcp.cli.command_arguments import Commands, add_command
from vm_mcp.cli.exit_status import ExitStatus
from vm_mcp.cli.team_commands import database_url, quiet_logging, team_settings
from vm_mcp.errors import ConfigError
from vm_mcp.text import counted
from vm_mcp.wording import words


def add_to(commands: Commands) -> None:
    """Add the commands."""
    database = add_command(commands, "database", "set up a team's PostgreSQL")
    actions = database.add_subparsers(title="actions", metavar="ACTION", required=True)
    setup = add_command(
        actions,
        "setup",
        "create or update the tables, and grant the program's role what it needs",
        "Create or update the tables as the owner in VM_MCP_DATABASE_OWNER_URL, and grant the role in "
        "VM_MCP_DATABASE_URL what the program needs. Run it at the start and after every update; any number may run it "
        "at once.",
    )
    setup.set_defaults(command=_set_up)
    key = add_command(
        actions,
        "key",
        "print a new key for VM_MCP_RECORDINGS_KEY",
        "Print a new key for VM_MCP_RECORDINGS_KEY, with which recordings are encrypted between the machine that "
        "retrieves them and the one that transcribes them. All machines of a team need the same.",
    )
    key.set_defaults(command=_print_key)


def _set_up(_: argparse.Namespace) -> int:
    team = team_settings()
    url = database_url(team)
    if not team.database_owner_url:
        raise ConfigError("Set VM_MCP_DATABASE_OWNER_URL to the database's address with the role that owns its tables.")
    quiet_logging()
    from vm_mcp.team.work_schema import set_up_team

    taken = asyncio.run(set_up_team(team.database_owner_url, url))
    console.say(
        words("The database is ready: {steps} taken.", steps=counted(len(taken), "step"))
        if taken
        else words("The database is ready.")
    )
    return ExitStatus.DONE


def _print_key(_: argparse.Namespace) -> int:
    team_settings()
    from vm_mcp.team.held_recordings import new_key

    console.write(f"{new_key()}\n")
    return ExitStatus.DONE
