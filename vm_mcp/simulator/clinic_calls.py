"""The clinic's calls, address book and extensions; whom somebody has called back, and whom not."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from vm_mcp.simulator.scenario import Scenario
from vm_mcp.simulator.simulated_calls import AddressBookEntry, Call, ExtensionOwner, eight_spellings

_OWNERS = {"1001": "Elif Aksoy", "1002": "Burak Şen", "1003": "Deniz Koç"}
_REASSIGNED, _BEFORE = "1002", "Selin Ergin"
"""An extension that was another's until half a day ago."""


class _Back(NamedTuple):
    """A call to somebody who left a message, or who was missed."""

    hours_ago: float
    extension: str
    talk_seconds: int | None
    is_named: bool = True
    number: str = ""


_BACK: Mapping[str, tuple[_Back, ...]] = {
    "en02_invoice": (_Back(20.5, "1002", 214),),
    "tr05_klinik": (_Back(24.0, "1001", None), _Back(21.0, "1001", 62, is_named=False, number="02163456789")),
    "tr04_adres": (_Back(23.0, "1003", None), _Back(19.0, "1003", None)),
    "mix1_hold20s": (_Back(47.0, "1001", 95, is_named=False),),
    "music1_hold": (_Back(46.0, "1003", 20, is_named=False),),
    "enh1_librivox": (_Back(76.0, "1002", 340),),
}
"""By the voice of the message. The others were not called back."""
_MISSED = (
    (0.9, "05332221100", "Fatma Öztürk", "1001"),
    (1.1, "0000000000", "", "1001"),
    (2.9, "00905332221100", "Fatma Öztürk", "1001"),
    (4.2, "05448887766", "", "1003"),
    (6.0, "+266696687", "Anonymous", "1002"),
    (21.5, "905332221100", "", "1002"),
    (26.0, "03124440182", "", "1003"),
)
"""Hours ago, number, name, extension; none left a message."""
_MISSED_BACK = {"05448887766": _Back(3.9, "1003", 48)}


def add_clinic_calls(scenario: Scenario, now: datetime) -> Scenario:
    """Give the clinic's calls, contacts and extensions to a scenario with its messages, and return it."""
    scenario.extensions[:] = [ExtensionOwner(number, name) for number, name in _OWNERS.items()]
    scenario.contacts[:] = _contacts()
    for hours_ago, number, name, extension in _MISSED:
        started_at = now - timedelta(hours=hours_ago)
        missed = Call(
            f"missed-{hours_ago}", "inbound", started_at, number, name, extension, _name_then(extension, hours_ago)
        )
        scenario.calls.append(missed)
        if number in _MISSED_BACK:
            _call_back(scenario, now, missed.uuid, _MISSED_BACK[number])
    for message in list(scenario.messages):
        for back in _BACK.get(message.voice, ()):
            _call_back(scenario, now, message.uuid, back)
    scenario.calls += _others(now)
    return scenario


def _call_back(scenario: Scenario, now: datetime, uuid: str, back: _Back) -> None:
    call = scenario.call_back(
        uuid,
        now - timedelta(hours=back.hours_ago),
        extension=back.extension,
        number=back.number,
        talk_seconds=back.talk_seconds,
        is_named=back.is_named,
    )
    call.caller_name = _name_then(back.extension, back.hours_ago)


def _name_then(extension: str, hours_ago: float) -> str:
    return _BEFORE if extension == _REASSIGNED and hours_ago > 12 else _OWNERS[extension]  # noqa: PLR2004 - see above


def _others(now: datetime) -> list[Call]:
    """Return calls that answer no message: one that was answered, an announcement, one inside."""
    answered = Call(
        "answered-1", "inbound", now - timedelta(hours=3), "02125557788", "", "1001", "Elif Aksoy", 130, queue="201"
    )
    announced = Call("ivr-1", "ivr", now - timedelta(hours=18), "1001", "", "05559874321", "Hasan Demir", 22)
    inside = Call("inside-1", "internal", now - timedelta(hours=2), "1003", "Deniz Koç", "1001", "Elif Aksoy", 40)
    return [answered, announced, inside]


def _contacts() -> list[AddressBookEntry]:
    """Return an address book with a number in an odd spelling, one of several people, and one without a number."""
    company = "03124440182"
    return [
        AddressBookEntry(1, "Mehmet", "Kaya", None, (eight_spellings("5324172893")[5],)),
        AddressBookEntry(2, "Ayşe", "Yılmaz", "Yılmaz İnşaat", ("05427310648", "02123334455")),
        AddressBookEntry(3, "Zeynep", "Arslan", "Yıldız Mobilya", ("0216 441 77 20",)),
        AddressBookEntry(4, "Hasan", "Demir", "Ankara Diş Deposu", (company, "0555 987 43 21")),
        AddressBookEntry(5, "Oya", "Demir", "Ankara Diş Deposu", (company,)),
        AddressBookEntry(6, "Kemal", "", "Ankara Diş Deposu", (company,)),
        AddressBookEntry(7, "Fatma", "Öztürk", None, ("+90 533 222 11 00",)),
        AddressBookEntry(8, "Numarasız", "Kişi"),
        AddressBookEntry(9, "Gizli", "Numara", None, ("0000000000",)),
    ]
