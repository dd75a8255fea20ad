"""What a tool of the inbox is made of, and how it becomes one of the SDK's."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from mcp.server.mcpserver.tools import Tool
from mcp_types import CallToolResult, ToolAnnotations

from vm_mcp.inbox import Inbox

ToolFunction = Callable[..., Awaitable[CallToolResult]]
"""Its name is the tool's, its parameters are the tool's arguments, and its annotation names the structured answer."""


def _always(_: Inbox) -> bool:
    return True


@dataclass(frozen=True)
class InboxTool:
    """One tool: its words, its hints, and the function behind it."""

    title: str
    description: str
    bind: Callable[[Inbox], ToolFunction]
    """Returns the function that serves the tool from an inbox."""
    read_only: bool
    """It marks nothing as read. A tool that does is never offered where READ_ONLY is set."""
    open_world: bool = True
    """It asks the PBX. False: it answers from the archive alone."""
    fits: Callable[[Inbox], bool] = _always
    """Whether the settings leave it something to do, READ_ONLY aside."""

    def is_offered(self, inbox: Inbox) -> bool:
        """Return whether the settings allow the tool."""
        return (self.read_only or inbox.can_retrieve) and self.fits(inbox)

    def build(self, inbox: Inbox) -> Tool:
        """Return the SDK's tool, with schemas that hold no more than a model needs."""
        annotations = ToolAnnotations(
            title=self.title,
            read_only_hint=self.read_only,
            destructive_hint=False,
            idempotent_hint=True,
            open_world_hint=self.open_world,
        )
        tool = Tool.from_function(
            self.bind(inbox), title=self.title, description=self.description, annotations=annotations
        )
        arguments = tool.fn_metadata.arg_model
        arguments.model_config["extra"] = "forbid"  # a misspelled argument must not look as if it had worked
        arguments.model_config["str_strip_whitespace"] = True
        arguments.model_rebuild(force=True)
        tool.parameters = without_titles(arguments.model_json_schema(by_alias=True))
        if tool.fn_metadata.output_schema:
            tool.fn_metadata.output_schema = without_titles(tool.fn_metadata.output_schema)
        return tool


def without_titles(schema: dict[str, Any]) -> dict[str, Any]:
    """Drop titles that pydantic derives from names, and null defaults: a model pays for each, and learns nothing."""
    return {
        key: {name: without_titles(sub) for name, sub in value.items()}
        if key in {"properties", "$defs"}
        else without_titles(value)
        if isinstance(value, dict)
        else value
        for key, value in schema.items()
        if key != "title" and (key, value) != ("default", None)
    }
