"""One request to the PBX and its answer; what goes wrong on the way becomes one of our errors.

No error is raised while one of httpx is being handled. That one would stay attached as ``__context__``, and it holds
the request, whose URL holds the API key.
"""

from collections.abc import AsyncIterator

import httpx

from vm_mcp.errors import PbxProtocolError, PbxUnavailableError
from vm_mcp.net.bodies import ContentEncodingError, TruncatedBodyError, read_body
from vm_mcp.net.connections import NOT_AN_ADDRESS, is_certificate_refused, proxy_for
from vm_mcp.net.retries import OnActivity, TransientError
from vm_mcp.pbx.responses import Answer


async def exchange(
    client: httpx.AsyncClient, request: httpx.Request, max_bytes: int, on_activity: OnActivity
) -> Answer:
    """Send a request and read the answer to its end, whatever its status.

    Args:
        client: Sends it.
        request: What to send.
        max_bytes: Largest body, decompressed; of a larger one `Answer.body` is None.
        on_activity: Called for each piece of the body.

    Raises:
        TransientError: The PBX can't be reached, or the connection broke.
        PbxUnavailableError: The certificate can't be verified, or the proxy refuses.
        PbxProtocolError: The answer can't be decoded.
    """
    problem: Exception
    try:
        response = await client.send(request, stream=True)
        try:
            return Answer(response.status_code, response.headers, await _read(response, max_bytes, on_activity))
        finally:
            await response.aclose()
    except httpx.TransportError as error:
        problem = _connection_problem(error, request.url)
    except TruncatedBodyError:
        problem = _unreachable(request.url)
    # The last: httpx parses a redirect's address even though it doesn't follow it.
    except (ContentEncodingError, httpx.DecodingError, *NOT_AN_ADDRESS):
        problem = PbxProtocolError("The PBX's answer is garbled. Try again; if it stays, check for a proxy in between.")
    raise problem


def _connection_problem(error: httpx.TransportError, url: httpx.URL) -> Exception:
    if is_certificate_refused(error):
        return PbxUnavailableError(
            "The PBX's certificate can't be verified, so nothing was sent. Check this computer's clock; behind a proxy "
            "that inspects traffic, set SSL_CERT_FILE to its certificate."
        )
    if isinstance(error, httpx.ProxyError):
        return PbxUnavailableError(
            "The proxy between this computer and the PBX refuses to connect them. Correct HTTPS_PROXY, or name the PBX "
            "in NO_PROXY."
        )
    return _unreachable(url)


def _unreachable(url: httpx.URL) -> TransientError:
    if proxy_for(url):
        return TransientError(
            PbxUnavailableError(
                "The PBX can't be reached through the proxy that HTTPS_PROXY or this computer's settings name, or the "
                "connection breaks. Check the network and the proxy's address, or name the PBX in NO_PROXY."
            )
        )
    return TransientError(
        PbxUnavailableError(
            "The PBX can't be reached, or the connection breaks. Check the network and VM_MCP_BASE_URL, then try again."
        )
    )


async def _read(response: httpx.Response, max_bytes: int, on_activity: OnActivity) -> bytes | None:
    length = response.headers.get("Content-Length", "")
    # Cut, since Python refuses to convert thousands of digits.
    if length.isdecimal() and int(length[:20]) > max_bytes:
        return None
    chunks = _watched(response.aiter_raw(), on_activity)
    return await read_body(chunks, response.headers.get("Content-Encoding", ""), max_bytes)


async def _watched(chunks: AsyncIterator[bytes], on_activity: OnActivity) -> AsyncIterator[bytes]:
    async for chunk in chunks:
        on_activity()
        yield chunk
