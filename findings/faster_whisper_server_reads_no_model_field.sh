#!/usr/bin/env bash
# faster-whisper-server 0.0.3 (PyPI), which calls itself OpenAI-compatible, with two models in its configuration.
#
# Expected: the field `model` of OpenAI's API says which of the two transcribes.
#
# Seen: the server has no such field. It reads `model_name`, as which `model` is silently left out, and takes a request
# without it for "whisper-1". With several models, each OpenAI client is answered 400, "unknown model: whisper-1",
# whichever model it asks for; with one model, each name is right. A model may be configured under the name whisper-1.
#
# The refusal comes before a model is loaded, so none is needed. Run by hand:
# bash findings/faster_whisper_server_reads_no_model_field.sh. Fails if any of it changes.
set -euo pipefail
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet faster-whisper-server==0.0.3 faster-whisper==1.2.1 fastapi==0.165.0 httpx==0.28.1
cat > models.yaml <<'YAML'
models:
  - {name: small, path: models/small}
  - {name: large, path: models/large}
YAML
port=$(venv/bin/python -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
venv/bin/faster-whisper-server --config models.yaml --host 127.0.0.1 --port "$port" > server.log 2>&1 &
server=$!
venv/bin/python - "$port" <<'PYTHON'
import importlib.metadata, io, sys, time, wave
import httpx

address = f"http://127.0.0.1:{sys.argv[1]}"
for _ in range(120):
    try:
        httpx.get(f"{address}/health")
        break
    except httpx.TransportError:
        time.sleep(0.5)
sound = io.BytesIO()
with wave.open(sound, "wb") as file:
    file.setnchannels(1), file.setsampwidth(2), file.setframerate(16_000), file.writeframes(bytes(32_000))
print("faster-whisper-server", importlib.metadata.version("faster-whisper-server"))
for model in ("small", "large"):
    files = {"file": ("sound.wav", sound.getvalue(), "audio/wav")}
    answer = httpx.post(f"{address}/v1/audio/transcriptions", data={"model": model}, files=files, timeout=60)
    print(f"model={model}: {answer.status_code} {answer.text}")
    assert answer.status_code == 400 and "unknown model: whisper-1" in answer.text
schemas = httpx.get(f"{address}/openapi.json").json()["components"]["schemas"]
fields = next(schema["properties"] for name, schema in schemas.items() if "transcriptions" in name)
print("fields:", ", ".join(fields))
assert "model_name" in fields and "model" not in fields
PYTHON
