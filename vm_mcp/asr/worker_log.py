"""What a worker process says on stderr, in the language of the person who reads it there."""

import logging

from vm_mcp.wording import Words


def log_in(language: str) -> None:
    """Log to stderr, warnings and worse, without the time: on a command line each is a line for its user.

    Args:
        language: Words among a record's arguments are translated into it; empty: none is.
    """
    handler = logging.StreamHandler()
    if language:
        handler.addFilter(lambda record: _translate(record, language))
    logging.getLogger().addHandler(handler)


def _translate(record: logging.LogRecord, language: str) -> bool:
    from vm_mcp.translation import translate

    if isinstance(record.args, tuple):
        record.args = tuple(translate(each, language) if isinstance(each, Words) else each for each in record.args)
    return True
