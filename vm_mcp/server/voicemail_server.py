"""The server itself, and the only module that turns an error that ends a request into a text for a model."""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

import anyio
from mcp.server import MCPServer
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel.helper_types import ReadResourceContents
from mcp.server.mcpserver import Context
from mcp.server.mcpserver import server as sdk_server
from mcp.server.mcpserver.exceptions import ToolError, UnexpectedToolError
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    CallToolResult,
    Completion,
    CompletionArgument,
    CompletionContext,
    EmptyResult,
    GetPromptResult,
    InputRequiredResult,
    Prompt,
    PromptReference,
    Resource,
    ResourceTemplate,
    ResourceTemplateReference,
    ServerCapabilities,
    SubscribeRequestParams,
    TextContent,
    UnsubscribeRequestParams,
)
from pydantic import AnyUrl, ValidationError

import vm_mcp
from vm_mcp.argument_errors import wanted
from vm_mcp.errors import InputError, VmError, VoicemailNotFoundError
from vm_mcp.inbox import Inbox
from vm_mcp.server.changes import ChangeBus, ResourceSubscriptions
from vm_mcp.server.completion import Completions
from vm_mcp.server.icons import server_icons
from vm_mcp.server.instructions import instructions
from vm_mcp.server.page_app import FOR_PAGE, PAGE_URI, inbox_app
from vm_mcp.server.passed_on import in_language, passed_on
from vm_mcp.server.prompts import VoicemailPrompts
from vm_mcp.server.resources import VoicemailResources
from vm_mcp.server.stdio import serve_stdio
from vm_mcp.server.tools import PAGE_HELPERS, offered
from vm_mcp.text import clean_text
from vm_mcp.wording import Words, words

if TYPE_CHECKING:
    from mcp.server.context import ServerMiddleware
    from pydantic_core import ErrorDetails

    from vm_mcp.team.metrics import ServerMetrics

logger = logging.getLogger(__name__)


class VoicemailServer(MCPServer[None]):
    """An MCPServer with resources, prompts and completions of our own, and with errors written for the model.

    The SDK would prefix our texts, show pydantic's for bad arguments, give no reference for a bug, and in the older
    protocol send a bug's own words to the client.
    """

    def __init__(self, inbox: Inbox, **options: Any) -> None:  # noqa: ANN401 - MCPServer's own
        # What a team's colleagues change through servers of their own would never be told.
        bus = None if inbox.account.access.person else ChangeBus()
        with _logging_left_alone():
            super().__init__(subscriptions=bus or False, **options)
        self._resources = VoicemailResources(inbox)
        if bus:
            inbox.account.on_change = bus.announce
            self._serve_subscriptions(ResourceSubscriptions(bus, self._resources))
        self._prompts = VoicemailPrompts(inbox)
        self._language = language = inbox.settings.lang
        completions = Completions(inbox)

        async def complete(
            reference: PromptReference | ResourceTemplateReference,
            argument: CompletionArgument,
            _: CompletionContext | None,
        ) -> Completion:
            async with _as_protocol_error("completion", language):
                return await completions.complete(reference, argument)

        self.completion()(complete)  # type: ignore[no-untyped-call]  # the SDK's

    def _serve_subscriptions(self, subscriptions: ResourceSubscriptions) -> None:
        async def subscribe(ctx: ServerRequestContext[Any, Any], params: SubscribeRequestParams) -> EmptyResult:
            async with _as_protocol_error("subscription", self._language, uri=params.uri):
                return await subscriptions.subscribe(ctx, params)

        add = self._lowlevel_server.add_request_handler
        add("resources/subscribe", SubscribeRequestParams, subscribe)
        add("resources/unsubscribe", UnsubscribeRequestParams, subscriptions.unsubscribe)
        announced = self._lowlevel_server.get_capabilities

        def capabilities(*given: Any, **options: Any) -> ServerCapabilities:  # noqa: ANN401 - the SDK's
            found = announced(*given, **options)
            for lists in (found.tools, found.prompts):  # the SDK announces that all lists may change
                if lists:
                    lists.list_changed = False
            return found

        self._lowlevel_server.get_capabilities = capabilities  # type: ignore[method-assign]

    async def list_resources(self) -> list[Resource]:
        """List the latest messages and their transcripts, and the inbox page."""
        async with _as_protocol_error("resources", self._language):
            return [*await self._resources.listed(), *await super().list_resources()]

    async def list_resource_templates(self) -> list[ResourceTemplate]:
        """List the templates of what can be read by uuid."""
        return self._resources.templates

    async def read_resource(
        self,
        uri: AnyUrl | str,
        context: Context[None, Any] | None = None,
    ) -> Iterable[ReadResourceContents] | InputRequiredResult:
        """Read the inbox page, a message, a transcript or a recording."""
        async with _as_protocol_error("resource", self._language, uri=str(uri)):
            if str(uri) == PAGE_URI:
                return await super().read_resource(uri, context)
            return [await self._resources.read(str(uri))]

    async def list_prompts(self) -> list[Prompt]:
        """List the prompts."""
        return self._prompts.listed

    async def get_prompt(
        self,
        name: str,
        arguments: Mapping[str, Any] | None = None,
        context: Context[None, Any] | None = None,  # noqa: ARG002 - the SDK's
    ) -> GetPromptResult | InputRequiredResult:
        """Return a prompt, filled in."""
        async with _as_protocol_error("prompt", self._language):
            return self._prompts.get(name, arguments or {})

    async def run_stdio_async(self) -> None:
        """Serve over stdin and stdout, see `vm_mcp.server.stdio`."""
        await serve_stdio(self._lowlevel_server)

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[None, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        """Call a tool; every failure is a result with ``is_error`` and a text of ours."""
        # Some hosts send null for an argument that the model left out.
        passed = {argument: value for argument, value in arguments.items() if value is not None}
        try:
            return await super().call_tool(name, passed, context)
        except UnexpectedToolError as error:
            cause = error.__cause__ or error
            if name in PAGE_HELPERS:
                return _failure(await in_language(_said_of(name, cause), passed.get("language", "en")))
            return _failure(await _explain(name, cause, self._language))
        except ToolError as error:
            if isinstance(error.__cause__, ValidationError):
                return _failure(_explain_arguments(name, error.__cause__.errors(include_url=False)))
            # The SDK raises one more: there is no such tool, perhaps since the settings or a person's rights hide it.
            known = ", ".join(tool.name for tool in await self.list_tools() if tool.meta != FOR_PAGE)
            return _failure(f"Unknown tool: {clean_text(name)[:40]}. Call one of: {known}.")


def build_server(inbox: Inbox, *, metrics: "ServerMetrics | None" = None, forgets: bool = True) -> MCPServer[None]:
    """Return a server over an inbox; it closes the inbox when it stops.

    Args:
        inbox: The inbox.
        metrics: Count calls of tools, where somebody asked for them.
        forgets: Whether the server purges messages past their retention. A team's workers do it for all.
    """

    @asynccontextmanager
    async def lifespan(_: MCPServer[None]) -> AsyncIterator[None]:
        async with serving(inbox, forgets=forgets):
            yield

    tools = offered(inbox)
    return VoicemailServer(
        inbox,
        name="vm-mcp",
        title="Bulut Santral voicemail",
        description="Lists, fetches and transcribes the voicemail of a Bulut Santral account.",
        instructions=instructions(tools, inbox.account.access),
        icons=server_icons(),
        version=vm_mcp.__version__,
        tools=[tool.build(inbox) for tool in tools],
        extensions=[inbox_app()],
        lifespan=lifespan,
        middleware=_observers(metrics),
        log_level=inbox.settings.log_level,
    )


@asynccontextmanager
async def serving(inbox: Inbox, *, forgets: bool) -> AsyncIterator[None]:
    """Purge messages past their retention while the block serves an inbox, if it ``forgets``; close it at the end."""
    forgetting = asyncio.create_task(inbox.history.keep_forgetting()) if forgets else None
    try:
        yield
    finally:
        if forgetting:
            forgetting.cancel()
        with anyio.CancelScope(shield=True):  # a host that breaks off cancels whatever runs
            await inbox.aclose()


def _observers(metrics: "ServerMetrics | None") -> "list[ServerMiddleware[Any]]":
    if metrics is None:
        return []
    from vm_mcp.server.measuring import MeasuredTools

    return [MeasuredTools(metrics)]


@contextmanager
def _logging_left_alone() -> Iterator[None]:
    """Keep the SDK from configuring logging, which is configured already: it imports rich, 12 ms of every start."""
    names = vars(sdk_server)
    configure = names["configure_logging"]
    names["configure_logging"] = _configure_nothing
    try:
        yield
    finally:
        names["configure_logging"] = configure


def _configure_nothing(_level: str) -> None:
    """Replace the SDK's ``configure_logging``."""


@asynccontextmanager
async def _as_protocol_error(operation: str, language: str, **data: str) -> AsyncIterator[None]:
    """Raise any failure of the block as a protocol error with a text of ours.

    Args:
        operation: Names the failed operation in the log.
        language: The user's, see `passed_on`.
        data: What the protocol sends along with the error, such as the URI of a resource.

    Raises:
        MCPError: The block failed: invalid parameters where the client can correct them, else an internal error.
    """
    try:
        yield
    except (InputError, VoicemailNotFoundError) as error:
        protocol_error = MCPError(INVALID_PARAMS, await _explain(operation, error, language), data or None)
    except Exception as error:  # noqa: BLE001 - whatever it is, its own words stay here
        protocol_error = MCPError(INTERNAL_ERROR, await _explain(operation, error, language), data or None)
    else:
        return
    raise protocol_error


def _failure(text: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=text)], is_error=True)


async def _explain(operation: str, cause: BaseException, language: str) -> str:
    said = _said_of(operation, cause)
    return await passed_on(cause, language) if isinstance(cause, VmError) else said


def _said_of(operation: str, cause: BaseException) -> Words:
    """Log a failure, and return our words for it."""
    if isinstance(cause, VmError):
        logger.info("%s: %s", operation, cause)
        return cause.words
    reference = secrets.token_hex(4)
    logger.error("%s failed unexpectedly, reference %s", operation, reference, exc_info=cause)
    return words(
        "An internal error of vm-mcp (reference {reference}). Try again. If it persists, report it with the log.",
        reference=reference,
    )


def _explain_arguments(tool: str, errors: Sequence["ErrorDetails"]) -> str:
    problems = "; ".join(f"`{_place(item['loc'])}`: {wanted(item)}" for item in errors[:5])
    return f"{tool} can't use these arguments: {problems}. Correct them and call again."


def _place(location: Sequence[int | str]) -> str:
    """Name the argument, at most with an index into it: deeper levels would only lengthen the text."""
    return ".".join(str(part)[:40] for part in location[:2])
