"""The icons of the server and its tools, as ``data:`` URIs: hosts fetch nothing.

They travel with every list of tools, so each is one line of some 300 bytes. No model is shown them.
"""

from base64 import b64encode
from pathlib import Path
from urllib.parse import quote

from mcp_types import Icon

_LINE = "#0d9488"
"""A teal that stands out from white and from black by 3:1."""
_SVG = f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='none' stroke='{_LINE}' stroke-width='2'>"


def drawn_icon(path: str) -> Icon:
    """Return the icon that an SVG path of 24 x 24 draws as a line."""
    svg = quote(f"{_SVG}<path d='{path}'/></svg>", safe="='/:,.")
    return Icon(src=f"data:image/svg+xml,{svg}", mime_type="image/svg+xml", sizes=["any"])


def server_icons() -> list[Icon]:
    """Return the server's icon as a PNG of 48 x 48, the format that every host shows."""
    image = b64encode((Path(__file__).parent / "icon.png").read_bytes()).decode("ascii")
    return [Icon(src=f"data:image/png;base64,{image}", mime_type="image/png", sizes=["48x48"])]
