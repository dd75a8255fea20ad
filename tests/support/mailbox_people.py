"""A team whose people see different mailboxes of one account, each of which has its own callers, words and notes."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import NamedTuple

from support.handled import left
from support.scripted_transcriber import ScriptedTranscriber
from support.simulator_requests import NOON
from vm_mcp.inbox import Inbox
from vm_mcp.people import SCOPES, Access, Person
from vm_mcp.simulator import Simulator
from vm_mcp.simulator.simulated_calls import AddressBookEntry, Call
from vm_mcp.telephone import grouped

OpenAs = Callable[[Access], AbstractAsyncContextManager[Inbox]]
AYSE, MEHMET = Person("user-1", "Ayşe Kaya"), Person("user-2", "Mehmet Er")
LINE = "02129998877"
"""The account's, which the PBX records in place of an extension."""


class Box(NamedTuple):
    """All that tells one mailbox's messages from the others'."""

    extension: str
    uuid: str
    caller: str
    number: str
    company: str
    voice: str
    words: str
    note: str
    missed: str
    missed_number: str

    @property
    def secrets(self) -> set[str]:
        """What nobody may learn who may not see the mailbox."""
        numbers = {spelling for number in (self.number, self.missed_number) for spelling in (number, grouped(number))}
        return numbers | {self.uuid, self.uuid[-6:], self.caller, self.company, self.words, self.note, self.missed}


BOXES: Mapping[str, Box] = {
    box.extension: box
    for box in (
        Box("101", "5a1f-box-one-aa11bb", "Zeynep Aktürk", "05321110011", "Aktürk Mobilya", "tr01_randevu",
            "lacivert halı", "kargoyu bekliyor", "Hale Yıldız", "05331110012"),
        Box("102", "6b2f-box-two-cc22dd", "Okan Yalçın", "05322220021", "Yalçın Nakliyat", "tr02_geri_ara",
            "mermer tezgâh", "ölçüye gidilecek", "Nuri Taşkın", "05332220022"),
        Box("103", "7c3f-box-three-ee33ff", "Pınar Soydan", "05323330031", "Soydan Sigorta", "tr03_fatura",
            "dosya numarası", "avukat arayacak", "Gizem Uludağ", "05333330032"),
        Box("", "8d4f-box-none-gg44hh", "Tarık Bozkurt", "05324440041", "Bozkurt Hafriyat", "tr04_adres",
            "kepçe bozuldu", "ustaya soruldu", "Cavit Erdem", "05334440042"),
    )
}  # fmt: skip
"""By extension; the PBX doesn't say where the last one's message is, nor which extension its missed call rang."""

PEOPLE: Mapping[str, Access] = {
    "every mailbox": Access(AYSE),
    "two mailboxes": Access(AYSE, frozenset({"101", "102"})),
    "no mailbox": Access(AYSE, frozenset()),
    "may only read": Access(AYSE, frozenset({"101"}), frozenset({"voicemail:read"})),
    "may not close": Access(AYSE, frozenset({"101", "103"}), SCOPES - {"voicemail:update"}),
}


def hidden_from(access: Access) -> list[Box]:
    return [box for box in BOXES.values() if not access.sees(box.extension)]


def seen_by(access: Access) -> list[Box]:
    return [box for box in BOXES.values() if access.sees(box.extension)]


def fill(pbx: Simulator, transcriber: ScriptedTranscriber) -> None:
    """Leave a message and a missed call for each mailbox, and know who the callers are."""
    for hours, box in enumerate(BOXES.values(), start=2):
        omit = frozenset({"user_number"}) if not box.extension else frozenset[str]()
        message = left(
            pbx, box.uuid, box.number, hours, user_number=box.extension, caller_id_name=box.caller, voice=box.voice,
            omit=omit,
        )  # fmt: skip
        transcriber.texts[message.recording.path.read_bytes()] = box.words
        pbx.scenario.contacts.append(AddressBookEntry(hours, box.company, phones=(box.number,)))
        missed_at = NOON - timedelta(hours=hours, minutes=30)
        called = box.extension or LINE
        pbx.scenario.calls.append(
            Call(f"missed-{box.extension}", "inbound", missed_at, box.missed_number, box.missed, called)
        )


def leaked(answers: Iterable[str], access: Access, *, asked: str = "") -> set[str]:
    """Return what answers show of mailboxes that a person may not see, apart from what they asked with."""
    text = "\n".join(answers)
    secrets = {secret for box in hidden_from(access) for secret in box.secrets}
    return {secret for secret in secrets if secret in text and secret not in asked}
