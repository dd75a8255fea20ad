"""Bring the catalogues up to date with the sources: new texts into ``.po``, all of it into ``.mo``.

uv run python scripts/translations.py           update; says how many texts wait for a translation
uv run python scripts/translations.py --check   change nothing; exits with 1 if a catalogue is not up to date

Texts are found by the functions that they are given to, see `MESSAGES`: whoever adds a command or an error marks
nothing. A text that is put together by an f-string there ends this program, since it can't be translated whole.
"""

import argparse
import ast
import io
import re
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "vm_mcp"
LOCALE = PACKAGE / "locale"
LANGUAGES = ("tr",)

MESSAGES: dict[str, tuple[int | str, ...]] = {
    "words": (0,),
    "Words": (0,),
    "template": (0,),
    "say": (0,),
    "tell": (0,),
    "sentences": (0, 1, 2, 3),
    "join_notices": (0, 1, 2, 3),
    "passed": (0, 1),
    "failed": (0, 1, 2),
    "noted": (0, 1, 2),
    "table": (0, 1, 2),
    "_table": (0, 1, 2, 3, 4, 5),
    "add_task": (0,),
    "add_command": (2, 3),
    "add_range": ("default",),
    "add_argument": ("help", "metavar"),
    "add_argument_group": (0, 1),
    "add_subparsers": ("title", "metavar"),
    "CommandParser": ("description",),
    "Field": ("description",),
    "unusable": (0,),
    "Host": ("restart",),
    "asked": (0, 1, 2, 3),
    "_asked": (1,),
    "Days": ("question",),
    "ClockTime": ("question",),
    "replace": ("question",),
}
"""Functions, and which of their arguments are texts for people. Errors are added: their first argument is one."""
NAMED = re.compile(r"question|MISSED_COLUMNS")
"""Variables whose texts are for people, where they hold some: what is asked, heads of tables."""
_ORDERED = 3
"""A template of more placeholders is a message even if it has no words."""
_COMMAND_LINE = frozenset({"passed", "failed", "noted", "table", "_table"})
"""Functions of the command line; others have the same names."""
_MADE = datetime(2026, 11, 28, tzinfo=UTC)
"""For the headers: a date of today would change the files each time."""
ARGPARSE = (
    # As in CPython 3.11 to 3.14, `Lib/argparse.py`: what a person can meet on a command line of ours.
    "usage: ",
    "options",
    "positional arguments",
    "subcommands",
    "show this help message and exit",
    "show program's version number and exit",
    "argument %(argument_name)s: %(message)s",
    "%(prog)s: error: %(message)s\n",
    "unrecognized arguments: %s",
    "the following arguments are required: %s",
    "one of the arguments %s is required",
    "not allowed with argument %s",
    "ignored explicit argument %r",
    "expected one argument",
    "expected at most one argument",
    "expected at least one argument",
    ("expected %s argument", "expected %s arguments"),
    "ambiguous option: %(option)s could match %(matches)s",
    "invalid %(type)s value: %(value)r",
    "invalid choice: %(value)r (choose from %(choices)s)",
    "invalid choice: %(value)r, maybe you meant %(closest)r? (choose from %(choices)s)",
    "unknown parser %(parser_name)r (choices: %(choices)s)",
    "unexpected option string: %s",
)
"""argparse's own words, which it asks gettext for."""

Found = tuple[str | tuple[str, str], str, int]
"""A message, or its singular and plural; its file and line."""


class ComposedTextError(Exception):
    """A text for people is put together where it can't be translated."""


class Source(ast.NodeVisitor):
    """Finds the messages of a module."""

    def __init__(self, path: Path, errors: frozenset[str]) -> None:
        self._path = path
        self._errors = errors
        self.found: list[Found] = []
        self._constants: dict[str, ast.expr] = {}

    def read(self) -> list[Found]:
        """Return the messages.

        Raises:
            ComposedTextError: One is an f-string or the like.
        """
        tree = ast.parse(self._path.read_text(encoding="utf-8"))
        for node in tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                self._constants[node.targets[0].id] = node.value
        self.visit(tree)
        return self.found

    def visit_Call(self, node: ast.Call) -> None:
        """Take the texts that a function gets."""
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name == "plural":
            self._take_plural(node)
        elif name == "counted":
            self._take_noun(node)
        elif name == "map":
            self._take_mapped(node)
        for place in self._places(name):
            for text in _argument(node, place):
                self._take(text)
        self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        """Take the texts of variables that are named for them."""
        if isinstance(node.targets[0], ast.Name) and NAMED.search(node.targets[0].id):
            self._take(node.value, is_strict=False)
        self.generic_visit(node)

    def _places(self, name: str) -> tuple[int | str, ...]:
        if name in self._errors or (name == "ValueError" and self._path.parent.name in {"config", "tools"}):
            return (0,)
        if name == "Field" and self._path.parent.name != "config":  # a tool's: a model reads it
            return ()
        if name in _COMMAND_LINE and "cli" not in self._path.parts:
            return ()
        return MESSAGES.get(name, ())

    def _take_plural(self, node: ast.Call) -> None:
        one, many = node.args[:2]
        if isinstance(one, ast.Constant) and isinstance(many, ast.Constant):
            self.found.append(((str(one.value), str(many.value)), self._file, node.lineno))

    def _take_noun(self, node: ast.Call) -> None:
        noun = ast.literal_eval(node.args[1])
        self.found.append(((f"{{count}} {noun}", f"{{count}} {noun}s"), self._file, node.lineno))

    def _take_mapped(self, node: ast.Call) -> None:
        """Take the texts of ``map(words, (…))``."""
        if isinstance(node.args[0], ast.Name) and node.args[0].id == "words":
            self._take(node.args[1])

    def _take(self, node: ast.expr, *, is_strict: bool = True) -> None:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            self.found.append((node.value, self._file, node.lineno))
        elif isinstance(node, ast.IfExp):
            self._take(node.body, is_strict=is_strict)
            self._take(node.orelse, is_strict=is_strict)
        elif isinstance(node, ast.BoolOp):
            for value in node.values:
                self._take(value, is_strict=is_strict)
        elif isinstance(node, ast.Tuple):
            for element in node.elts:
                self._take(element, is_strict=is_strict)
        elif isinstance(node, ast.Name) and node.id in self._constants:
            self._take(self._constants[node.id], is_strict=False)
        elif is_strict and _is_composed(node):
            place = f"{self._file}:{node.lineno}"
            raise ComposedTextError(f"{place}: give a template and its values: {ast.unparse(node)[:90]}")

    @property
    def _file(self) -> str:
        return self._path.relative_to(ROOT).as_posix()


def messages() -> list[Found]:
    """Return all messages of the sources, and argparse's.

    Raises:
        ComposedTextError: A text for people is put together where it can't be translated.
    """
    paths = sorted(path for path in PACKAGE.rglob("*.py") if "simulator" not in path.relative_to(PACKAGE).parts)
    errors = _error_names(paths)
    ours = chain.from_iterable(Source(path, errors).read() for path in paths)
    theirs = [(message, "argparse", 0) for message in ARGPARSE]
    return [each for each in [*ours, *theirs] if _is_text(each[0])]


def updated(language: str) -> Catalog:
    """Return a language's catalogue as it is after an update: nothing missing, nothing superfluous, none guessed."""
    known = catalogue(language)
    catalog = Catalog(
        locale=language,
        project="vm-mcp",
        version="as in this repository",
        msgid_bugs_address="see CONTRIBUTING.md",
        last_translator="see CONTRIBUTING.md",
        language_team="none",
        creation_date=_MADE,
        revision_date=_MADE,
        fuzzy=False,
    )
    catalog.header_comment = f"# {language}: texts of vm-mcp; `uv run python scripts/translations.py` keeps it."
    for message, file, _ in messages():
        before = known.get(message[0] if isinstance(message, tuple) else message)
        same = before and isinstance(before.id, tuple) == isinstance(message, tuple)
        catalog.add(message, before.string if before and same else None, locations=[(file, 0)])
    return catalog


def catalogue(language: str) -> Catalog:
    """Return a language's catalogue as it is."""
    path = path_of(language)
    return read_po(io.BytesIO(path.read_bytes()), locale=language) if path.exists() else Catalog(locale=language)


def path_of(language: str) -> Path:
    """Return the file of a language's catalogue; the compiled one is beside it."""
    return LOCALE / language / "LC_MESSAGES" / "vm_mcp.po"


def written(catalog: Catalog) -> tuple[bytes, bytes]:
    """Return a catalogue's ``.po`` and ``.mo``."""
    po, mo = io.BytesIO(), io.BytesIO()
    write_po(po, catalog, width=100, sort_by_file=True, omit_header=False, include_lineno=False)
    write_mo(mo, catalog)
    return po.getvalue(), mo.getvalue()


def untranslated(catalog: Catalog) -> list[str]:
    """Return the messages that wait for a translation."""
    return [str(message.id) for message in catalog if message.id and not all(_strings(message.string))]


def main() -> int:
    """Update the catalogues, or check that they are up to date."""
    parser = argparse.ArgumentParser(description="Bring the catalogues up to date with the sources.")
    parser.add_argument("--check", action="store_true", help="change nothing")
    is_check = parser.parse_args().check
    is_current = True
    for language in LANGUAGES:
        path, catalog = path_of(language), updated(language)
        contents = {path: (both := written(catalog))[0], path.with_suffix(".mo"): both[1]}
        for file, content in contents.items():
            is_same = file.exists() and file.read_bytes() == content
            is_current &= is_same
            if not is_same and not is_check:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
        waiting = untranslated(catalog)
        sys.stdout.write(f"{language}: {len(catalog)} texts, {len(waiting)} to be translated in {path}\n")
        is_current &= not waiting
    return 0 if is_current or not is_check else 1


def _is_text(message: str | tuple[str, str]) -> bool:
    text = message[0] if isinstance(message, tuple) else message
    if len(re.findall(r"\{\w+", text)) > _ORDERED:  # such as the parts of a date, which have another order elsewhere
        return True
    return bool(re.search(r"[A-Za-z]", re.sub(r"\{\w*(?:![rs])?(?::(?!%)[^{}]*)?\}", "", text)))


def _error_names(paths: Iterable[Path]) -> frozenset[str]:
    """Return the names of all errors whose text is for people."""
    bases: dict[str, set[str]] = {}
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                bases[node.name] = {base.id for base in node.bases if isinstance(base, ast.Name)}
    names = {"VmError"}
    while more := {name for name, above in bases.items() if above & names} - names:
        names |= more
    return frozenset(names)


def _argument(node: ast.Call, place: int | str) -> Iterator[ast.expr]:
    if isinstance(place, int):
        yield from [each for each in node.args[place : place + 1] if not isinstance(each, ast.Starred)]
    else:
        yield from (keyword.value for keyword in node.keywords if keyword.arg == place)


def _is_composed(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr | ast.BinOp) or (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in {"format", "join"}
    )


def _strings(string: str | tuple[str, ...] | list[str] | None) -> list[str]:
    return [string] if isinstance(string, str) else list(string or [""])


if __name__ == "__main__":
    sys.exit(main())
