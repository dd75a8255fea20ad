"""The vendor's answers: read, or one error of ours, and nothing in them that a display or a calendar can't bear."""

import atheris

with atheris.instrument_imports(include=["vm_mcp"]):
    from vm_mcp.errors import PbxProtocolError
    from vm_mcp.ids import is_usable_uuid
    from vm_mcp.pbx.voicemail_wire import MAX_URL, parse_recording_url, parse_voicemails
    from vm_mcp.pbx.wire import MAX_TEXT, YEARS

from harness import fuzz


def holds_nothing(error: PbxProtocolError) -> None:
    """Show that the vendor's body does not hang on an error."""
    assert error.__context__ is None
    assert error.__cause__ is None


def read(data: bytes) -> None:
    """Read an input as a page and as a link."""
    try:
        page = parse_voicemails(data)
    except PbxProtocolError as error:
        holds_nothing(error)
    else:
        assert page.total_pages >= 1
        for voicemail in (listed.row for listed in page.rows):
            assert is_usable_uuid(voicemail.uuid)
            for label in (voicemail.caller_id_name, voicemail.caller_id_number, voicemail.extension):
                assert label.isprintable()
                assert len(label) <= MAX_TEXT
            for stamp in (voicemail.received_at, voicemail.read_at):
                assert stamp is None or stamp.year in YEARS
    try:
        assert len(parse_recording_url(data)) <= MAX_URL
    except PbxProtocolError as error:
        holds_nothing(error)


if __name__ == "__main__":
    fuzz(read, "wire")
