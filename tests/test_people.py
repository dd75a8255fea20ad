"""What one person of a team may see and do, and what they are told of it."""

import pytest

from vm_mcp.errors import AccessDeniedError
from vm_mcp.models import MAX_PERSON_NAME
from vm_mcp.people import EVERYTHING, SCOPES, Access, Person, Scope

AYSE = Person("user-1", "Ayşe Kaya")
TWO = Access(AYSE, frozenset({"1002", "101"}))


def test_a_desk_sees_and_does_everything_and_is_nobody() -> None:
    assert EVERYTHING.by == EVERYTHING.mailboxes == EVERYTHING.hidden_notice("101") == ""
    assert EVERYTHING.sees("")
    for scope in SCOPES:
        EVERYTHING.require(scope)
    EVERYTHING.require_operator()


def test_whoever_sees_some_mailboxes_sees_no_message_that_is_in_none() -> None:
    assert [TWO.sees(extension) for extension in ("101", "1002", "100", "", "1")] == [True, True, False, False, False]


@pytest.mark.parametrize(
    ("name", "by"),
    [
        ("Ayşe Kaya", "Ayşe Kaya"),
        ("\x1b[31mAyşe\nKaya\u202e", "Ayşe Kaya"),
        ("a" * 500, "a" * MAX_PERSON_NAME),
        (f"{'b' * (MAX_PERSON_NAME - 1)} c", "b" * (MAX_PERSON_NAME - 1)),
    ],
)
def test_a_persons_name_is_one_short_clean_line(name: str, by: str) -> None:
    assert Access(Person("user-1", name)).by == by


@pytest.mark.parametrize("scope", sorted(SCOPES))
def test_what_a_scope_does_not_include_is_refused_with_whom_to_ask(scope: Scope) -> None:
    with pytest.raises(AccessDeniedError, match="Whoever manages your team's access can allow it"):
        Access(AYSE, scopes=SCOPES - {scope}).require(scope)


@pytest.mark.parametrize("access", [Access(AYSE), TWO, Access(extensions=frozenset({"101"}))])
def test_only_whoever_runs_the_program_is_its_operator(access: Access) -> None:
    with pytest.raises(AccessDeniedError, match="vm-mcp purge"):
        access.require_operator()


def test_a_mailbox_that_is_not_shown_is_named_and_those_that_are() -> None:
    assert TWO.hidden_notice("101") == TWO.hidden_notice("") == ""
    assert "Mailbox 103 is not shown to you (yours: 101, 1002)." in TWO.hidden_notice("103")
    assert "No mailbox is shown to you" in Access(AYSE, frozenset()).hidden_notice("")
    assert len(TWO.hidden_notice("\x1b[31m" + "9" * 500)) < 200
    many = Access(AYSE, frozenset(map(str, range(100, 150))))
    assert many.mailboxes == "100, 101, 102, 103, 104, 105, 106, 107, 108, 109 and 40 more"
