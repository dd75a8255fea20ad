"""What a token's claims mean here: who a person is, and what of which account they may see and do."""

from collections.abc import Mapping
from typing import Any

from vm_mcp.config.accounts import AccessRule, AccountEntry
from vm_mcp.people import SCOPES, Access, Person, Scope
from vm_mcp.text import clean_text

LONGEST_NAME = 60
_OTHER_NAMES = ("preferred_username", "email", "sub")


def person_of(claims: Mapping[str, Any], name_claim: str) -> Person:
    """Return who a token is about.

    Args:
        claims: The token's claims, with ``sub``.
        name_claim: The claim with their name; where it is missing, their user name stands for it, or their address.
    """
    names = (_shown_name(claim_value(claims, claim)) for claim in (name_claim, *_OTHER_NAMES))
    return Person(str(claims["sub"]), next(filter(None, names), "?"))


def granted_scopes(claims: Mapping[str, Any]) -> frozenset[str]:
    """Return a token's scopes: ``scope`` (RFC 9068) or ``scp`` (Entra, Okta), as words or as a list."""
    granted = claims["scope"] if "scope" in claims else claims.get("scp", "")
    words = granted.split() if isinstance(granted, str) else granted if isinstance(granted, list) else ()
    return frozenset(word for word in words if isinstance(word, str))


def known_scopes(granted: frozenset[str]) -> frozenset[Scope]:
    """Return those of a token's scopes that mean something here."""
    return frozenset(scope for scope in SCOPES if scope in granted)


def access_to(
    account: AccountEntry, claims: Mapping[str, Any], person: Person, scopes: frozenset[Scope]
) -> Access | None:
    """Return what a person may see and do of an account: the union of the rules that match; None where none does."""
    rules = [rule for rule in account.access if matches(rule, claims)]
    if not rules:
        return None
    seen = [rule.extensions for rule in rules]
    extensions = None if None in seen else frozenset(extension for each in seen for extension in each or ())
    return Access(person, extensions, scopes)


def matches(rule: AccessRule, claims: Mapping[str, Any]) -> bool:
    """Return whether a rule is about whom the claims are about.

    An address that the provider calls unverified is nobody's: people may choose it themselves.
    """
    if rule.claim == "email" and claims.get("email_verified", True) is not True:
        return False
    value = claim_value(claims, rule.claim)
    values = value if isinstance(value, list) else [value]
    return rule.value in [each for each in values if isinstance(each, str)]


def claim_value(claims: Mapping[str, Any], claim: str) -> Any:  # noqa: ANN401 - JSON
    """Return a claim: by its whole name, which may hold dots as in a URL, else along them as a path."""
    if claim in claims:
        return claims[claim]
    value: Any = claims
    for key in claim.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _shown_name(value: object) -> str:
    return clean_text(value)[:LONGEST_NAME].strip() if isinstance(value, str) else ""
