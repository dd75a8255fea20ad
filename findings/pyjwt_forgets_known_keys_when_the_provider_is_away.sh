#!/usr/bin/env bash
# PyJWT 2.15.1, `PyJWKClient` with its cache of the key set (`lifespan`, 300 s).
#
# Expected: past the lifespan the keys are fetched again. Where that fails, the keys that are known go on being used for
# a while, and the next attempt waits, as after a success (`cooldown_duration`, 30 s).
#
# Seen: from that moment on each token is refused, also one whose key was there a second ago, and each check connects
# anew: only a success starts the pause. A restart of the identity provider after which nothing has changed locks
# everybody out, while every request waits for a connection of its own.
#
# Run by hand: bash findings/pyjwt_forgets_known_keys_when_the_provider_is_away.sh. Fails if any of it changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet pyjwt[crypto]==2.15.1
venv/bin/python - <<'PYTHON'
import http.server
import json
import threading
import time
from importlib.metadata import version

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

key = ec.generate_private_key(ec.SECP256R1())
keys = json.dumps({"keys": [{**json.loads(ECAlgorithm.to_jwk(key.public_key())), "kid": "a", "use": "sig"}]}).encode()
requests, is_away = [], False


class Provider(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        requests.append(self.path)
        self.send_response(503 if is_away else 200)
        self.end_headers()
        self.wfile.write(b"" if is_away else keys)

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Provider)
threading.Thread(target=server.serve_forever, daemon=True).start()
client = jwt.PyJWKClient(f"http://127.0.0.1:{server.server_port}/keys", lifespan=0.5, cooldown_duration=30)
token = jwt.encode({"sub": "u"}, key, algorithm="ES256", headers={"kid": "a"})


def check():
    try:
        found = client.get_signing_key_from_jwt(token)
    except jwt.PyJWKClientError as error:
        return type(error).__name__
    return jwt.decode(token, found, algorithms=["ES256"])["sub"]


fresh = [check() for _ in range(3)]
fetched = len(requests)
is_away = True
time.sleep(0.6)
stale = [check() for _ in range(3)]
print("version", version("pyjwt"))
print("while the provider answers:", fresh, "- fetched", fetched)
print("past the lifespan, the provider away:", stale, "- fetched", len(requests) - fetched)
assert (fresh, fetched) == (["u"] * 3, 1)
assert (stale, len(requests) - fetched) == (["PyJWKClientConnectionError"] * 3, 3)
PYTHON
