"""`InboxTool`: what a tool module declares, and how it becomes a tool of the SDK."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

from mcp.server.mcpserver.tools import Tool
from mcp_types import CallToolResult, ToolAnnotations

from vm_mcp.inbox import Inbox
from vm_mcp.server.icons import drawn_icon
from vm_mcp.server.page_app import FOR_PAGE, SHOWS_PAGE

ToolFunction = Callable[..., Awaitable[CallToolResult]]
"""Its parameters are the tool's, and its return annotation names the structured content."""


def _always(_: Inbox) -> bool:
    return True


@dataclass(frozen=True)
class InboxTool:
    """One tool: its texts, its hints, and the function behind it."""

    name: str
    title: str
    description: str
    bind: Callable[[Inbox], ToolFunction]
    """Returns the function that serves the tool from an inbox."""
    marks_read: bool
    """Whether it may mark messages as read. Such a tool is offered only where `Inbox.can_retrieve`."""
    read_only: bool
    """Whether it changes nothing that a person could see, at the PBX or here: the protocol's hint."""
    open_world: bool = True
    """Whether it asks the PBX; otherwise it answers from the archive alone."""
    fits: Callable[[Inbox], bool] = _always
    """Whether the settings and who asks leave it something to do, apart from `marks_read`."""
    icon: str = ""
    """Its icon, as an SVG path of 24 x 24 that is drawn as a line; empty: none."""
    page_part: Literal["", "shown", "helper"] = ""
    """``shown``: a host may show its result as the inbox page. ``helper``: only that page calls it, and no model."""

    def is_offered(self, inbox: Inbox) -> bool:
        """Return whether the settings allow the tool, to whoever asks."""
        return (inbox.can_retrieve or not self.marks_read) and self.fits(inbox)

    def build(self, inbox: Inbox) -> Tool:
        """Return the SDK's tool over an inbox.

        Its schemas, most of a server's cost, are the same over every inbox, and are made once.
        """
        if self not in _DECLARED:
            _DECLARED[self] = self._declare(inbox)
        return _DECLARED[self].model_copy(update={"fn": self.bind(inbox)})

    def _declare(self, inbox: Inbox) -> Tool:
        """Return the tool without its function, with schemas that hold no more than a model needs."""
        annotations = ToolAnnotations(
            title=self.title,
            read_only_hint=self.read_only,
            # Directories want one of these two of every tool. What is not read-only here marks messages for good, or
            # takes the place of what was noted before.
            destructive_hint=not self.read_only,
            idempotent_hint=True,
            open_world_hint=self.open_world,
        )
        tool = Tool.from_function(
            self.bind(inbox),
            name=self.name,
            title=self.title,
            description=self.description,
            annotations=annotations,
            icons=[drawn_icon(self.icon)] if self.icon else None,
            meta=_PAGE_META[self.page_part],
        )
        arguments = tool.fn_metadata.arg_model
        arguments.model_config["extra"] = "forbid"  # a misspelled argument must not look as if it had worked
        arguments.model_config["str_strip_whitespace"] = True
        arguments.model_rebuild(force=True)
        tool.parameters = without_titles(arguments.model_json_schema(by_alias=True))
        if tool.fn_metadata.output_schema:
            tool.fn_metadata.output_schema = without_titles(tool.fn_metadata.output_schema)
        return tool.model_copy(update={"fn": _unbound})  # the inbox must not live on in it


_PAGE_META: dict[str, dict[str, Any] | None] = {"": None, "shown": SHOWS_PAGE, "helper": FOR_PAGE}
_DECLARED: dict[InboxTool, Tool] = {}


async def _unbound() -> CallToolResult:
    raise NotImplementedError


def without_titles(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema without the titles that pydantic derives from names and without null defaults.

    A model pays for their tokens and learns nothing from them.
    """
    return {
        key: {name: without_titles(sub) for name, sub in value.items()}
        if key in {"properties", "$defs"}
        else without_titles(value)
        if isinstance(value, dict)
        else value
        for key, value in schema.items()
        if key != "title" and (key, value) != ("default", None)
    }
