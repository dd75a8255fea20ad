"""The prompts: what a user picks in a host, to have the tools used with care."""

import json
from collections.abc import Mapping

from mcp_types import GetPromptResult, Prompt, PromptArgument, PromptMessage, TextContent

from vm_mcp.dates import ACCEPTED, parse_moment
from vm_mcp.errors import InputError
from vm_mcp.inbox import DEFAULT_DAYS, Inbox
from vm_mcp.server.prompts.english import ENGLISH
from vm_mcp.server.prompts.texts import Texts
from vm_mcp.server.prompts.turkish import TURKISH
from vm_mcp.text import clean_text

LANGUAGES: Mapping[str, Texts] = {"tr": TURKISH, "en": ENGLISH}
PERIODS = ("today", "yesterday", "12h", "7d", "30d")
"""What is offered for a period; any other date or age will do."""
MAX_EXTENSION = 40

_LANGUAGE = PromptArgument(name="language", description="tr or en. Default: what callers speak by the settings")
_PERIOD = PromptArgument(
    name="period", description=f"Only messages left since then: {ACCEPTED}. Default: the last {DEFAULT_DAYS} days"
)
_EXTENSION = PromptArgument(name="extension", description="Only this mailbox, such as 1001. Default: every mailbox")
_UUID = PromptArgument(name="uuid", description="uuid of the message, as list_voicemails gave it", required=True)
_MARKS = "Has messages transcribed that were not yet, which marks them as read in the phone system."


class VoicemailPrompts:
    """The prompts for the tools that the settings leave."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._default_language = "tr" if inbox.settings.languages[0] == "tr" else "en"

    @property
    def listed(self) -> list[Prompt]:
        """What a host shows."""
        marks = f" {_MARKS}" if self._inbox.can_transcribe else ""
        return [
            Prompt(
                name="summarize_voicemails",
                title="Summarise voicemails",
                description="Who called, what they want, whom to call back: what no person has heard, or all of a "
                f"period.{marks}",
                arguments=[_PERIOD, _EXTENSION, _LANGUAGE],
            ),
            Prompt(
                name="triage_inbox",
                title="Triage the inbox",
                description="What no person has heard, as urgent, needs a callback and can wait, each with the "
                f"caller's words as evidence.{marks}",
                arguments=[_PERIOD, _EXTENSION, _LANGUAGE],
            ),
            Prompt(
                name="draft_callback",
                title="Draft a callback",
                description=f"What to check, and what to say, when calling one caller back.{marks}",
                arguments=[
                    _UUID,
                    PromptArgument(
                        name="language",
                        description="tr or en, also for what is to be said. Default: what the caller spoke",
                    ),
                ],
            ),
        ]

    def get(self, name: str, arguments: Mapping[str, str]) -> GetPromptResult:
        """Fill a prompt in.

        Raises:
            InputError: There is no such prompt, or an argument is missing or unusable.
        """
        prompt = next((prompt for prompt in self.listed if prompt.name == name), None)
        if prompt is None:
            raise InputError(f"There is no such prompt. Choose one of: {', '.join(each.name for each in self.listed)}.")
        given = {argument: value.strip() for argument, value in arguments.items() if value.strip()}
        _check_names(prompt, given)
        text = self._callback(given) if name == "draft_callback" else self._review(name, given)
        message = PromptMessage(role="user", content=TextContent(type="text", text=text))
        return GetPromptResult(description=prompt.description, messages=[message])

    def _review(self, name: str, given: Mapping[str, str]) -> str:
        texts = self._texts(given)
        period, extension = given.get("period", ""), _extension(given.get("extension", ""))
        if period:
            settings = self._inbox.settings
            parse_moment(period, zone=settings.zone, now=self._inbox.account.clock(), edge="start")
        status = "all" if period and name == "summarize_voicemails" else "unheard"
        until = period if period.lower() in {"yesterday", "dün"} else ""
        asked = {"status": status, "since": period, "until": until, "extension": extension}
        scope = (texts.in_extension.format(extension=extension) if extension else "") + (
            texts.since.format(since=period) if period else ""
        )
        template = texts.summarize if name == "summarize_voicemails" else texts.triage
        return self._filled(template, texts, scope=scope, arguments=_arguments(asked))

    def _callback(self, given: Mapping[str, str]) -> str:
        from vm_mcp.ids import check_uuid  # it brings the HTTP client along, which a start need not wait for

        texts = self._texts(given)
        spoken = texts.draft_in if "language" in given else texts.as_spoken
        uuid = check_uuid(given["uuid"])
        return self._filled(texts.callback, texts, uuid=uuid, arguments=_arguments({"uuid": uuid}), spoken=spoken)

    def _texts(self, given: Mapping[str, str]) -> Texts:
        language = given.get("language", self._default_language).lower()
        if language not in LANGUAGES:
            raise InputError(f"`language` must be one of: {', '.join(LANGUAGES)}.")
        return LANGUAGES[language]

    def _filled(self, template: str, texts: Texts, **parts: str) -> str:
        reading = texts.transcribe if self._inbox.can_transcribe else texts.archived
        opened = texts.opened if self._inbox.can_transcribe else ""
        return template.format(reading=reading, opened=opened, rules=texts.rules, **parts)


def _check_names(prompt: Prompt, given: Mapping[str, str]) -> None:
    known = {argument.name: argument for argument in prompt.arguments or ()}
    if unknown := sorted(set(given) - set(known)):
        names = ", ".join(f"`{clean_text(name)[:40]}`" for name in unknown[:5])
        raise InputError(f"{prompt.name} has no argument {names}. It takes: {', '.join(known)}.")
    if missing := [name for name, argument in known.items() if argument.required and name not in given]:
        raise InputError(f"{prompt.name} needs `{missing[0]}`: {known[missing[0]].description}.")


def _extension(given: str) -> str:
    extension = clean_text(given)
    if len(extension) > MAX_EXTENSION:
        raise InputError("`extension` is too long. Give the number of a mailbox, such as 1001.")
    return extension


def _arguments(asked: Mapping[str, str]) -> str:
    return ", ".join(f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in asked.items() if value)
