"""Make every tool call that the plugin's skills name, and look for what they say to look at.

    uv run python scripts/walk_skills.py

vm-mcp runs as the plugin starts it, over the demo's simulated phone system: once with all tools, and once without those
that mark messages as read, which leaves others in their place. The model `base` transcribes, which takes a minute.
"""

import json
import re
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import anyio
from mcp import Client, StdioServerParameters
from mcp_types import CallToolResult, TextContent, Tool

SKILLS = Path(__file__).resolve().parent.parent / "plugin" / "skills"
TRIES = 12
"""Calls at most until nothing is pending any more."""
CALL = re.compile(r"`(?P<tool>[a-z]+(?:_[a-z]+)+)`[^`]*`(?P<arguments>\{[^`]*\})`")


class Call(NamedTuple):
    """A call that a skill names."""

    skill: str
    step: int
    tool: str
    arguments: str
    """JSON, in which ``UUID`` stands for a message listed before."""
    words: tuple[str, ...]
    """What the step names after it, in backticks: fields and values to look at, or to pass on."""


class Walked(NamedTuple):
    """A call that was made."""

    call: Call
    tries: int
    unseen: tuple[str, ...]
    """Words of it that the tool can return, but did not."""


class SkillError(Exception):
    """A skill names what is not there, or a call that fails."""


def calls(page: Path) -> Iterator[Call]:
    """Yield the calls of a skill's steps, its first section, in order."""
    section = page.read_text(encoding="utf-8").split("\n## ")[1]
    for number, step in enumerate(re.findall(r"^\d\. (.*(?:\n   .*)*)", section, re.MULTILINE), 1):
        found = list(CALL.finditer(step))
        ends = [*(match.start() for match in found[1:]), len(step)]
        for match, end in zip(found, ends, strict=False):  # a step without a call has one end too
            words = re.findall(r"`([a-z_]+)`", step[match.end() : end])
            yield Call(page.parent.name, number, match["tool"], match["arguments"], tuple(dict.fromkeys(words)))


async def walk(client: Client, skill: Sequence[Call]) -> AsyncIterator[Walked]:
    """Make a skill's calls, leaving out tools that the server does not offer.

    Raises:
        SkillError: A call fails, or a word is nothing that its tool takes or returns.
    """
    tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    uuid = ""
    for call in skill:
        if call.tool not in tools:
            continue
        if unknown := [word for word in call.words if word not in _known(tools[call.tool]) | tools.keys()]:
            raise SkillError(f"{call.skill}, step {call.step}: {call.tool} knows nothing of {', '.join(unknown)}")
        arguments = json.loads(call.arguments.replace("UUID", uuid))
        tries, answers = await _answers(client, call, arguments)
        uuid = uuid or next((value for name, value in answers if name == "uuid" and value), "")
        seen = {word for field in answers for word in field}
        yield Walked(call, tries, tuple(word for word in call.words if word not in seen))


async def _answers(client: Client, call: Call, arguments: dict[str, Any]) -> tuple[int, list[tuple[str, str]]]:
    """Call until nothing is pending; return how often, and the names and values of all fields of the answers."""
    fields: list[tuple[str, str]] = []
    for tries in range(1, TRIES + 1):
        result = await client.call_tool(call.tool, arguments)
        if result.is_error or result.structured_content is None:
            raise SkillError(f"{call.skill}, step {call.step}: {call.tool} {arguments}: {_text(result)}")
        latest = list(_fields(result.structured_content))
        fields += latest
        if ("status", "pending") not in latest:
            return tries, fields
    raise SkillError(f"{call.skill}, step {call.step}: still pending after {TRIES} calls")


def _text(result: CallToolResult) -> str:
    return " ".join(block.text for block in result.content if isinstance(block, TextContent))


def _fields(value: object, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield each field's name and value; of one that holds others its name, and those."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield key, ""
            yield from _fields(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from _fields(inner, name)
    else:
        yield name, str(value)


def _known(tool: Tool) -> set[str]:
    """Return the names and values in a tool's schemas."""
    return {word for schema in (tool.input_schema, tool.output_schema or {}) for word in _words(schema)}


def _words(schema: object) -> Iterator[str]:
    if isinstance(schema, Mapping):
        yield from schema.get("properties", {})
        yield from (str(value) for value in schema.get("enum", ()))
        yield str(schema.get("const", ""))
        for inner in schema.values():
            yield from _words(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from _words(inner)


async def walk_all(folder: str) -> None:
    """Walk through each skill over two servers of the demo, and print each call."""
    pages = sorted(SKILLS.glob("*/SKILL.md"))
    for setting, page in product(("false", "true"), pages):
        program = [sys.executable, "-P", "-m", "vm_mcp", "serve", "--demo", "--data-dir", folder, "--model", "base"]
        server = StdioServerParameters(command=program[0], args=program[1:], env={"VM_MCP_READ_ONLY": setting})
        async with Client(server) as client:
            async for walked in walk(client, tuple(calls(page))):
                _show(walked)


def _show(walked: Walked) -> None:
    skill, step, tool, arguments, _ = walked.call
    unseen = f"; not met here: {', '.join(walked.unseen)}" if walked.unseen else ""
    times = f", {walked.tries} calls" if walked.tries > 1 else ""
    print(f"{skill} {step}. {tool} {arguments}{times}{unseen}")  # noqa: T201 - its output


def main() -> None:
    """Walk through every skill."""
    with TemporaryDirectory(prefix="vm-mcp-", ignore_cleanup_errors=True) as folder:
        anyio.run(walk_all, folder)


if __name__ == "__main__":
    main()
