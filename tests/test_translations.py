"""The catalogue holds every text that a person may read, whole, in good order, and what the sources say now."""

import argparse
import ast
import inspect
import re
import runpy
import string
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Message

from vm_mcp.cli import console
from vm_mcp.cli.program import build_parser
from vm_mcp.cli.spoken_language import speaking

ROOT = Path(__file__).parent.parent
SCRIPT = runpy.run_path(str(ROOT / "scripts" / "translations.py"))
CATALOGUE = SCRIPT["catalogue"]("tr")
MESSAGES: list[Message] = [message for message in CATALOGUE if message.id]

KEPT = re.compile(
    r"varsayılan: \w+|(?m:^    [a-z]+)|`[^`]*`|vm-mcp[\w-]*(?: [a-z]+)*|--[a-z-]+|[A-Z]{2,}\w*|'[^']*'"
    r"|[\w.]*[./:_|][\w./:|-]*|\{[^}]*\}|%\(?\w*\)?[sr]"
)
"""Commands, settings, paths, choices: the same in every language."""
ENGLISH = frozenset(
    re.findall(
        r"\w+",
        """
        about after all also already and another any are as be before by can default does each every for from give has
        have how is it its last list make mark marks message messages more most needs new no nothing of only or other
        over print read run same set show such take than that the their them there they this to transcribe unless what
        when where which who with without write you your""",
    )
)
"""Words that no Turkish sentence has; those that it has too, such as `on`, are left out."""


def strings(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


def ids(message: Message) -> list[str]:
    return [message.id] if isinstance(message.id, str) else list(message.id)


def placeholders(text: str) -> set[str]:
    names = {name.partition(".")[0] for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    return names | set(re.findall(r"%(?:\(\w+\))?[sr]", text))


def numbers(text: str) -> set[str]:
    """Return the formats of a text's numbers, which stay as they are."""
    return {spec for _, _, spec, _ in string.Formatter().parse(text) if spec and spec[-1] in "fg"}


def test_the_catalogues_are_as_the_sources_are_and_nothing_waits_for_a_translation(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["translations.py", "--check"])
    assert SCRIPT["main"]() == 0, f"{capsys.readouterr().out}Run: uv run python scripts/translations.py"


def test_no_translation_is_missing_or_guessed_and_all_plural_forms_are_there() -> None:
    assert len(MESSAGES) > 700
    assert [message.id for message in MESSAGES if not all(strings(message)) or message.fuzzy] == []
    plurals = [message for message in MESSAGES if not isinstance(message.id, str)]
    assert {len(strings(message)) for message in plurals} == {CATALOGUE.num_plurals} == {1}


def test_translations_have_the_placeholders_the_names_and_the_edges_of_the_english() -> None:
    wrong = {
        ids(message)[0]: problem
        for message in MESSAGES
        for text in strings(message)
        if (problem := _difference(ids(message)[-1], text))
    }
    assert wrong == {}


def _difference(english: str, text: str) -> str:
    """Return in what a translation differs from the English where it must not; empty if it doesn't."""
    names = r"VM_MCP_\w+|--[a-z-]+"
    same = {
        "placeholders": placeholders(text) == placeholders(english),
        "formats": numbers(text) == numbers(english),
        "settings": set(re.findall(names, english)) == set(re.findall(names, text)),
        "its end": [text.endswith(end) for end in (" ", "\n")] == [english.endswith(end) for end in (" ", "\n")],
        "full stop": text.endswith((".", "?")) == english.endswith((".", "?")),
        "spaces": "  " not in text,
    }
    return ", ".join(what for what, is_same in same.items() if not is_same)


def test_turkish_is_polite_and_uses_the_vendors_words() -> None:
    said = "\n".join(text for message in MESSAGES for text in strings(message))
    assert not re.search(r"\b(dene|çalıştır|ayarla|bağlan|seç|kapat|düzelt|ekle)[.;]", said), "an order without -in"
    assert not re.search(r"\bsesli posta\b|\bsesli mesaj\b|\bvoicemail kutu|\bPBX\b(?! )", said)
    assert "telesekreter" in said
    assert "dahili" in said
    assert "santral" in said


@cache
def parsers() -> dict[str, argparse.ArgumentParser]:
    found: dict[str, argparse.ArgumentParser] = {}

    def collect(parser: argparse.ArgumentParser) -> None:
        found[parser.prog] = parser
        for action in parser._actions:
            if isinstance(action, argparse._SubParsersAction):
                for each in action.choices.values():
                    collect(each)

    collect(build_parser())
    return found


@pytest.mark.parametrize("name", parsers())
def test_no_english_is_left_in_the_turkish_help_of_a_command_and_every_line_fits(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with speaking(["--lang", "tr"]):
        help_text = parsers()[name].format_help()
    _, _, body = help_text.partition("\n\n")
    left = {word for word in re.findall(r"[a-z']+", KEPT.sub(" ", body)) if word in ENGLISH}
    assert left == set()
    lines = [line for line in help_text.splitlines() if len(line) > 80]
    assert [line for line in lines if " " in line.strip()] == []
    assert help_text.startswith("kullanım: ")


def test_argparses_own_words_are_in_the_catalogue() -> None:
    """Those that a command line of ours can meet; the others are for who writes a parser."""
    found = set()
    for node in ast.walk(ast.parse(inspect.getsource(argparse))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"_", "ngettext"}:
            found |= {argument.value for argument in node.args[:2] if isinstance(argument, ast.Constant)}
    for_programmers = re.compile(
        r"cannot|conflict|mutually|can't open|deprecated|\.__call__|nargs|must (?:be|start)|action|mode|dest="
        r"|callable|positionals$"
    )
    known = {text for message in MESSAGES for text in ids(message)}
    assert {text for text in found if not for_programmers.search(str(text))} - known == set()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["lst"], "KOMUT: geçersiz seçim: 'lst'"),
        (["list", "--limit", "0"], "--limit: 1 ile 1000 arasında bir sayı verin"),
        (["list", "--limit"], "--limit: bir değer bekleniyordu"),
        (["show"], "şunlar eksik: UUID"),
        (["update", "x", "--state", "gone"], "geçersiz seçim: 'gone'"),
        (["login", "surplus"], "bilinmeyen seçenekler: surplus"),
    ],
)
def test_a_wrong_command_line_is_explained_in_turkish(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"), speaking(["--lang=tr"]):
        build_parser().parse_args(arguments)
    error = capsys.readouterr().err
    assert "hata: " in error
    assert said in error


def test_a_message_of_the_catalogue_is_found_by_the_function_that_it_is_given_to(tmp_path: Path) -> None:
    assert _found(tmp_path, 'raise ConfigError("The key {key} is gone.", key=key)') == ["The key {key} is gone."]
    assert _found(tmp_path, '_GONE = "It is gone."\nraise PbxError(_GONE)') == ["It is gone."]
    assert _found(tmp_path, 'console.say("One." if one else "Two.")') == ["One.", "Two."]
    assert _found(tmp_path, 'counted(3, "call")') == [("{count} call", "{count} calls")]


def test_a_text_that_is_put_together_is_refused(tmp_path: Path) -> None:
    for composed in ('ConfigError(f"{key} is gone.")', 'console.say("a " + b)', 'words("{}".format(key))'):
        with pytest.raises(SCRIPT["ComposedTextError"], match="give a template"):
            _found(tmp_path, composed)


def test_a_console_without_turkish_letters_shows_question_marks_and_no_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "console.txt"
    with path.open("w", encoding="cp437") as stream, speaking(["--lang", "tr"]):  # an English Windows'
        monkeypatch.setattr("sys.stderr", stream)
        console.say("No message matches.")
        console.say("The archive was not opened. {error}", error="ğüş")
    assert path.read_bytes().decode("cp437").splitlines() == ["Uyan mesaj yok.", "Ar?iv aç?lmad?. ?ü?"]


def _found(folder: Path, code: str) -> list[Any]:
    path = ROOT / "vm_mcp" / "cli" / "made_up.py"
    source = SCRIPT["Source"](path, frozenset({"ConfigError", "PbxError"}))
    written = folder / "made_up.py"
    written.write_text(code, encoding="utf-8")
    source._path = _Elsewhere(path, written)
    return [message for message, _, _ in source.read()]


class _Elsewhere:
    """A path of the package whose content is in another file."""

    def __init__(self, path: Path, content: Path) -> None:
        self.parent, self.parts, self.relative_to = path.parent, path.parts, path.relative_to
        self.read_text = content.read_text
