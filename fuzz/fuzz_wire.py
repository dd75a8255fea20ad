"""Fuzz the vendor's answers: each is parsed into text and times that are safe to show, or a `PbxProtocolError`."""

import atheris

with atheris.instrument_imports(include=["vm_mcp"]):
    from vm_mcp.errors import PbxProtocolError
    from vm_mcp.ids import is_usable_uuid
    from vm_mcp.pbx.voicemail_wire import MAX_URL, parse_recording_url, parse_voicemails
    from vm_mcp.pbx.wire import MAX_TEXT, YEARS

from harness import fuzz


def check_unchained(error: PbxProtocolError) -> None:
    """Check that no other error, which could hold the vendor's body, is attached."""
    assert error.__context__ is None
    assert error.__cause__ is None


def read(data: bytes) -> None:
    """Parse an input as a page of messages and as a link."""
    try:
        page = parse_voicemails(data)
    except PbxProtocolError as error:
        check_unchained(error)
    else:
        assert page.total_pages >= 1
        for voicemail in (listed.row for listed in page.rows):
            assert is_usable_uuid(voicemail.uuid)
            for label in (voicemail.caller_id_name, voicemail.caller_id_number, voicemail.extension):
                assert label.isprintable()
                assert len(label) <= MAX_TEXT
            for timestamp in (voicemail.received_at, voicemail.read_at):
                assert timestamp is None or timestamp.year in YEARS
    try:
        assert len(parse_recording_url(data)) <= MAX_URL
    except PbxProtocolError as error:
        check_unchained(error)


if __name__ == "__main__":
    fuzz(read, "wire")
