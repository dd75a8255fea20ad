#!/bin/sh
# Starts a program with secrets from files: VM_MCP_DATABASE_URL_FILE=/run/secrets/database_url sets VM_MCP_DATABASE_URL,
# and so for each setting. A container's environment can be read by whoever may ask Docker about it; a file can't.
set -eu

for name in $(env | sed -n 's/^\(VM_MCP_[A-Z_]*\)_FILE=.*/\1/p'); do
    eval "path=\$${name}_FILE"
    if [ ! -r "$path" ]; then
        echo "$path, which ${name}_FILE names, can't be read by user $(id -u)." >&2
        exit 78
    fi
    value=$(cat "$path")
    export "$name=$value"
    unset "${name}_FILE"
done
exec "$@"
