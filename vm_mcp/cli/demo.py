"""``vm-mcp demo``: list, fetch and transcribe on a simulated PBX, through a real MCP client, as a host does."""

import re
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import anyio
from mcp import Client, StdioServerParameters
from mcp.shared.dispatcher import ProgressFnT
from mcp_types import CallToolResult, TextContent, Tool
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from vm_mcp.cli.console import tolerate_encoding
from vm_mcp.cli.exit_status import ExitStatus
from vm_mcp.cli.spoken_language import language_in_use, spoken
from vm_mcp.config import Settings, load_settings
from vm_mcp.dates import dated
from vm_mcp.errors import VmError
from vm_mcp.models import NO_WORDS
from vm_mcp.wording import Words, joined, words

Row = dict[str, Any]

_NEXT_STEPS = (
    ("vm-mcp login", words("asks for your API key, and keeps it in the keyring")),
    ("vm-mcp install claude-desktop", words("or claude-code, cursor, vscode")),
    ("vm-mcp doctor", words("looks at everything, and says what to do")),
)
_WHAT_WAS_SHOWN = words(
    "Transcribed on this computer by the model `base`; by default `small` is used (480 MB, downloaded once), which "
    "errs less. The messages now count as read. One caller's name is an attack on the assistant, planted here to show "
    "that it stays a name."
)
_WHAT_IS_NEXT = words(
    "To use it with your own phone system, install vm-mcp as the README says, if it is not yet, then:"
)


def run_demo(base_url: str, api_key: str, settings: Settings, *, opens_page: bool = False) -> int:
    """Run the demo against a PBX, and print it with the next steps.

    Args:
        base_url: The PBX's.
        api_key: The PBX's.
        settings: The user's, for where models are kept.
        opens_page: Whether to go on with the inbox page, in the browser.

    Returns:
        The exit status.

    Raises:
        VmError: A step failed; the text is the tool's own.
    """
    tolerate_encoding(sys.stdout)
    console = Console()
    with _archive_dir() as archive_dir:
        anyio.run(_show, _server(base_url, api_key, settings, archive_dir), console)
        _print_next_steps(console)
        if opens_page:
            _open_page(base_url, api_key, archive_dir)
    return ExitStatus.DONE


def show_voicemail(base_url: str, api_key: str, settings: Settings, console: Console) -> None:
    """Run the demo against a PBX, and print each step and what was said.

    Raises:
        VmError: A step failed; the text is the tool's own.
    """
    with _archive_dir() as archive_dir:
        anyio.run(_show, _server(base_url, api_key, settings, archive_dir), console)


def _archive_dir() -> tempfile.TemporaryDirectory[str]:
    """Return a folder for the archive: every simulated PBX has an address of its own, so nothing reads it again."""
    return tempfile.TemporaryDirectory(prefix="vm-mcp-", ignore_cleanup_errors=True)


def _open_page(base_url: str, api_key: str, archive_dir: str) -> None:
    from vm_mcp.cli.open_command import open_page

    # As in `_server`, the user's settings must not change the demo.
    demo = {"read_only": False, "retention_days": 0, "mask": (), "account": "", "timezone": "Europe/Istanbul"}
    open_page(load_settings({"base_url": base_url, "api_key": api_key, "archive_dir": archive_dir} | demo))


def _server(base_url: str, api_key: str, settings: Settings, archive_dir: str) -> StdioServerParameters:
    return StdioServerParameters(
        command=sys.executable,
        # An empty variable counts as unset, so only a flag takes back an address that the settings file holds.
        args=["-m", "vm_mcp", "--remote-url", "", "--account", ""],
        env={
            "VM_MCP_BASE_URL": base_url,
            "VM_MCP_API_KEY": api_key,
            "VM_MCP_MODEL": "base",
            # The user's settings are for a real account, and must not change the demo.
            "VM_MCP_ENGINE": "auto",
            "VM_MCP_LANGUAGES": "tr,en",
            "VM_MCP_LANG": language_in_use(),
            "VM_MCP_READ_ONLY": "false",
            "VM_MCP_RETENTION_DAYS": "0",
            "VM_MCP_DATA_DIR": str(settings.data_dir),
            "VM_MCP_ARCHIVE_DIR": archive_dir,
        },
    )


async def _show(server: StdioServerParameters, console: Console) -> None:
    started = time.monotonic()
    about = spoken(words("a simulated PBX, and vm-mcp started as Claude Desktop would start it."))
    console.print(f"[bold]vm-mcp demo[/]: {about}\n")
    failure: VmError | None = None
    async with Client(server) as client:
        try:
            unread, said = await _walk_through(client, console, started)
        except VmError as error:
            failure = error  # raised in here, it would come out wrapped in the client's exception groups
    if failure:
        raise failure
    console.print(_table(unread, said))


def _print_next_steps(console: Console) -> None:
    console.print("", spoken(_WHAT_WAS_SHOWN), sep="\n")
    console.print("", spoken(_WHAT_IS_NEXT), "", sep="\n")
    for command, purpose in _NEXT_STEPS:
        console.print(f"  {command:30} {spoken(purpose)}", markup=False, highlight=False, soft_wrap=True)


def _is_for_page(tool: Tool) -> bool:
    return ((tool.meta or {}).get("ui") or {}).get("visibility") == ["app"]


async def _walk_through(client: Client, console: Console, started: float) -> tuple[list[Row], dict[str, Row]]:
    tools = [tool.name for tool in (await client.list_tools()).tools if not _is_for_page(tool)]
    _step(console, started, words("{tools}: connected over stdio", tools=", ".join(tools)))
    unread = await _list_unread(client)
    _step(console, started, words("list_voicemails: {count} unread messages", count=len(unread)))
    link = await _call(client, "get_recording", {"uuid": unread[0]["uuid"], "delivery": "link"})
    until = words("get_recording: a link to the newest, good until {time}", time=_when(link["expires_at"]))
    _step(console, started, until)
    said = await _transcribe(client, [row["uuid"] for row in unread], console)
    _step(console, started, words("transcribe_voicemails: {counts}\n", counts=_counts(said.values())))
    return unread, said


async def _list_unread(client: Client) -> list[Row]:
    page = await _call(client, "list_voicemails", {"status": "unread", "limit": 20})
    return list(page["voicemails"])


async def _transcribe(client: Client, uuids: Sequence[str], console: Console) -> dict[str, Row]:
    """Call the tool until nothing is pending; the server's own progress notifications move the bar."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(spoken("Transcribing"), total=len(uuids))

        async def on_progress(progress: float, total: float | None, message: str | None) -> None:  # noqa: ARG001 - the names are the protocol's
            bar.update(task, completed=progress)

        while True:
            answer = await _call(client, "transcribe_voicemails", {"uuids": list(uuids)}, on_progress)
            entries: dict[str, Row] = {entry["uuid"]: entry for entry in answer["transcriptions"]}
            if not any(entry["status"] == "pending" for entry in entries.values()):
                return entries


async def _call(
    client: Client, tool: str, arguments: dict[str, Any], on_progress: ProgressFnT | None = None
) -> dict[str, Any]:
    result = await client.call_tool(tool, arguments, progress_callback=on_progress)
    if result.is_error or result.structured_content is None:
        raise VmError("{tool}: {text}", tool=tool, text=_text(result))
    return dict(result.structured_content)


def _text(result: CallToolResult) -> str:
    return " ".join(block.text for block in result.content if isinstance(block, TextContent))


def _step(console: Console, started: float, text: str) -> None:
    elapsed = words("{seconds:5.1f} s", seconds=time.monotonic() - started)
    console.print(Text.assemble((f"{spoken(elapsed)}  ", "dim"), spoken(text)))


_STATUSES = {str(status): status for status in map(words, ("done", "no_speech", "failed"))}


def _counts(entries: Iterable[Row]) -> Words:
    statuses = [entry["status"] for entry in entries]
    return joined(
        ", ",
        (
            words("{count} {status}", count=statuses.count(status), status=_STATUSES[status])
            for status in dict.fromkeys(statuses)
        ),
    )


def _table(messages: Sequence[Row], said: Mapping[str, Row]) -> Table:
    table = Table(title=spoken("Unread voicemail"), title_justify="left", show_lines=True)
    columns = (words("When"), words("Caller"), words("For"), words("Length"), words("What was said"))
    for name, width in zip(columns, (12, 16, 6, 8, None), strict=True):
        table.add_column(spoken(name), width=width)
    for message in messages:
        table.add_row(*_cells(message, said[message["uuid"]]))
    return table


def _when(written: str) -> Words:
    """Return a time that the server wrote for a model, ``Fri 27 Nov 09:16``, for a person."""
    parts = re.fullmatch(r"(\w{3}) (\d+) (\w{3})( \d{4})?( [\d:]+)?", written)
    if not parts:
        return words(written)
    weekday, day, month, year, clock = (part or "" for part in parts.groups())
    return dated(words(weekday), int(day), words(month), year, clock)


def _cells(message: Row, entry: Row) -> list[Text]:
    caller = [message.get("caller_id_name", ""), message.get("caller_id_number", "") or spoken("number hidden")]
    said = entry.get("text", "") or entry.get("note", "") or entry.get("error", "")
    no_words = spoken(NO_WORDS) if entry["status"] == "no_speech" else ""
    return [
        Text(spoken(_when(message.get("received_at", "?")))),
        Text("\n".join(part for part in caller if part)),
        Text(message.get("extension", "")),
        Text(spoken(words("{count} s", count=message["duration_seconds"])) if "duration_seconds" in message else "?"),
        Text(said or no_words, style="" if entry["status"] == "done" else "dim"),
    ]
