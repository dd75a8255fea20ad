"""Recordings: detecting their format, and decoding them to samples."""

from vm_mcp.audio.decoding import MAX_SECONDS, decode
from vm_mcp.audio.formats import UNKNOWN_FORMAT, is_text, sniff
from vm_mcp.audio.headers import is_empty, is_misread
from vm_mcp.audio.peaks import sound_peaks
from vm_mcp.audio.playable import PlayableSound, to_playable
from vm_mcp.audio.samples import SAMPLE_RATE, Samples

__all__ = [
    "MAX_SECONDS",
    "SAMPLE_RATE",
    "UNKNOWN_FORMAT",
    "PlayableSound",
    "Samples",
    "decode",
    "is_empty",
    "is_misread",
    "is_text",
    "sniff",
    "sound_peaks",
    "to_playable",
]
