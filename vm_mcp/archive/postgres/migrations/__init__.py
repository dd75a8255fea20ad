"""Schema migrations, as files of SQL; `vm_mcp.archive.postgres.schema` takes them."""
