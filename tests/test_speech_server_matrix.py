"""What `benchmarks/speech_servers.py` finds out about a server."""

import pytest
from speech import server_matrix
from speech.server_requests import Server, named_model
from support.speech_api import SpeechApi
from support.speech_servers import speaches

pytestmark = [pytest.mark.anyio, pytest.mark.benchmarks]
pytest_plugins = ["support.engine_fixtures"]


async def test_what_a_server_does_is_told_apart_from_what_vm_mcp_makes_of_it(speech_api: SpeechApi) -> None:
    speech_api.behaves_as = speaches
    server = await named_model(Server(speech_api.url))
    assert server.model == "openai/whisper-base"
    found = {name: await server_matrix.CHECKS[name](server) for name in ("turkish", "words", "model")}
    assert found["turkish"].server == "none: 0 % wrong as tr; tr: 0 % wrong as tr; en: 0 % wrong as en"
    assert found["turkish"].ours == "0 % wrong as tr"
    assert found["words"].server.startswith("200, 0 times of words; without details 200")
    assert found["model"].server == "404 “”"
    assert "VM_MCP_MODEL" in found["model"].ours
