"""The prompts: tasks that a user picks in a host, written so that the model uses the tools with care."""

import json
from collections.abc import Mapping

from mcp_types import GetPromptResult, Prompt, PromptArgument, PromptMessage, TextContent

from vm_mcp.dates import ACCEPTED, parse_moment
from vm_mcp.errors import InputError
from vm_mcp.ids import check_uuid
from vm_mcp.inbox import DEFAULT_DAYS, Inbox
from vm_mcp.server.prompts.english import ENGLISH
from vm_mcp.server.prompts.texts import Texts
from vm_mcp.server.prompts.turkish import TURKISH
from vm_mcp.text import clean_text

LANGUAGES: Mapping[str, Texts] = {"tr": TURKISH, "en": ENGLISH}
PERIODS = ("today", "yesterday", "12h", "7d", "30d")
"""Offered while a user types a period; any other date or age is accepted too."""
MAX_EXTENSION = 40

_LANGUAGE = PromptArgument(
    name="language", description="tr or en. Default: tr if the settings list Turkish first, else en"
)
_PERIOD = PromptArgument(
    name="period", description=f"Only messages left since then: {ACCEPTED}. Default: the last {DEFAULT_DAYS} days"
)
_EXTENSION = PromptArgument(name="extension", description="Only this mailbox, such as 1001. Default: every mailbox")
_UUID = PromptArgument(name="uuid", description="uuid of the message, from list_voicemails", required=True)
_NOTES = "Notes that you were told."
_MARKS = "Transcribes messages that have no transcript yet, which marks them as read in the phone system."


class VoicemailPrompts:
    """The prompts, for the tools that the settings allow."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._default_language = "tr" if inbox.settings.languages[0] == "tr" else "en"

    @property
    def listed(self) -> list[Prompt]:
        """The prompts as hosts list them."""
        marks = f" {_MARKS}" if self._inbox.can_transcribe else ""
        notes = f" {_NOTES}" if self._inbox.can_update else ""
        return [
            Prompt(
                name="summarize_voicemails",
                title="Summarise voicemails",
                description="Who called, what they want, whom to call back: in messages that are still open, or in all "
                f"of a period.{marks}",
                arguments=[_PERIOD, _EXTENSION, _LANGUAGE],
            ),
            Prompt(
                name="triage_inbox",
                title="Triage the inbox",
                description="Messages that were neither called back nor closed, sorted into urgent, needs a callback "
                "and can wait, with the caller's words as evidence and what to say; missed calls are offered."
                f"{notes}{marks}",
                arguments=[_PERIOD, _EXTENSION, _LANGUAGE],
            ),
            Prompt(
                name="draft_callback",
                title="Draft a callback",
                description=f"What to check and what to say when calling one caller back.{marks}",
                arguments=[
                    _UUID,
                    PromptArgument(
                        name="language",
                        description="tr or en, also for the words to say. Default: these are in the caller's language",
                    ),
                ],
            ),
        ]

    def get(self, name: str, arguments: Mapping[str, str]) -> GetPromptResult:
        """Return a prompt, filled in.

        Raises:
            InputError: There is no such prompt, or an argument is missing or unusable.
        """
        prompt = next((prompt for prompt in self.listed if prompt.name == name), None)
        if prompt is None:
            raise InputError(
                "There is no such prompt. Choose one of: {names}.", names=", ".join(each.name for each in self.listed)
            )
        filled = {argument: value.strip() for argument, value in arguments.items() if value.strip()}
        _check_names(prompt, filled)
        text = self._callback(filled) if name == "draft_callback" else self._review(name, filled)
        message = PromptMessage(role="user", content=TextContent(type="text", text=text))
        return GetPromptResult(description=prompt.description, messages=[message])

    def _review(self, name: str, arguments: Mapping[str, str]) -> str:
        texts = self._texts(arguments)
        period, extension = arguments.get("period", ""), _extension(arguments.get("extension", ""))
        if period:
            # Only checked: the tool parses it again when the model passes it on.
            parse_moment(period, zone=self._inbox.settings.zone, now=self._inbox.account.clock(), edge="start")
        status = "all" if period and name == "summarize_voicemails" else "open"
        until = period if period.lower() in {"yesterday", "dün"} else ""
        filters = {"status": status, "since": period, "until": until, "extension": extension}
        scope = (texts.in_extension.format(extension=extension) if extension else "") + (
            texts.since.format(since=period) if period else ""
        )
        template = texts.summarize if name == "summarize_voicemails" else texts.triage
        return self._filled(template, texts, scope=scope, arguments=_as_call(filters))

    def _callback(self, arguments: Mapping[str, str]) -> str:
        texts = self._texts(arguments)
        spoken = texts.draft_in if "language" in arguments else texts.as_spoken
        uuid = check_uuid(arguments["uuid"])
        return self._filled(texts.callback, texts, uuid=uuid, arguments=_as_call({"uuid": uuid}), spoken=spoken)

    def _texts(self, arguments: Mapping[str, str]) -> Texts:
        language = arguments.get("language", self._default_language).lower()
        if language not in LANGUAGES:
            raise InputError("`language` must be one of: {languages}.", languages=", ".join(LANGUAGES))
        return LANGUAGES[language]

    def _filled(self, template: str, texts: Texts, **parts: str) -> str:
        reading = texts.transcribe if self._inbox.can_transcribe else texts.archived
        marked_read = texts.marked_read if self._inbox.can_transcribe else ""
        noted = texts.noted if self._inbox.can_update else ""
        return template.format(reading=reading, noted=noted, marked_read=marked_read, rules=texts.rules, **parts)


def _check_names(prompt: Prompt, arguments: Mapping[str, str]) -> None:
    known = {argument.name: argument for argument in prompt.arguments or ()}
    if unknown := sorted(set(arguments) - set(known)):
        names = ", ".join(f"`{clean_text(name)[:40]}`" for name in unknown[:5])
        raise InputError(
            "{name} has no argument {names}. It takes: {known}.", name=prompt.name, names=names, known=", ".join(known)
        )
    if missing := [name for name, argument in known.items() if argument.required and name not in arguments]:
        raise InputError(
            "{name} needs `{argument}`: {description}.",
            name=prompt.name,
            argument=missing[0],
            description=known[missing[0]].description,
        )


def _extension(value: str) -> str:
    extension = clean_text(value)
    if len(extension) > MAX_EXTENSION:
        raise InputError("`extension` is too long. Give the number of a mailbox, such as 1001.")
    return extension


def _as_call(arguments: Mapping[str, str]) -> str:
    """Return a call's arguments as the prompt shows them; quoted, so that no value can pose as another argument."""
    return ", ".join(f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in arguments.items() if value)
