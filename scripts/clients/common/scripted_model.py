"""A model on loopback that makes the calls it was told to, and notes what a host gives it. For hosts that have a model.

It speaks as much of four providers' protocols as hosts need: Anthropic's messages, OpenAI's chat completions and
responses, and Gemini's. It is told nothing by the host that a real model would not be told.
"""

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from walk import uuids_in

Json = dict[str, Any]
STEPS = ("twenty", "transcribed", "refused")
SECONDS = 150


class Script:
    """The calls to make, and what a host has shown of tools, instructions and answers."""

    def __init__(self) -> None:
        self.tools: dict[str, str] = {}
        self.answers: dict[str, str] = {}
        self.told = ""
        """Everything that is no answer: system prompt, instructions."""

    def take(self, body: Json) -> tuple[str, str, Json] | None:
        """Note a request, and return the id, name and arguments of the next call; None: there is none to make."""
        text = json.dumps(body, ensure_ascii=False)
        self.told = max(self.told, text, key=lambda each: "Heard is not handled" in each)
        tools = dict(_tools_in(body.get("tools")))
        self.tools |= tools
        self.answers |= dict(_answers_in(body))
        for number, step in enumerate(STEPS):
            if step not in self.answers:
                return self._call(number, step, tools)
        return None

    def seen(self) -> Json:
        """Return what a driver prints."""
        instructions = "in the prompt" if "Heard is not handled" in self.told else "not shown"
        ours = {
            name: text
            for name, text in self.tools.items()
            if re.search("voicemail|inbox|recording|transcript|missed", name)
        }
        return {"tools": ours, **self.answers, "instructions": instructions}

    def _call(self, number: int, step: str, tools: dict[str, str]) -> tuple[str, str, Json] | None:
        wanted = "transcribe_voicemails" if step == "transcribed" else "list_voicemails"
        name = next((each for each in tools if each.endswith(wanted)), "")
        search = next((each for each in tools if each in {"ToolSearch", "tool_search"}), "")
        if not name and search and "search" not in self.answers:
            names = ",".join(f"mcp__voicemail__{each}" for each in ("list_voicemails", "transcribe_voicemails"))
            return "call_search", search, {"query": f"select:{names}", "max_results": 5}
        if not name:
            return None
        arguments: Json = {"limit": 20 if step == "twenty" else 0}
        if step == "transcribed":
            arguments = {"uuids": uuids_in(self.answers["twenty"])[:3]}
        return f"call_{number}", name, arguments


def _tools_in(tools: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - four providers' forms
    """Yield names and descriptions, however deep they lie."""
    if isinstance(tools, list):
        for each in tools:
            yield from _tools_in(each)
    elif isinstance(tools, dict):
        name = tools.get("name")
        if tools.get("type") == "namespace":  # Codex's own; a call says the two apart
            yield from ((f"{name}//{inner}", description) for inner, description in _tools_in(tools.get("tools")))
            return
        if isinstance(name, str):
            yield name, str(tools.get("description", ""))
        for key in ("function", "tools", "functionDeclarations", "function_declarations"):
            yield from _tools_in(tools.get(key))


def _answers_in(body: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - four providers' forms
    """Yield the answers to our calls by step, wherever they lie."""
    if isinstance(body, list):
        for each in body:
            yield from _answers_in(each)
    elif isinstance(body, dict):
        number = str(body.get("tool_use_id") or body.get("tool_call_id") or body.get("call_id") or "")
        content = body.get("content", body.get("output"))
        if "functionResponse" in body:
            number, content = body["functionResponse"].get("id", ""), body["functionResponse"].get("response")
        if number.startswith("call_") and content is not None and body.get("type") not in {"function_call", "tool_use"}:
            step = "search" if number == "call_search" else STEPS[int(number[5:])]
            yield step, _plain(content)
        for value in body.values():
            yield from _answers_in(value)


def _plain(content: Any) -> str:  # noqa: ANN401 - text, or blocks of it
    if isinstance(content, list):
        return "\n".join(str(each.get("text", json.dumps(each, ensure_ascii=False))) for each in content)
    return content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)


class _Handler(BaseHTTPRequestHandler):
    script: Script

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer what hosts ask before they begin."""
        self._send(json.dumps({"data": [{"id": "scripted"}], "models": [], "object": "list"}), "application/json")

    def do_POST(self) -> None:
        """Answer as the model whose protocol it is."""
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or "{}")
        place = self.path.split("?")[0]
        if place.endswith(("/count_tokens", ":countTokens")):
            self._send(json.dumps({"input_tokens": 1, "totalTokens": 1}), "application/json")
            return
        call = self.script.take(body)
        for ending, speak in _SPEAKERS.items():
            if ending in place:
                whole, events = speak(call)
                is_stream = body.get("stream") or "stream" in place
                self._send(
                    events if is_stream else json.dumps(whole), "text/event-stream" if is_stream else "application/json"
                )
                return
        self._send("{}", "application/json")

    def _send(self, text: str, kind: str) -> None:
        data = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


Call = tuple[str, str, Json] | None


def _anthropic(call: Call) -> tuple[Json, str]:
    block: Json = {"type": "text", "text": ""}
    delta: Json = {"type": "text_delta", "text": "done"}
    if call:
        block = {"type": "tool_use", "id": call[0], "name": call[1], "input": {}}
        delta = {"type": "input_json_delta", "partial_json": json.dumps(call[2])}
    reason = "tool_use" if call else "end_turn"
    usage = {"input_tokens": 1, "output_tokens": 1}
    head = {"id": "m", "type": "message", "role": "assistant", "model": "scripted", "usage": usage}
    filled = block | ({"input": call[2]} if call else {"text": "done"})
    events: list[Json] = [
        {"type": "message_start", "message": {**head, "content": [], "stop_reason": None, "stop_sequence": None}},
        {"type": "content_block_start", "index": 0, "content_block": block},
        {"type": "content_block_delta", "index": 0, "delta": delta},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": None}, "usage": usage},
        {"type": "message_stop"},
    ]
    return {**head, "content": [filled], "stop_reason": reason, "stop_sequence": None}, _named(events)


def _chat(call: Call) -> tuple[Json, str]:
    message: Json = {"role": "assistant", "content": "done"}
    if call:
        function = {"name": call[1], "arguments": json.dumps(call[2])}
        message = {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"index": 0, "id": call[0], "type": "function", "function": function}],
        }
    reason = "tool_calls" if call else "stop"
    head = {"id": "c", "created": 1, "model": "scripted"}
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    chunks = [
        {**head, "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": message, "finish_reason": None}]},
        {
            **head,
            "object": "chat.completion.chunk",
            "choices": [{"index": 0, "delta": {}, "finish_reason": reason}],
            "usage": usage,
        },
    ]
    events = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + "data: [DONE]\n\n"
    whole = {
        **head,
        "object": "chat.completion",
        "choices": [{"index": 0, "message": message, "finish_reason": reason}],
        "usage": usage,
    }
    return whole, events


def _responses(call: Call) -> tuple[Json, str]:
    item: Json = {
        "type": "message", "id": "i", "role": "assistant", "status": "completed",
        "content": [{"type": "output_text", "text": "done", "annotations": []}],
    }  # fmt: skip
    if call:
        namespace, _, name = call[1].rpartition("//")
        item = {
            "type": "function_call",
            "id": "f",
            "call_id": call[0],
            "name": name,
            "arguments": json.dumps(call[2]),
            "status": "completed",
        }
        item |= {"namespace": namespace} if namespace else {}
    usage = {
        "input_tokens": 1,
        "output_tokens": 1,
        "total_tokens": 2,
        "input_tokens_details": None,
        "output_tokens_details": None,
    }
    whole = {
        "id": "r",
        "object": "response",
        "created_at": 1,
        "status": "completed",
        "model": "scripted",
        "output": [item],
        "usage": usage,
    }
    events: list[Json] = [
        {"type": "response.created", "response": {**whole, "status": "in_progress", "output": []}},
        {"type": "response.output_item.added", "output_index": 0, "item": item},
        {"type": "response.output_item.done", "output_index": 0, "item": item},
        {"type": "response.completed", "response": whole},
    ]
    return whole, _named(events)


def _gemini(call: Call) -> tuple[Json, str]:
    part: Json = {"functionCall": {"id": call[0], "name": call[1], "args": call[2]}} if call else {"text": "done"}
    candidate = {"content": {"role": "model", "parts": [part]}, "finishReason": "STOP", "index": 0}
    usage = {"promptTokenCount": 1, "candidatesTokenCount": 1, "totalTokenCount": 2}
    whole = {"candidates": [candidate], "usageMetadata": usage}
    return whole, f"data: {json.dumps(whole)}\n\n"


def _named(events: list[Json]) -> str:
    return "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events)


_SPEAKERS = {"/messages": _anthropic, "/chat/completions": _chat, "/responses": _responses, "enerateContent": _gemini}


def played(make_command: Any) -> None:  # noqa: ANN401 - a function of the model's address
    """Run a host over the scripted model, and print what it showed.

    Args:
        make_command: Returns the host's command and its environment for the model's address; it writes what the host
            reads into the home folder.
    """
    script = Script()
    handler = type("Handler", (_Handler,), {"script": script})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    command, environment = make_command(f"http://127.0.0.1:{server.server_port}")
    try:
        done = subprocess.run(  # noqa: S603 - ours
            command,
            env=environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        said = f"{done.stdout[-600:]} {done.stderr[-900:]}"
    except subprocess.TimeoutExpired as error:
        said = f"no end within {SECONDS} s: {str(error.stdout)[-400:]} {str(error.stderr)[-600:]}"
    seen = script.seen()
    if "twenty" not in seen:
        seen["said"] = said
    print("\n" + json.dumps(seen))  # noqa: T201 - its output
    sys.stdout.flush()
