"""A digest's three forms: whatever a caller is called or says stays text."""

import re
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from vm_mcp.text import clean_text
from vm_mcp.views.digest import (
    DigestDocument,
    DigestEntry,
    DigestMessage,
    DigestSection,
    digest_html,
    digest_markdown,
    digest_text,
)
from vm_mcp.views.digest.digest_markdown import escaped
from vm_mcp.views.digest.digest_text import WIDTH

HOSTILE = (
    '<script>alert(1)</script><img src="http://evil.example/x.png"> <![endif]--> &amp; "\'> [a](http://b) `c` | # x'
)
TAGS = {"html", "head", "meta", "title", "body", "table", "tr", "td", "span"}
ATTRIBUTES = {
    "lang", "charset", "name", "content", "style", "role", "border", "cellpadding", "cellspacing", "width", "height",
    "bgcolor", "align",
}  # fmt: skip
strangers = st.text(max_size=80).map(clean_text)


def document(text: str, quote: str | None = None) -> DigestDocument:
    message = DigestMessage(facts=text, state=text, quote=text if quote is None else quote, remarks=(text, text))
    entry = DigestEntry(who=text, facts=text, messages=(message, message))
    return DigestDocument("tr", "Özet", ("Üç mesaj.",), (DigestSection("Bekleyenler", (entry,)),), ("Son.",))


class Reader(HTMLParser):
    """Collects what a mail program would see."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.styles: list[str] = []
        self.texts: list[str] = []
        self.comments: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.styles += [value or "" for name, value in attrs if name == "style"]
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return reader


@given(strangers)
def test_html_holds_only_tables_and_inline_styles_and_says_every_text_as_it_is(text: str) -> None:
    read_html = read(digest_html(document(text)))
    assert read_html.tags <= TAGS
    assert read_html.attributes <= ATTRIBUTES
    assert "".join(read_html.texts).count(text) >= 10 or not text
    assert len(read_html.comments) == 2


def test_html_fetches_nothing_and_links_nowhere_whatever_a_caller_says() -> None:
    html = digest_html(document(HOSTILE))
    found = read(html)
    assert "img" not in found.tags
    assert "a" not in found.tags
    assert "script" not in found.tags
    assert not re.search(r"\b(?:src|href|background|on\w+)\s*=", re.sub(r">[^<]*<", "><", html))
    assert not [style for style in found.styles if "url(" in style or "@" in style]
    assert HOSTILE in "".join(found.texts)


def test_html_is_laid_out_as_outlook_needs_it() -> None:
    html = digest_html(document("x"))
    assert html.startswith('<!DOCTYPE html>\n<html lang="tr">')
    assert '<meta charset="utf-8">' in html
    assert "<!--[if mso]><table" in html
    assert html.count("<table") == html.count("</table>")
    assert not re.search(r"(?:margin|padding):\s*[\d.]+(?:em|rem)|display:\s*(?:flex|grid)|position:", html)


def test_doubtful_words_stand_out_in_html() -> None:
    html = digest_html(document("x", quote="Ben [?Arzlan] & oğlu"))
    assert re.search(r'Ben <span style="background-color:[^"]*">\[\?Arzlan\]</span> &amp; oğlu', html)


@given(strangers)
def test_markdown_shows_every_text_as_it_is(text: str) -> None:
    inline = [token for token in MarkdownIt().parse(escaped(text)) if token.type == "inline"]
    assert len(inline) == bool(text)
    children = [child for token in inline for child in token.children or ()]
    assert {child.type for child in children} <= {"text", "text_special"}
    assert "".join(child.content for child in children) == text


def test_markdown_has_no_link_html_or_heading_of_a_callers() -> None:
    written = digest_markdown(document(HOSTILE))
    html = MarkdownIt().render(written)
    assert "<a " not in html
    assert "<img" not in html
    assert "<script" not in html
    assert len(re.findall("<h[1-6]>", html)) == 3
    assert "http://" not in written
    assert escaped("www.evil.example you@evil.example") == r"www\.evil.example you\@evil.example"


@given(strangers)
def test_text_fits_a_mail_and_loses_no_word(text: str) -> None:
    written = digest_text(document(text))
    words = text.split()
    assert all(len(line) <= WIDTH or len(line.split()) <= 2 for line in written.splitlines())
    assert "".join(words) in "".join(written.replace(">", "").split()) or ">" in text
    assert written.endswith("Son.\n")
