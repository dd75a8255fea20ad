"""Texts for people that remember what they were made of, so that they can be translated whole, and late.

A text is English for whoever takes it as a `str`: a model, a log, a test. Its message (the English template) and its
values stay with it until a place where a person reads translates it, see `vm_mcp/translation.py`.
`scripts/translations.py` finds messages by the functions that they are given to.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from pydantic_core import CoreSchema

CAPITAL = "capital"
"""Format of a placeholder, ``{name:capital}``: its text begins with a capital."""


class Words(str):  # noqa: SLOT000 - its __dict__ is what pickle restores
    """A text for people in English, which can be translated.

    Args:
        message: The message of the catalogue: English, with placeholders such as ``{count}`` if there are ``values``.
        plural: The same for any number but one; empty: the text is about no number.
        count: The number it is about.
        values: For the placeholders; words among them are translated as well.
    """

    message: str
    plural: str
    number: int
    values: Mapping[str, object]

    def __new__(
        cls, message: str, plural: str = "", count: int = 1, values: Mapping[str, object] | None = None
    ) -> Self:
        """Fill in the English text."""
        template = plural if plural and count != 1 else message
        self = super().__new__(cls, template.format_map(values) if values else template)
        self.message, self.plural, self.number, self.values = message, plural, count, values or {}
        return self

    def __format__(self, format_spec: str) -> str:
        """Return the English text, with a capital if that is asked for."""
        text = str(self)
        return text[:1].upper() + text[1:] if format_spec == CAPITAL else format(text, format_spec)

    def as_data(self) -> dict[str, Any]:
        """Return the words for another process: JSON data, if their values are words, texts or numbers."""
        values = {name: value.as_data() if isinstance(value, Words) else value for name, value in self.values.items()}
        return {"message": self.message, "plural": self.plural, "count": self.number, "values": values}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Return the words that `as_data` was called on."""
        values = {
            name: cls.from_data(value) if isinstance(value, dict) else value for name, value in data["values"].items()
        }
        return cls(data["message"], data["plural"], data["count"], values)

    @classmethod
    def of(cls, text: str) -> "Words":
        """Return a text as words; words stay as they are."""
        return text if isinstance(text, Words) else Words(text)

    @classmethod
    def __get_pydantic_core_schema__(cls, *_: object) -> "CoreSchema":
        """Have a model's field keep words as they are; pydantic would make a plain text of them."""
        from pydantic_core import core_schema

        given = core_schema.is_instance_schema(cls)
        made = core_schema.no_info_after_validator_function(cls, core_schema.str_schema())
        return core_schema.union_schema(
            [given, made], mode="left_to_right", serialization=core_schema.to_string_ser_schema(when_used="always")
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, *_: object) -> dict[str, Any]:
        return {"type": "string"}


def words(message: str, /, **values: object) -> Words:
    """Return a text for people; words without values are returned as they are.

    Args:
        message: English, with placeholders such as ``{count}`` if there are ``values``.
        values: For the placeholders; words among them are translated as well.
    """
    return message if isinstance(message, Words) and not values else Words(message, values=values)


def template(message: str) -> str:
    """Return a message that gets its values later; it says to `scripts/translations.py` that it is one."""
    return message


def plural(one: str, many: str, count: int, /, **values: object) -> Words:
    """Return a text about a number of things; ``{count}`` is that number.

    Args:
        one: The English message for one thing.
        many: The same for any other number.
        count: How many there are.
        values: For the other placeholders.
    """
    return Words(one, many, count, {"count": count, **values})


def joined(separator: str, texts: Iterable[str]) -> Words:
    """Return the texts that aren't empty, with a separator between them; those that are words can be translated."""
    values = {f"text{number}": text for number, text in enumerate(filter(None, texts))}
    message = separator.join(f"{{{name}}}" for name in values)
    return Words(message, values=values)


def enumeration(texts: Sequence[str]) -> Words:
    """Return texts as a list in a sentence: ``a, b and c``."""
    *before, last = texts
    return words("{before} and {last}", before=joined(", ", before), last=last) if before else words(last)


def alternatives(texts: Sequence[str]) -> Words:
    """Return texts as alternatives: ``a or b or c``."""
    first, *others = texts
    return words("{first} or {others}", first=first, others=alternatives(others)) if others else Words(first)


def sentences(*texts: str) -> Words:
    """Return the sentences that aren't empty as one line; each can be translated, also one that is a plain text."""
    return joined(" ", map(Words.of, texts))
