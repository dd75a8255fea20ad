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
from vm_mcp.simulator.scenario import Scenario
from vm_mcp.simulator.simulated_account import RequestRecord, SimulatedAccount
from vm_mcp.simulator.simulated_accounts import SimulatedAccounts
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


def build_app(accounts: SimulatedAccounts, faults: Faults) -> Starlette:
    """Return the API as an ASGI application; ``reset`` and ``truncated`` work only under `PbxServer`."""
    pbx = _Pbx(accounts, faults)
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
    """One request, the account that it is for, and the fault that hits it."""

    def __init__(
        self, request: Request, account: SimulatedAccount, record: RequestRecord, pairs: list[tuple[str, str]]
    ) -> None:
        self.request = request
        self.account = account
        self.record = record
        self.pairs = pairs
        self.fault: FaultName | None = None

    @property
    def key(self) -> str:
        return _key_of(self.pairs)


def _key_of(pairs: list[tuple[str, str]]) -> str:
    return dict(pairs).get("key", "")


class _Pbx:
    def __init__(self, accounts: SimulatedAccounts, faults: Faults) -> None:
        self._accounts = accounts
        self._faults = faults

    def endpoint(self, step: Step, handler: Callable[[_ApiCall], Response]) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            call = await self._note(request)
            call.fault = self._faults.take(step)
            response = self._answer(call, step, handler)
            response.headers["Date"] = format_datetime(call.account.clock().astimezone(UTC), usegmt=True)
            if call.fault not in {"reset", "slow"}:
                call.record.status = response.status_code
                call.account.counts.note_answer(step, response.status_code)
            return response

        return answer

    async def _note(self, request: Request) -> _ApiCall:
        query = request.query_params.multi_items()
        form = parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True)
        record = RequestRecord(request.method, request.url.path, dict(query), dict(form), dict(request.headers.items()))
        account = self._find(request, [*query, *form])
        account.note_request(record)
        return _ApiCall(request, account, record, [*query, *form])

    def _find(self, request: Request, pairs: list[tuple[str, str]]) -> SimulatedAccount:
        token = request.path_params.get("token")
        return self._accounts.by_link(token) if token else self._accounts.by_key(_key_of(pairs))

    def _answer(self, call: _ApiCall, step: Step, handler: Callable[[_ApiCall], Response]) -> Response:
        if call.fault is not None and call.fault not in _PLAYED_HERE:
            return play(call.fault, step, call.account.scenario)
        try:
            if call.fault == "wrong_key":
                raise call.account.wrong_key(call.key)
            if call.fault == "forbidden":
                raise call.account.forbidden()
            response = handler(call)
        except VendorRefusalError as refusal:
            return self._refusal(refusal, step, call.account.scenario)
        return TruncatedResponse(response) if call.fault == "truncated" else response

    def _refusal(self, refusal: VendorRefusalError, step: Step, scenario: Scenario) -> Response:
        if step == "download":
            return HTMLResponse(f"<html><body><h1>{refusal.text}</h1></body></html>", status_code=refusal.status)
        headers = failure_headers(refusal.status, scenario)
        return PlainTextResponse(refusal.text, status_code=refusal.status, headers=headers)

    def list_calls(self, call: _ApiCall) -> Response:
        call.account.authorise(call.key, "cdrs")
        scenario = call.account.scenario
        query = parse_call_query(only_once(call.pairs), scenario, call.account.clock())
        return JSONResponse(call_list_answer(query, scenario, is_half=call.fault == "half_page"))

    def list_contacts(self, call: _ApiCall) -> Response:
        call.account.authorise(call.key, "contacts")
        page, limit = parse_page_query(only_once(call.pairs))
        return JSONResponse(contact_list_answer(page, limit, call.account.scenario, is_half=call.fault == "half_page"))

    def list_extensions(self, call: _ApiCall) -> Response:
        call.account.authorise(call.key, "extensions")
        refuse_unknown(only_once(call.pairs), {"key"})
        return JSONResponse(extension_list_answer(call.account.scenario))

    def show_extension(self, call: _ApiCall) -> Response:
        call.account.authorise(call.key, "extensions")
        return JSONResponse({"number": call.request.path_params["number"], "password": SIP_PASSWORD})

    def list_messages(self, call: _ApiCall) -> Response:
        call.account.authorise(call.key, "list")
        scenario = call.account.scenario
        query = parse_list_query(only_once(call.pairs), scenario, call.account.clock())
        return JSONResponse(list_answer(query, scenario))

    def recording_url(self, call: _ApiCall) -> Response:
        call.account.authorise(call.key, "url")
        uuid = parse_url_request(only_once(call.pairs))
        token = call.account.issue_link(uuid, expired=call.fault == "expired_url")
        self._accounts.note_link(token, call.account)
        url = str(call.request.base_url.replace(path=f"/recording/{token}"))
        if call.account.scenario.url_answer == "json":
            return JSONResponse({"url": url})
        return PlainTextResponse(url + ("\n" if call.account.scenario.url_newline else ""))

    def download(self, call: _ApiCall) -> Response:
        if call.fault == "expired_url":
            raise VendorRefusalError(call.account.scenario.expired_status, "Kayit bulunamadi")
        voice = call.account.open_link(call.request.path_params["token"]).recording
        return Response(voice.read(), media_type=self._audio_type(voice, call.account.scenario))

    def _audio_type(self, voice: Voice, scenario: Scenario) -> str | None:
        types = {"right": voice.mime_type, "octet-stream": "application/octet-stream", "wrong": "text/html"}
        return types.get(scenario.audio_content_type)
