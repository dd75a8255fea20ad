"""Who calls: short messages whose words and telephone numbers are known, and one in which nobody speaks."""

from pathlib import Path
from typing import NamedTuple

from slots.messages import Message, Slot, load_messages

from vm_mcp.simulator import load_voices

_SHIPPED = (
    *("tr02_geri_ara", "en01_callback", "sil1_noise", "tr01_randevu", "en03_dentist"),
    *("tr05_klinik", "en02_invoice", "tr04_adres", "tr03_fatura", "tr06_ariza"),
)
_NUMBERS = {"tr02_geri_ara": "05324172893", "en01_callback": "5550134", "tr05_klinik": "02163456789"}
_SHIPPED_BESIDE_OTHERS = 5


class Caller(NamedTuple):
    """A caller with a message."""

    message: Message
    language: str
    """ISO 639-1 code; empty: nobody speaks."""

    @property
    def numbers(self) -> set[str]:
        """The telephone numbers that are said, as they were written down."""
        return {slot.value for slot in self.message.slots if slot.kind == "phone"}


def choose(count: int, folder: Path | None) -> list[Caller]:
    """Return some callers with short messages.

    Args:
        count: How many.
        folder: Where more of them are, with a ``manifest.json``, all Turkish. The shortest with a telephone number are
            taken, after five that come with vm-mcp. None: all come with vm-mcp, ten at most.
    """
    shipped = [_shipped(name) for name in _SHIPPED]
    if not folder:
        return shipped[:count]
    return [*shipped[:_SHIPPED_BESIDE_OTHERS], *_with_numbers(folder)][:count]


def _with_numbers(folder: Path) -> list[Caller]:
    callers = [Caller(message, "tr") for message in load_messages(folder)]
    return sorted((caller for caller in callers if caller.numbers), key=lambda caller: len(caller.message.text.split()))


def _shipped(name: str) -> Caller:
    voice = load_voices()[name]
    words = voice.text.split()
    slots = [_slot(words, phone.split(), _NUMBERS[name]) for phone in voice.phones]
    return Caller(Message(name, voice.path, voice.text, tuple(slots)), voice.language)


def _slot(words: list[str], said: list[str], number: str) -> Slot:
    plain = [word.strip(",.").lower() for word in words]
    start = next(index for index in range(len(words)) if plain[index : index + len(said)] == said)
    return Slot("phone", number, start, start + len(said))
