"""Refuse a role that row-level security doesn't bind: with it, one mistake would show an account another's callers."""

from vm_mcp.archive.postgres.connections import SCHEMA, Connection
from vm_mcp.errors import ConfigError
from vm_mcp.wording import words

# Whoever is a member of a role can become it, so its rights count as well.
_UNBOUND = """
    SELECT
        coalesce(bool_or(rolsuper), false) AS is_superuser,
        coalesce(bool_or(rolbypassrls), false) AS bypasses,
        EXISTS (
            SELECT 1 FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
            WHERE nspname = %s AND pg_has_role(current_user, relowner, 'MEMBER')
        ) AS is_owner
    FROM pg_roles WHERE pg_has_role(current_user, oid, 'MEMBER')
"""
_REFUSED = (
    "VM_MCP_DATABASE_URL has a role that {reason}, which would let one account see another's messages. Create a role "
    "of its own, `CREATE ROLE vm_mcp_app LOGIN PASSWORD '...'`, write it into VM_MCP_DATABASE_URL, and run `vm-mcp "
    "database setup` with the owner's address in VM_MCP_DATABASE_OWNER_URL."
)


async def check_role(connection: Connection) -> None:
    """Check the role of a connection.

    Raises:
        ConfigError: It is a superuser, bypasses row-level security, owns the tables, or can become such a role.
    """
    [found] = await (await connection.execute(_UNBOUND, (SCHEMA,))).fetchall()
    if found["is_superuser"]:
        raise ConfigError(_REFUSED, reason=words("is a superuser"))
    if found["bypasses"]:
        raise ConfigError(_REFUSED, reason=words("bypasses row-level security"))
    if found["is_owner"]:
        raise ConfigError(_REFUSED, reason=words("owns the tables"))
