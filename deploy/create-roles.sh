#!/bin/sh
# Creates the two roles of vm-mcp in a new PostgreSQL; its image runs this once. The owner has the tables and is used by
# `vm-mcp database setup` alone; the other role is that of servers and workers, which row-level security binds.
set -eu

password_in() {
    sed -n 's|^postgresql://[^:]*:\([^@]*\)@.*|\1|p' "/run/secrets/$1"
}

# In the environment, which only the program's own user can read; everybody on the machine sees a command line.
OWNER_PASSWORD=$(password_in database_owner_url) APP_PASSWORD=$(password_in database_url) \
    psql --set=ON_ERROR_STOP=1 --quiet --username "${POSTGRES_USER:-postgres}" --dbname "${POSTGRES_DB:-vm_mcp}" \
    --set=database="${POSTGRES_DB:-vm_mcp}" <<'SQL'
\getenv owner_password OWNER_PASSWORD
\getenv password APP_PASSWORD
CREATE ROLE vm_mcp_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE vm_mcp_app LOGIN PASSWORD :'password';
ALTER DATABASE :"database" OWNER TO vm_mcp_owner;
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO vm_mcp_app;
SQL

# Passwords and messages cross the network encrypted, or not at all.
sed -i 's/^host all all all /hostssl all all all /' "$PGDATA/pg_hba.conf"
