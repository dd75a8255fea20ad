"""The vendor's endpoints: list messages, get a recording's URL, download it; list calls, contacts and extensions."""

from collections.abc import Awaitable, Callable
from datetime import UTC
from email.utils import format_datetime
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from vm_mcp.simulator.faults import FaultName, Faults, Step
from vm_mcp.simulator.neighbour_formats import (
    SIP_PASSWORD,
    call_list_answer,
    contact_list_answer,
    extension_list_answer,
    parse_call_query,
    parse_page_query,
)
from vm_mcp.simulator.playback import TruncatedResponse, failure_headers, play
from vm_mcp.simulator.simulated_account import RequestRecord, SimulatedAccount
from vm_mcp.simulator.voicebank import Voice
from vm_mcp.simulator.wire_format import (
    VendorRefusalError,
    list_answer,
    only_once,
    parse_list_query,
    parse_url_request,
    refuse_unknown,
)

# These faults need the account's own answer or key, so they are played here and not in `playback`.
_PLAYED_HERE = {"truncated", "wrong_key", "expired_url", "forbidden", "half_page"}


def build_app(account: SimulatedAccount, faults: Faults) -> Starlette:
    """Return the API as an ASGI application; ``reset`` and ``truncated`` work only under `PbxServer`."""
    pbx = _Pbx(account, faults)
    return Starlette(
        routes=[
            Route("/voicemail_messages", pbx.endpoint("list", pbx.list_messages), methods=["GET"]),
            Route("/voicemail_recording_url", pbx.endpoint("url", pbx.recording_url), methods=["POST"]),
            Route("/voicemail_recording_url/", pbx.endpoint("url", pbx.recording_url), methods=["POST"]),
            Route("/recording/{token}", pbx.endpoint("download", pbx.download), methods=["GET"]),
            Route("/cdrs", pbx.endpoint("cdrs", pbx.list_calls), methods=["GET"]),
            Route("/contacts", pbx.endpoint("contacts", pbx.list_contacts), methods=["GET"]),
            Route("/extensions", pbx.endpoint("extensions", pbx.list_extensions), methods=["GET"]),
            Route("/extensions/{number}", pbx.endpoint("extensions", pbx.show_extension), methods=["GET"]),
        ]
    )


class _ApiCall:
    """One request, and the fault that hits it."""

    def __init__(self, request: Request, record: RequestRecord, pairs: list[tuple[str, str]]) -> None:
        self.request = request
        self.record = record
        self.pairs = pairs
        self.fault: FaultName | None = None

    @property
    def key(self) -> str:
        return dict(self.pairs).get("key", "")


class _Pbx:
    def __init__(self, account: SimulatedAccount, faults: Faults) -> None:
        self._account = account
        self._faults = faults

    def endpoint(self, step: Step, handler: Callable[[_ApiCall], Response]) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            call = await self._note(request)
            call.fault = self._faults.take(step)
            response = self._answer(call, step, handler)
            response.headers["Date"] = format_datetime(self._account.clock().astimezone(UTC), usegmt=True)
            if call.fault not in {"reset", "slow"}:
                call.record.status = response.status_code
            return response

        return answer

    async def _note(self, request: Request) -> _ApiCall:
        query = request.query_params.multi_items()
        form = parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True)
        record = RequestRecord(request.method, request.url.path, dict(query), dict(form), dict(request.headers.items()))
        self._account.requests.append(record)
        return _ApiCall(request, record, [*query, *form])

    def _answer(self, call: _ApiCall, step: Step, handler: Callable[[_ApiCall], Response]) -> Response:
        if call.fault is not None and call.fault not in _PLAYED_HERE:
            return play(call.fault, step, self._account.scenario)
        try:
            if call.fault == "wrong_key":
                raise self._account.wrong_key(call.key)
            if call.fault == "forbidden":
                raise self._account.forbidden()
            response = handler(call)
        except VendorRefusalError as refusal:
            return self._refusal(refusal, step)
        return TruncatedResponse(response) if call.fault == "truncated" else response

    def _refusal(self, refusal: VendorRefusalError, step: Step) -> Response:
        if step == "download":
            return HTMLResponse(f"<html><body><h1>{refusal.text}</h1></body></html>", status_code=refusal.status)
        headers = failure_headers(refusal.status, self._account.scenario)
        return PlainTextResponse(refusal.text, status_code=refusal.status, headers=headers)

    def list_calls(self, call: _ApiCall) -> Response:
        self._account.authorise(call.key, "cdrs")
        scenario = self._account.scenario
        query = parse_call_query(only_once(call.pairs), scenario, self._account.clock())
        return JSONResponse(call_list_answer(query, scenario, is_half=call.fault == "half_page"))

    def list_contacts(self, call: _ApiCall) -> Response:
        self._account.authorise(call.key, "contacts")
        page, limit = parse_page_query(only_once(call.pairs))
        return JSONResponse(contact_list_answer(page, limit, self._account.scenario, is_half=call.fault == "half_page"))

    def list_extensions(self, call: _ApiCall) -> Response:
        self._account.authorise(call.key, "extensions")
        refuse_unknown(only_once(call.pairs), {"key"})
        return JSONResponse(extension_list_answer(self._account.scenario))

    def show_extension(self, call: _ApiCall) -> Response:
        self._account.authorise(call.key, "extensions")
        return JSONResponse({"number": call.request.path_params["number"], "password": SIP_PASSWORD})

    def list_messages(self, call: _ApiCall) -> Response:
        self._account.authorise(call.key, "list")
        scenario = self._account.scenario
        query = parse_list_query(only_once(call.pairs), scenario, self._account.clock())
        return JSONResponse(list_answer(query, scenario))

    def recording_url(self, call: _ApiCall) -> Response:
        self._account.authorise(call.key, "url")
        uuid = parse_url_request(only_once(call.pairs))
        token = self._account.issue_link(uuid, expired=call.fault == "expired_url")
        url = str(call.request.base_url.replace(path=f"/recording/{token}"))
        if self._account.scenario.url_answer == "json":
            return JSONResponse({"url": url})
        return PlainTextResponse(url + ("\n" if self._account.scenario.url_newline else ""))

    def download(self, call: _ApiCall) -> Response:
        if call.fault == "expired_url":
            raise VendorRefusalError(self._account.scenario.expired_status, "Kayit bulunamadi")
        voice = self._account.open_link(call.request.path_params["token"]).recording
        return Response(voice.read(), media_type=self._audio_type(voice))

    def _audio_type(self, voice: Voice) -> str | None:
        types = {"right": voice.mime_type, "octet-stream": "application/octet-stream", "wrong": "text/html"}
        return types.get(self._account.scenario.audio_content_type)
