# vm-mcp over Streamable HTTP, for clients that can't start a program.
#
#   docker build -t vm-mcp .
#   docker run -p 127.0.0.1:8000:8000 -v vm-mcp:/data -e VM_MCP_API_KEY -e VM_MCP_HTTP_TOKEN vm-mcp
#
# As an MCP server of a host, over stdio:
#   docker run -i --rm -v vm-mcp:/data -e VM_MCP_API_KEY vm-mcp vm-mcp
FROM python:3.12-slim-bookworm

ENV PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    VM_MCP_DATA_DIR=/data \
    HF_HOME=/data/huggingface

WORKDIR /app
COPY pyproject.toml README.md LICENSE ./
COPY vm_mcp ./vm_mcp
# The package beside this file has no version to pin.
# hadolint ignore=DL3013
RUN pip install ".[whisper]" \
    && useradd --create-home --uid 1000 vm-mcp \
    && install --directory --owner=vm-mcp --mode=0700 /data

USER 1000
VOLUME /data
EXPOSE 8000
CMD ["vm-mcp", "serve", "--http", "0.0.0.0:8000"]
