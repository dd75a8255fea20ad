"""What a transcript makes of a message that came over a telephone line: words, numbers, and what looks sure."""

from collections.abc import Sequence
from typing import NamedTuple

import jiwer
import numpy as np
from slots.alignment import align
from slots.messages import Message, Slot
from slots.scoring import marked_words, national
from speech import wording

from telephone import sounds
from telephone.loss_of_sound import cut_milliseconds
from telephone.one_call import Recorded
from vm_mcp import audio, doubt
from vm_mcp.models import Transcript


class Verdict(NamedTuple):
    """Counts of one recording."""

    words: int
    """Said; of a call that was hung up, those that fit best what was heard."""
    errors: int
    """Words that are wrong, missing or invented; 0 where nobody speaks."""
    invented: int
    """Words that stand for none that was said."""
    wrong: int
    """Words of the transcript that are wrong."""
    wrong_marked: int
    """Those of them that have a doubt mark."""
    other_language: int
    """1 if most words were taken for a language that nobody speaks in the call."""
    lost: int
    """1 if somebody speaks and no word came."""
    lost_untold: int
    """1 if that is not told, either, although the recording holds some of it."""
    numbers: int
    """Telephone numbers said whole."""
    numbers_right: int
    """Those of them that are listed, whether as sure or not."""
    sure: int
    """Telephone numbers told as valid."""
    sure_wrong: int
    """Those of them that nobody said."""
    unwarned: int
    """Telephone numbers listed without a word of doubt that nobody said."""
    missed_untold: int
    """Telephone numbers said, of which nothing is listed, in a transcript that doesn't tell that words are missing."""
    cut: int
    """Milliseconds of speech that are missing in the recording."""
    spoken: int
    """Milliseconds of speech in the message."""


def judge(recorded: Recorded, transcript: Transcript) -> Verdict:
    """Compare a transcript with what was said, and the recording with the message."""
    message = _said(recorded)
    shown = doubt.show(transcript)
    heard, marked = marked_words(shown.text)
    if recorded.path.spoken < 1:
        message = _best_beginning(message, heard)
    errors, invented, wrong = _wrong_words(message, recorded.caller.language, heard)
    numbers = {national(slot.value) for slot in message.slots}
    listed = {national(phone.number) for phone in shown.phone_numbers if phone.number}
    sure = {national(phone.number) for phone in shown.phone_numbers if phone.is_valid}
    cut, spoken = cut_milliseconds(audio.decode(recorded.caller.message.path.read_bytes()), _of_caller(recorded))
    speaks = bool(message.text)
    return Verdict(
        words=len(message.text.split()),
        errors=errors if speaks else 0,
        invented=invented,
        wrong=len(wrong),
        wrong_marked=len(wrong & marked),
        other_language=int(speaks and transcript.language not in {"", *_languages(recorded)}),
        lost=int(speaks and not heard),
        lost_untold=int(speaks and not heard and not transcript.speech_not_understood and cut < spoken),
        numbers=len(numbers),
        numbers_right=len(numbers & listed),
        sure=len(sure),
        sure_wrong=len(sure - numbers),
        unwarned=sum(
            not phone.verdict and national(phone.number) not in numbers for phone in shown.phone_numbers if phone.number
        ),
        missed_untold=0 if shown.phone_numbers or _tells_of_gaps(transcript, shown) else len(numbers),
        cut=cut if speaks else 0,
        spoken=spoken if speaks else 0,
    )


def _said(recorded: Recorded) -> Message:
    """Return all that is said in a call, with its telephone numbers alone as slots."""
    message = recorded.caller.message
    before = recorded.greeting.message.text if recorded.greeting else ""
    count = len(before.split())
    slots = [
        Slot(kind, value, start + count, end + count) for kind, value, start, end in message.slots if kind == "phone"
    ]
    return Message(message.name, recorded.file, f"{before} {message.text}".strip(), tuple(slots))


def _languages(recorded: Recorded) -> set[str]:
    return {speaker.language for speaker in (recorded.caller, recorded.greeting) if speaker}


def _best_beginning(message: Message, heard: Sequence[str]) -> Message:
    """Return the beginning of a message, as its caller hung up, that fits best what was heard."""
    words = message.text.split()
    length = min(range(len(words) + 1), key=lambda count: (align(words[:count], heard).errors, -count))
    slots = tuple(slot for slot in message.slots if slot.end <= length)
    return Message(message.name, message.path, " ".join(words[:length]), slots)


def _wrong_words(message: Message, language: str, heard: Sequence[str]) -> tuple[int, int, set[int]]:
    """Return the number of errors, of invented words, and the indices of what was heard wrongly."""
    if language == "en":
        return _wrong_english(message.text, heard)
    alignment = align(message.text.split(), heard)
    wrong = {index for index, each in enumerate(alignment.heard) if each.errors}
    return alignment.errors, sum(alignment.heard[index].start == alignment.heard[index].end for index in wrong), wrong


def _wrong_english(said: str, heard: Sequence[str]) -> tuple[int, int, set[int]]:
    pair = wording.pair(said, " ".join(heard), "en")
    found = jiwer.process_words(pair.said, pair.heard)
    return found.substitutions + found.deletions + found.insertions, found.insertions, set()


def _tells_of_gaps(transcript: Transcript, shown: doubt.Shown) -> bool:
    return bool(transcript.speech_not_understood) or shown.is_hardly_understood


def _of_caller(recorded: Recorded) -> "audio.Samples":
    """Return what was recorded of the caller: where the mailbox has a channel of its own, the other one."""
    if not recorded.greeting:
        return audio.decode(recorded.file.read_bytes())
    mailbox_and_caller = sounds.read(recorded.file)
    return np.repeat(mailbox_and_caller[1], audio.SAMPLE_RATE // recorded.path.rate)
