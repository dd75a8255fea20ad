"""The roles that `deploy/create-roles.sh` creates in a new PostgreSQL."""

import base64
import hashlib
import hmac
import os
import re
import shutil
import subprocess
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from support.postgres_server import MakeDatabase

pytest_plugins = ["support.postgres_fixtures"]
SCRIPT = Path(__file__).parents[3] / "deploy" / "create-roles.sh"
PSQL = shutil.which("psql")


def is_password(password: str, stored: str) -> bool:
    """Whether PostgreSQL's SCRAM-SHA-256 secret is that of a password."""
    rounds, salt, stored_key = re.fullmatch(r"SCRAM-SHA-256\$(\d+):(.+)\$(.+):.+", stored).groups()  # type: ignore[union-attr]
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(salt), int(rounds))
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    return hashlib.sha256(client_key).digest() == base64.b64decode(stored_key)


@pytest.mark.skipif(not PSQL, reason="psql is not installed")
def test_the_roles_get_their_passwords_and_no_command_line_shows_one(
    tmp_path: Path, bare_database: MakeDatabase
) -> None:
    made, passwords = bare_database(), {"vm_mcp_owner": "0wn" * 20, "vm_mcp_app": "a99" * 20}
    for role, file in {"vm_mcp_owner": "database_owner_url", "vm_mcp_app": "database_url"}.items():
        (tmp_path / file).write_text(f"postgresql://{role}:{passwords[role]}@postgres/vm_mcp?sslmode=verify-full\n")
    (tmp_path / "pg_hba.conf").write_text("local all all trust\nhost all all all scram-sha-256\n")
    (tmp_path / "bin").mkdir()
    noting = tmp_path / "bin" / "psql"
    noting.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/shown\nexec {PSQL} "$@"\n')
    noting.chmod(0o700)
    script = SCRIPT.read_text(encoding="utf-8").replace("/run/secrets", str(tmp_path))
    address = made.server.url(made.name)
    environment = {
        "PATH": f"{noting.parent}:{os.environ['PATH']}",
        "PGHOST": str(conninfo_to_dict(address)["host"]),
        "PGDATA": str(tmp_path),
        "POSTGRES_DB": made.name,
    }

    done = subprocess.run(["/bin/sh", "-c", script], env=environment, capture_output=True, text=True)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    with psycopg.connect(address) as connection:
        stored: dict[str, str] = dict(
            connection.execute("SELECT rolname, rolpassword FROM pg_authid WHERE rolname ~ '^vm_mcp_'")
        )
    assert {role: is_password(passwords[role], secret) for role, secret in stored.items()} == dict.fromkeys(
        passwords, True
    )
    shown = (tmp_path / "shown").read_text()
    assert made.name in shown
    assert not any(password in shown for password in passwords.values())
    assert "hostssl all all all" in (tmp_path / "pg_hba.conf").read_text()
