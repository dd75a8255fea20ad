"""A relay between two user agents, which loses and delays the caller's packets as a line does.

It stands in for ``tc netem``, which takes root. The caller calls the relay's port. The relay hands the messages of the
call's beginning on to the recorder and back, and writes its own media port into their session descriptions, so that
both agents send their packets here.
"""

import asyncio
import re
from collections.abc import Callable, Iterator

Address = tuple[str, int]

LOOPBACK = "127.0.0.1"
_WITHOUT_MAP = {b"0": "PCMU", b"3": "GSM", b"8": "PCMA", b"9": "G722"}
"""Codecs whose payload types are fixed, so that a session description need not name them (RFC 3551)."""


class Relay:
    """One call's relay.

    Args:
        recorder: The port of the recorder's SIP.
        late: For each of the caller's packets, by how many seconds it is late; None: it is lost.
    """

    def __init__(self, recorder: int, late: Iterator[float | None]) -> None:
        self._recorder = (LOOPBACK, recorder)
        self._late = late
        self._caller: Address | None = None
        self._media_of_caller: int | None = None
        self._media_of_recorder: int | None = None
        self.packets = 0
        """Sent by the caller."""
        self.lost = 0
        """Those of them that did not arrive."""
        self.codec = ""
        """Which the agents agreed on."""

    async def open(self, sip: int, media: int) -> None:
        """Listen on two ports until `close`."""
        self._signalling, self._media = [
            await _listen(port, handle) for port, handle in ((sip, self._signal), (media, self._packet))
        ]
        self._port = media

    def close(self) -> None:
        """Stop listening."""
        self._signalling.close()
        self._media.close()

    def _signal(self, data: bytes, sender: Address) -> None:
        is_from_recorder = sender == self._recorder
        described = re.search(rb"m=audio (\d+) ", data)
        if described and is_from_recorder:
            self._media_of_recorder = int(described[1])
            self.codec = _first_codec(data)
        elif described:
            self._media_of_caller = int(described[1])
        if not is_from_recorder:
            self._caller = sender
        if target := self._caller if is_from_recorder else self._recorder:
            self._signalling.sendto(_with_media_port(data, self._port), target)

    def _packet(self, data: bytes, sender: Address) -> None:
        if sender[1] == self._media_of_recorder:
            self._send(data, self._media_of_caller)
            return
        self.packets += 1
        late = next(self._late)
        if late is None:
            self.lost += 1
        elif late:
            asyncio.get_running_loop().call_later(late, self._send, data, self._media_of_recorder)
        else:
            self._send(data, self._media_of_recorder)

    def _send(self, data: bytes, port: int | None) -> None:
        if port and not self._media.is_closing():
            self._media.sendto(data, (LOOPBACK, port))


def _with_media_port(message: bytes, port: int) -> bytes:
    """Return a SIP message whose session description, if any, names another port. The length of its digits is kept."""
    message = re.sub(rb"(m=audio )\d+ ", rb"\g<1>%d " % port, message)
    return re.sub(rb"(a=rtcp:)\d+ ", rb"\g<1>%d " % (port + 1), message)


def _first_codec(description: bytes) -> str:
    """Return the name of the first codec in a session description; empty without one."""
    payload = re.search(rb"m=audio \d+ \S+ (\d+)", description)
    named = payload and re.search(rb"a=rtpmap:%s ([^/\s]+)" % payload[1], description)
    return named[1].decode() if named else _WITHOUT_MAP.get(payload[1], "") if payload else ""


class _Receiver(asyncio.DatagramProtocol):
    def __init__(self, handle: Callable[[bytes, Address], None]) -> None:
        self._handle = handle

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self._handle(data, addr)

    def error_received(self, exc: Exception) -> None:
        """Ignore that nobody listens on a port any more, or not yet: a call's end is no error."""


async def _listen(port: int, handle: Callable[[bytes, Address], None]) -> asyncio.DatagramTransport:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: _Receiver(handle), (LOOPBACK, port))
    return transport
