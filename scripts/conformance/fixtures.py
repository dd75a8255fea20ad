"""The real server, over HTTP, with the tools, resources and prompts that the conformance suite calls beside its own.

    python scripts/conformance/fixtures.py HOST:PORT

The suite tests a server through fixtures of given names, which a server of voicemail has none of. With them it reaches
what is ours: how calls, errors, progress and subscriptions pass, and the HTTP application.
"""

import base64
import json
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import anyio
from mcp.server.lowlevel.helper_types import ReadResourceContents
from mcp.server.mcpserver import Context
from mcp.shared.exceptions import MCPError
from mcp_types import (
    MISSING_REQUIRED_CLIENT_CAPABILITY,
    AudioContent,
    CallToolResult,
    CreateMessageRequest,
    CreateMessageRequestParams,
    ElicitRequest,
    ElicitRequestFormParams,
    EmbeddedResource,
    GetPromptResult,
    ImageContent,
    InputRequiredResult,
    ListRootsRequest,
    Prompt,
    PromptArgument,
    PromptMessage,
    Resource,
    ResourceTemplate,
    SamplingMessage,
    TextContent,
    TextResourceContents,
)

from vm_mcp.asr import open_transcriber
from vm_mcp.config import load_settings
from vm_mcp.inbox import Inbox
from vm_mcp.net.listening import parse_address
from vm_mcp.server import build_server
from vm_mcp.server.http import desk_app, serve_app
from vm_mcp.simulator import Simulator

Any_ = Context[None, Any]
Answer = CallToolResult | InputRequiredResult
PIXEL = base64.b64encode(
    bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0000003010100"
        "c9fe92ef0000000049454e44ae426082"
    )
).decode()
SOUND = base64.b64encode(
    b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x40\x1f\0\0\x40\x1f\0\0\1\0\x08\0data\0\0\0\0"
).decode()
NAME = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}


def text(said: str, *, is_error: bool = False) -> CallToolResult:
    """Return an answer of one text."""
    return CallToolResult(content=[TextContent(type="text", text=said)], is_error=is_error)


def embedded(uri: str, said: str, mime_type: str = "text/plain") -> EmbeddedResource:
    """Return a resource within an answer."""
    return EmbeddedResource(type="resource", resource=TextResourceContents(uri=uri, mime_type=mime_type, text=said))


def elicit(message: str, schema: dict[str, Any] = NAME) -> ElicitRequest:
    """Return a question to the user."""
    return ElicitRequest(params=ElicitRequestFormParams(message=message, requested_schema=schema))


def sample(said: str, most: int = 100) -> CreateMessageRequest:
    """Return a question to the client's model."""
    message = SamplingMessage(role="user", content=TextContent(type="text", text=said))
    return CreateMessageRequest(params=CreateMessageRequestParams(messages=[message], max_tokens=most))


async def test_simple_text() -> CallToolResult:
    return text("This is a simple text response for testing.")


async def test_image_content() -> CallToolResult:
    return CallToolResult(content=[ImageContent(type="image", data=PIXEL, mime_type="image/png")])


async def test_audio_content() -> CallToolResult:
    return CallToolResult(content=[AudioContent(type="audio", data=SOUND, mime_type="audio/wav")])


async def test_embedded_resource() -> CallToolResult:
    return CallToolResult(content=[embedded("test://embedded-resource", "This is an embedded resource content.")])


async def test_multiple_content_types() -> CallToolResult:
    data = json.dumps({"test": "data", "value": 123})
    image = ImageContent(type="image", data=PIXEL, mime_type="image/png")
    resource = embedded("test://mixed-content-resource", data, "application/json")
    return CallToolResult(content=[TextContent(type="text", text="Multiple content types test:"), image, resource])


async def test_error_handling() -> CallToolResult:
    return text("This tool intentionally returns an error for testing", is_error=True)


async def test_tool_with_progress(ctx: Any_) -> CallToolResult:
    for done in (0, 50, 100):
        await ctx.report_progress(done, 100)
        await anyio.sleep(0.05)
    return text("done")


async def test_sampling(prompt: str, ctx: Any_) -> CallToolResult:
    message = SamplingMessage(role="user", content=TextContent(type="text", text=prompt))
    answer = await ctx.session.create_message([message], max_tokens=100)
    return text(f"LLM response: {getattr(answer.content, 'text', '')}")


async def _asked(ctx: Any_, message: str, properties: dict[str, Any], required: list[str] | None = None) -> str:
    schema = {"type": "object", "properties": properties, "required": required or []}
    answer = await ctx.session.elicit_form(message, schema, ctx.request_id)
    return f"action={answer.action}, content={json.dumps(answer.content)}"


async def test_elicitation(message: str, ctx: Any_) -> CallToolResult:
    fields = {name: {"type": "string", "description": name} for name in ("username", "email")}
    return text(f"User response: {await _asked(ctx, message, fields, list(fields))}")


async def test_elicitation_sep1034_defaults(ctx: Any_) -> CallToolResult:
    fields = {
        "name": {"type": "string", "default": "John Doe"},
        "age": {"type": "integer", "default": 30},
        "score": {"type": "number", "default": 95.5},
        "status": {"type": "string", "enum": ["active", "inactive", "pending"], "default": "active"},
        "verified": {"type": "boolean", "default": True},
    }
    return text(f"Elicitation completed: {await _asked(ctx, 'Defaults', fields)}")


async def test_elicitation_sep1330_enums(ctx: Any_) -> CallToolResult:
    options = ["option1", "option2", "option3"]
    titled = [{"const": f"value{number}", "title": f"Option {number}"} for number in (1, 2, 3)]
    fields: dict[str, Any] = {
        "untitledSingle": {"type": "string", "enum": options},
        "titledSingle": {"type": "string", "oneOf": titled},
        "legacyEnum": {"type": "string", "enum": ["opt1", "opt2", "opt3"], "enumNames": ["One", "Two", "Three"]},
        "untitledMulti": {"type": "array", "items": {"type": "string", "enum": options}},
        "titledMulti": {"type": "array", "items": {"anyOf": titled}},
    }
    return text(f"Elicitation completed: {await _asked(ctx, 'Choices', fields)}")


async def test_missing_capability(ctx: Any_) -> CallToolResult:
    if not (ctx.client_capabilities and ctx.client_capabilities.sampling):
        data: dict[str, Any] = {"requiredCapabilities": {"sampling": {}}}
        raise MCPError(MISSING_REQUIRED_CLIENT_CAPABILITY, "This tool needs the client's model.", data)
    return text("there is one")


def _given(ctx: Any_, key: str) -> dict[str, Any] | None:
    """Return what the client answered under a key, as it stands on the wire; None: nothing usable."""
    answer = (ctx.input_responses or {}).get(key)
    return answer.model_dump(by_alias=True, mode="json", exclude_none=True) if answer else None


async def test_input_required_result_elicitation(ctx: Any_) -> Answer:
    answer = _given(ctx, "user_name")
    if not answer or not isinstance(answer.get("content"), dict):
        return InputRequiredResult(input_requests={"user_name": elicit("What is your name?")})
    return text(f"Hello, {answer['content'].get('name')}!")


async def test_input_required_result_sampling(ctx: Any_) -> Answer:
    answer = _given(ctx, "capital_question")
    if not answer:
        return InputRequiredResult(input_requests={"capital_question": sample("What is the capital of France?")})
    return text(json.dumps(answer.get("content")))


async def test_input_required_result_list_roots(ctx: Any_) -> Answer:
    answer = _given(ctx, "client_roots")
    if not answer:
        return InputRequiredResult(input_requests={"client_roots": ListRootsRequest()})
    return text(json.dumps(answer.get("roots")))


async def test_input_required_result_request_state(ctx: Any_) -> Answer:
    if not _given(ctx, "confirm") or ctx.request_state != "asked":
        schema = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}
        return InputRequiredResult(input_requests={"confirm": elicit("Please confirm", schema)}, request_state="asked")
    return text("state-ok")


async def test_input_required_result_tampered_state(ctx: Any_) -> Answer:
    return await test_input_required_result_request_state(ctx)


async def test_input_required_result_multiple_inputs(ctx: Any_) -> Answer:
    asked = {
        "user_name": elicit("What is your name?"),
        "greeting": sample("Generate a greeting", 50),
        "client_roots": ListRootsRequest(),
    }
    if not all(_given(ctx, key) for key in asked) or ctx.request_state != "asked":
        return InputRequiredResult(input_requests=asked, request_state="asked")
    return text("all given")


async def test_input_required_result_multi_round(ctx: Any_) -> Answer:
    if ctx.request_state == "2" and _given(ctx, "step2"):
        return text("done")
    if ctx.request_state == "1" and _given(ctx, "step1"):
        color = {"type": "object", "properties": {"color": {"type": "string"}}, "required": ["color"]}
        asked = {"step2": elicit("Step 2: What is your favorite color?", color)}
        return InputRequiredResult(input_requests=asked, request_state="2")
    return InputRequiredResult(input_requests={"step1": elicit("Step 1: What is your name?")}, request_state="1")


async def test_input_required_result_capabilities(ctx: Any_) -> Answer:
    can = ctx.client_capabilities
    asked: dict[str, Any] = {}
    if can and can.sampling:
        asked["sampled"] = sample("What is the capital of France?")
    if can and can.elicitation:
        asked["elicited"] = elicit("What is your name?")
    if not asked or any(_given(ctx, key) for key in asked):
        return text("done")
    return InputRequiredResult(input_requests=asked)


async def test_custom_header(region: str = "") -> CallToolResult:  # noqa: PT028 - no test of pytest
    return text(region)


async def json_schema_2020_12_tool() -> CallToolResult:
    return text("ok")


def _filled(*fields: str) -> dict[str, Any]:
    return {"required": [*fields]}


SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "$defs": {
        "address": {
            "$anchor": "addressDef",
            "type": "object",
            "properties": {"street": {"type": "string"}, "city": {"type": "string"}},
        }
    },
    "properties": {
        **{name: {"type": "string"} for name in ("name", "phone", "email")},
        "address": {"$ref": "#/$defs/address"},
        "contactMethod": {"type": "string", "enum": ["phone", "email"]},
    },
    "allOf": [{"anyOf": [_filled("phone"), _filled("email")]}],
    "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
    "then": _filled("phone"),
    "else": _filled("email"),
    "additionalProperties": False,
}
"""The keywords that a server must announce as they are."""
TOOLS: list[Callable[..., Any]] = [
    value for name, value in list(globals().items()) if name.startswith(("test_", "json_"))
]


def _message(*blocks: Any) -> GetPromptResult:  # noqa: ANN401 - blocks of a message
    return GetPromptResult(messages=[PromptMessage(role="user", content=block) for block in blocks])


def _said(words: str) -> TextContent:
    return TextContent(type="text", text=words)


def _prompt(name: str, given: Mapping[str, Any], context: Any_ | None) -> GetPromptResult | InputRequiredResult | None:  # noqa: PLR0911 - a line each
    match name:
        case "test_simple_prompt":
            return _message(_said("This is a simple prompt for testing."))
        case "test_prompt_with_arguments":
            return _message(_said(f"Prompt with arguments: arg1='{given['arg1']}', arg2='{given['arg2']}'"))
        case "test_prompt_with_embedded_resource":
            resource = embedded(str(given["resourceUri"]), "Embedded resource content for testing.")
            return _message(resource, _said("Please process the embedded resource above."))
        case "test_prompt_with_image":
            image = ImageContent(type="image", data=PIXEL, mime_type="image/png")
            return _message(image, _said("Please analyze the image above."))
        case "test_input_required_result_prompt":
            if context and _given(context, "user_context"):
                return _message(_said("A prompt for that context."))
            schema = {"type": "object", "properties": {"context": {"type": "string"}}, "required": ["context"]}
            asked = elicit("What context should the prompt use?", schema)
            return InputRequiredResult(input_requests={"user_context": asked})
    return None


PROMPTS = [
    Prompt(name=name, description=name, arguments=[PromptArgument(name=each, required=True) for each in arguments])
    for name, arguments in {
        "test_simple_prompt": (),
        "test_prompt_with_arguments": ("arg1", "arg2"),
        "test_prompt_with_embedded_resource": ("resourceUri",),
        "test_prompt_with_image": (),
        "test_input_required_result_prompt": (),
    }.items()
]
RESOURCES: dict[str, tuple[str | bytes, str]] = {
    "test://static-text": ("This is the content of the static text resource.", "text/plain"),
    "test://static-binary": (base64.b64decode(PIXEL), "image/png"),
    "test://watched-resource": ("Watched.", "text/plain"),
}


def with_fixtures(server: Any) -> None:  # noqa: ANN401 - the server, some of whose methods are replaced
    """Add the fixtures to a server of voicemail."""
    for tool in TOOLS:
        server.add_tool(tool, description=tool.__name__, structured_output=False)
    added = server._tool_manager.get_tool  # noqa: SLF001 - a function declares no such schemas
    added("json_schema_2020_12_tool").parameters = SCHEMA
    added("test_custom_header").parameters["properties"]["region"]["x-mcp-header"] = "Region"
    own = {name: getattr(server, name) for name in ("list_resources", "list_resource_templates", "read_resource")}
    prompts, get_prompt, check = server.list_prompts, server.get_prompt, server._resources.check  # noqa: SLF001 - ours

    async def list_resources() -> list[Resource]:
        return [*await own["list_resources"](), *(Resource(uri=uri, name=uri) for uri in RESOURCES)]

    async def list_resource_templates() -> list[ResourceTemplate]:
        fixture = ResourceTemplate(uri_template="test://template/{id}/data", name="template")
        return [*await own["list_resource_templates"](), fixture]

    async def read_resource(uri: Any, context: Any = None) -> Iterable[ReadResourceContents]:  # noqa: ANN401 - the SDK's
        place = str(uri)
        if place in RESOURCES:
            return [ReadResourceContents(*RESOURCES[place])]
        if place.startswith("test://template/") and place.endswith("/data"):
            number = place.split("/")[3]
            data = json.dumps({"id": number, "templateTest": True, "data": f"Data for ID: {number}"})
            return [ReadResourceContents(data, "application/json")]
        return await own["read_resource"](uri, context)  # type: ignore[no-any-return]

    async def list_prompts() -> list[Prompt]:
        return [*await prompts(), *PROMPTS]

    async def get(name: str, arguments: Mapping[str, Any] | None = None, context: Any = None) -> Any:  # noqa: ANN401 - the SDK's
        return _prompt(name, arguments or {}, context) or await get_prompt(name, arguments, context)

    server.list_resources, server.list_resource_templates = list_resources, list_resource_templates
    server.read_resource, server.list_prompts, server.get_prompt = read_resource, list_prompts, get
    server._resources.check = lambda uri: None if uri in RESOURCES else check(uri)  # noqa: SLF001 - ours


def announce(url: str) -> None:
    """Say where it serves, as the program does."""
    sys.stderr.write(f"Serving MCP at {url}; press Ctrl-C to stop.\n")


def main() -> None:
    """Serve a simulated PBX over HTTP until the process is ended."""
    with Simulator() as simulator, tempfile.TemporaryDirectory() as folder:
        settings = load_settings(
            {"base_url": simulator.base_url, "api_key": simulator.api_key, "data_dir": Path(folder), "engine": "none"}
        )
        server = build_server(Inbox(settings, open_transcriber(settings)))
        with_fixtures(server)
        serve_app(
            lambda address: desk_app(server, address, settings, None),
            parse_address(sys.argv[1]),
            announce,
        )


if __name__ == "__main__":
    main()
