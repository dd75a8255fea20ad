"""Logging to stderr, without what must be in no log, whoever writes it there."""

import logging
import re
import sys
from collections.abc import Collection
from types import TracebackType

from pydantic import SecretStr

from vm_mcp.config import Settings

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
# A recording's address lets anyone listen, and a request's holds the key: of any address only the host is shown.
_ADDRESS = re.compile(r"(https?://)(?:[^\s/?#\"'@]*@)?([^\s/?#\"']+)[/?#][^\s\"'<>]*")
# A key of the vendor's. One from the keyring is in no setting when logging is set up.
_KEY = re.compile(r"K[0-9A-Za-z]{8}(-[0-9A-Za-z]{4}){3}-[0-9A-Za-z]{12}")


class SafeFormatter(logging.Formatter):
    """Takes secrets and addresses out of whole lines, with the tracebacks that hang on them.

    Nothing that vm-mcp logs holds any; this is for what a library may log, and for bugs.
    """

    def __init__(self, secrets: Collection[str]) -> None:
        super().__init__(_FORMAT)
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        """Give the record's text."""
        text = super().format(record)
        for secret in self._secrets:
            text = text.replace(secret, "…")
        return _ADDRESS.sub(r"\1\2/…", _KEY.sub("…", text))


def configure_logging(settings: Settings) -> None:
    """Log to stderr, for stdout belongs to the protocol; also what ends the program unexpectedly."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(SafeFormatter(_secrets(settings)))
    logging.basicConfig(level=settings.log_level, handlers=[handler])
    # It warns of every retry, without a word on what is retried; a retry that helps needs no warning.
    logging.getLogger("stamina").setLevel(logging.ERROR)
    sys.excepthook = _log_crash


def _secrets(settings: Settings) -> list[str]:
    given = (getattr(settings, name) for name in Settings.model_fields)
    secrets = (value.get_secret_value().strip() for value in given if isinstance(value, SecretStr))
    return [secret for secret in secrets if secret]


def _log_crash(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    logging.getLogger("vm_mcp").critical("vm-mcp ends unexpectedly", exc_info=(kind, error, trace))
