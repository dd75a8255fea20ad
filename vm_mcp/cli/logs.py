"""Logging to stderr without secrets or addresses, whichever library writes them."""

import logging
import re
import sys
from collections.abc import Collection
from types import TracebackType

from pydantic import SecretStr

from vm_mcp.config import Settings

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
# A recording's address lets anyone listen, and a request's address holds the key. Only the host of an address is kept.
_ADDRESS = re.compile(r"(https?://)(?:[^\s/?#\"'@]*@)?([^\s/?#\"']+)[/?#][^\s\"'<>]*")

# K and a UUID, as the vendor issues them. A key from the keyring is read long after logging begins, so it is known by
# its shape alone.
_API_KEY = re.compile(r"K[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class SafeFormatter(logging.Formatter):
    """Takes secrets and addresses out of whole records, tracebacks included.

    vm-mcp itself logs none; this guards against libraries and bugs.

    Args:
        secrets: Those that the settings hold. API keys of the vendor's form are taken out in any case.
    """

    def __init__(self, secrets: Collection[str]) -> None:
        super().__init__(_FORMAT)
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        """Return the record's text, without what must be in no log."""
        text = super().format(record)
        for secret in self._secrets:
            text = text.replace(secret, "…")
        return _ADDRESS.sub(r"\1\2/…", _API_KEY.sub("…", text))


def configure_logging(settings: Settings) -> None:
    """Log to stderr, since stdout belongs to the protocol; log unhandled exceptions in the same way."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(SafeFormatter(_secrets(settings)))
    logging.basicConfig(level=settings.log_level, handlers=[handler])
    # It warns of every retry without saying what is retried, and a retry that succeeds needs no warning.
    logging.getLogger("stamina").setLevel(logging.ERROR)
    sys.excepthook = _log_crash


def _secrets(settings: Settings) -> list[str]:
    values = (getattr(settings, name) for name in Settings.model_fields)
    secrets = (value.get_secret_value().strip() for value in values if isinstance(value, SecretStr))
    return [secret for secret in secrets if secret]


def _log_crash(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    logging.getLogger("vm_mcp").critical("vm-mcp ends unexpectedly", exc_info=(kind, error, trace))
