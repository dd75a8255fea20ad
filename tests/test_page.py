"""The inbox page as it is packaged. What it does is shown by tests/browser."""

import re
import runpy
from pathlib import Path

from vm_mcp.page import FILE

ROOT = Path(__file__).parent.parent
SOURCES = sorted((FILE.parent / "src").glob("*.js"))
PAGE = FILE.read_text(encoding="utf-8")


def test_the_page_is_built_from_the_sources_beside_it() -> None:
    build = runpy.run_path(str(ROOT / "scripts" / "page" / "build.py"))
    assert build["digest"]() in PAGE, "run: uv run python scripts/page/build.py"


def test_the_page_is_one_small_file_that_loads_nothing() -> None:
    assert len(PAGE.encode()) < 60_000
    assert set(re.findall(r"https?:[^\"'` ]*", PAGE)) == {"http://www.w3.org/2000/svg"}
    assert (
        re.findall(r"<(?:script|link|img|audio|iframe)[^>]*\s(?:src|href)=|@import|url\((?!#)|\bimport\(", PAGE) == []
    )
    assert (PAGE.count("<script>"), PAGE.count("<style>")) == (1, 1)


def test_no_module_can_make_markup_or_a_program_of_a_text() -> None:
    makers = r"innerHTML|outerHTML|insertAdjacentHTML|DOMParser|createContextualFragment|document\.write|setHTML|srcdoc"
    programs = r"\beval\(|new Function|setTimeout\(\s*[\"'`]|javascript:"
    assert len(SOURCES) > 10
    for path in SOURCES:
        assert re.findall(f"{makers}|{programs}", path.read_text(encoding="utf-8")) == [], path.name


def test_the_page_fits_a_policy_of_hashes() -> None:
    assert re.findall(r"<[^>!]*\s(?:style|on\w+)=", PAGE.partition("<script>")[0]) == []
    assert 'setAttribute("style"' not in PAGE


def test_both_languages_say_the_same_things() -> None:
    texts = (FILE.parent / "src" / "texts.js").read_text(encoding="utf-8")
    english, turkish = (
        dict(re.findall(r'^  (\w+): "(.*)",$', part, re.MULTILINE)) for part in texts.split("const TR = {")
    )
    assert english.keys() == turkish.keys()
    assert [key for key in english if not turkish[key]] == []
    holes = {key: set(re.findall(r"\{\w+\}", text)) for key, text in english.items()}
    assert {key for key, found in holes.items() if set(re.findall(r"\{\w+\}", turkish[key])) != found} == set()
