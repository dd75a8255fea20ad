"""``vm-mcp open``: the inbox page, in the browser of this computer."""

import argparse
import threading
from typing import TYPE_CHECKING

from vm_mcp.cli import console
from vm_mcp.cli.command_arguments import Commands, add_command, add_settings, number, settings_of
from vm_mcp.cli.exit_status import ExitStatus
from vm_mcp.net.listening import ListenAddress
from vm_mcp.wording import words

if TYPE_CHECKING:
    from vm_mcp.config import Settings

IDLE_MINUTES = 30


def add_to(commands: Commands) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "open",
        "open the inbox in the browser, to read, play and close messages",
        "Open the inbox in the browser, to read, play and close messages. The page is served to this computer alone, "
        "and to whoever has the address printed here, which works once.",
    )
    parser.add_argument(
        "--port",
        type=number(0, 65535),
        metavar="PORT",
        default=0,
        help="port on 127.0.0.1; 0: any free one (default: 0)",
    )
    parser.add_argument(
        "--idle",
        type=number(0, 1440),
        metavar="MINUTES",
        default=IDLE_MINUTES,
        help=words("end when the page was not used for so long; 0: never (default: {minutes})", minutes=IDLE_MINUTES),
    )
    parser.add_argument("--no-browser", action="store_true", help="only print the page's address")
    add_settings(parser)
    parser.set_defaults(command=run)


def run(arguments: argparse.Namespace) -> int:
    """Serve the page until it is closed, nobody uses it any more, or Ctrl-C.

    Raises:
        VmError: The settings or the port are unusable.
    """
    open_page(
        settings_of(arguments), port=arguments.port, idle_minutes=arguments.idle, has_browser=not arguments.no_browser
    )
    return ExitStatus.DONE


def open_page(
    settings: "Settings", *, port: int = 0, idle_minutes: int = IDLE_MINUTES, has_browser: bool = True
) -> None:
    """Serve the inbox page, and open it in the browser.

    Args:
        settings: The account's.
        port: On loopback; 0: any free one.
        idle_minutes: End when the page was not used for so long; 0: never.
        has_browser: Whether to open the browser; else the address is only printed.

    Raises:
        VmError: The settings or the port are unusable.
    """
    from vm_mcp.asr import open_transcriber
    from vm_mcp.cli.logs import configure_logging
    from vm_mcp.inbox import Inbox
    from vm_mcp.server.page_server import serve_page

    configure_logging(settings)
    # The page transcribes nothing, so no engine is started for it.
    quiet = settings.model_copy(update={"engine": "none"})

    def on_ready(url: str) -> None:
        print(url, flush=True)
        console.say("The inbox page is served there, once; close it in the page, or press Ctrl-C.")
        if has_browser:
            show_in_browser(url)

    serve_page(Inbox(quiet, open_transcriber(quiet)), ListenAddress("127.0.0.1", port), 60 * idle_minutes, on_ready)


def show_in_browser(url: str) -> None:
    """Open an address in the browser, if there is one with windows: one in the terminal would take it over."""
    import webbrowser

    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return
    if type(browser) is not webbrowser.GenericBrowser:
        # Some browsers return only when they are closed.
        threading.Thread(target=browser.open, args=(url,), daemon=True).start()
