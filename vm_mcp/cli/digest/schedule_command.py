"""``vm-mcp digest --schedule``, ``--install`` and ``--uninstall``."""

import argparse
import os
from datetime import UTC, datetime
from pathlib import Path

from vm_mcp.cli import console
from vm_mcp.cli.asking import is_confirmed
from vm_mcp.cli.command_arguments import flags_of
from vm_mcp.cli.digest.digest_mail import open_outbox
from vm_mcp.cli.digest.schedule_entries import DailyRun, parse_time
from vm_mcp.cli.digest.schedulers import Scheduler, scheduler_of
from vm_mcp.cli.exit_status import ExitStatus
from vm_mcp.cli.hosts.host_entries import program
from vm_mcp.cli.setting_sources import is_key_in_file, setting_sources
from vm_mcp.cli.spoken_language import language_in_use
from vm_mcp.config import Settings
from vm_mcp.config.mail_reading import load_mail_settings
from vm_mcp.errors import InputError
from vm_mcp.inbox import ListRequest
from vm_mcp.operating_system import this_system
from vm_mcp.wording import Words, words


def run_schedule(arguments: argparse.Namespace, settings: Settings) -> int:
    """Print, install or remove the entry that runs a digest every day.

    Args:
        arguments: Of the command.
        settings: Of the command.

    Returns:
        The exit status.

    Raises:
        InputError: The arguments contradict each other.
        VmError: The mail server's settings are unusable, or the scheduler refuses.
    """
    used = scheduler_of(this_system())
    name = f"digest-{settings.account}" if settings.account else "digest"
    if arguments.uninstall:
        return _uninstall(arguments, used, name)
    if not arguments.schedule:
        raise InputError("--install needs a time: add --schedule 08:30.")
    if not (arguments.to or arguments.out):
        raise InputError("Nobody would see it: add --to or --out to --schedule.")
    # What is wrong or missing is better said now than to nobody in the morning.
    ListRequest(since=arguments.since, extension=arguments.extension).as_query(datetime.now(UTC), settings.zone)
    if arguments.to:
        open_outbox(arguments.to)
    run = DailyRun(name, parse_time(arguments.schedule), [*program(), *digest_words(arguments)])
    if not arguments.install:
        console.write(used.entry(run))
        _warn(settings, arguments)
        return ExitStatus.DONE
    return _install(arguments, used, run, settings)


def digest_words(arguments: argparse.Namespace) -> list[str]:
    """Return the command line of a digest as it was given, without what schedules it, and with the language in use."""
    given = {
        "--format": arguments.format,
        "--out": arguments.out and str(arguments.out.absolute()),
        "--since": arguments.since,
        "--extension": arguments.extension,
        "--lang": language_in_use(),  # a scheduler's environment names none
    }
    settings = {
        f"--{name.replace('_', '-')}": _from_anywhere(name, value)
        for name, value in flags_of(arguments).items()
        if name != "lang"
    }
    switches = {"--only-if-open": arguments.only_if_open, "--transcribe": arguments.transcribe}
    switches |= {name: value for name, value in settings.items() if isinstance(value, bool)}
    valued = given | {name: value for name, value in settings.items() if not isinstance(value, bool)}
    return [
        "digest",
        *(f"--to={address}" for address in arguments.to),
        *(f"{name}={value}" for name, value in valued.items() if value),
        *(name for name, is_on in switches.items() if is_on),
    ]


def _from_anywhere(name: str, value: object) -> object:
    """Return a setting that means the same in a scheduler's working directory."""
    is_path = "Path" in str(Settings.model_fields[name].annotation)
    return str(Path(str(value)).absolute()) if is_path and value else value


def _install(arguments: argparse.Namespace, scheduler: Scheduler, run: DailyRun, settings: Settings) -> int:
    console.say("{entry}", entry=scheduler.entry(run).rstrip("\n"))
    _warn(settings, arguments)
    if not (arguments.yes or is_confirmed(words("Install this with {scheduler}? [y/N] ", scheduler=scheduler.name))):
        console.say("Nothing was installed.")
        return ExitStatus.NOT_CONFIRMED
    scheduler.install(run)
    console.tell(
        "Installed with {scheduler}: every day at {time}. To remove it: vm-mcp digest --uninstall",
        scheduler=scheduler.name,
        time=f"{run.at:%H:%M}",
    )
    return ExitStatus.DONE


def _uninstall(arguments: argparse.Namespace, scheduler: Scheduler, name: str) -> int:
    question = words("Remove the daily digest from {scheduler}? [y/N] ", scheduler=scheduler.name)
    if not (arguments.yes or is_confirmed(question)):
        console.say("Nothing was removed.")
        return ExitStatus.NOT_CONFIRMED
    if scheduler.remove(name):
        console.tell("The daily digest was removed from {scheduler}.", scheduler=scheduler.name)
    else:
        console.tell("No daily digest is installed with {scheduler}.", scheduler=scheduler.name)
    return ExitStatus.DONE


def _warn(settings: Settings, arguments: argparse.Namespace) -> None:
    """Say what the scheduled run would not find: it has neither this environment nor, under cron, the keyring."""
    for warning in filter(None, (_variables(arguments), _keyring(settings, arguments))):
        console.say(warning)


def _variables(arguments: argparse.Namespace) -> Words | None:
    given = flags_of(arguments)
    of_mail = {name for name in os.environ if name.startswith("VM_MCP_SMTP_")}
    mine = {f"VM_MCP_{name.upper()}" for name, place in setting_sources(given).items() if place == "environment"}
    names = sorted(mine | of_mail)
    if not names:
        return None
    return words(
        "Set in your environment alone, which a scheduled run doesn't have: {names}. Put them into the settings file.",
        names=", ".join(names),
    )


def _keyring(settings: Settings, arguments: argparse.Namespace) -> Words | None:
    is_key_known = settings.api_key or is_key_in_file(settings)
    if this_system().platform in {"win32", "darwin"} or (is_key_known and not _is_mail_password_in_keyring(arguments)):
        return None
    return words(
        "cron can't open a desktop's keyring. Keep the key in the settings file: vm-mcp login --file; the same with "
        "--smtp for the mail password."
    )


def _is_mail_password_in_keyring(arguments: argparse.Namespace) -> bool:
    mail = load_mail_settings() if arguments.to else None
    return mail is not None and bool(mail.user) and not mail.password
