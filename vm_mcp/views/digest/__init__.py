"""What is open, as one document in three forms: text, Markdown, and HTML that mail programs show alike."""

from vm_mcp.views.digest.digest_document import DigestDocument, DigestEntry, DigestMessage, DigestSection
from vm_mcp.views.digest.digest_html import digest_html
from vm_mcp.views.digest.digest_markdown import digest_markdown
from vm_mcp.views.digest.digest_text import digest_text

__all__ = [
    "DigestDocument",
    "DigestEntry",
    "DigestMessage",
    "DigestSection",
    "digest_html",
    "digest_markdown",
    "digest_text",
]
