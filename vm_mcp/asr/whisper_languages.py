"""The languages that Whisper's models know."""

from vm_mcp.languages import LANGUAGE_CODES

WHISPER_LANGUAGES = LANGUAGE_CODES
"""Their ISO 639 codes, as in the model's tokens."""
