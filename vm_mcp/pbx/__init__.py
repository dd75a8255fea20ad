"""The client of the PBX's API: one class per service of the vendor, over one shared transport."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vm_mcp.pbx.client import PbxClient

__all__ = ["PbxClient"]


def __getattr__(name: str) -> "type[PbxClient]":
    # The client imports httpx. Whoever needs only a fact of `vm_mcp.pbx.vendor` shouldn't wait for that.
    if name == "PbxClient":
        from vm_mcp.pbx.client import PbxClient

        return PbxClient
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
