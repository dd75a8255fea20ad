"""What the hub is asked for beside a download."""

from types import SimpleNamespace

import pytest

from vm_mcp.asr import hub
from vm_mcp.errors import EngineUnavailableError


@pytest.mark.parametrize(("listed", "size_bytes"), [([7, 3], 10), ([None], 0)])
def test_the_hub_is_asked_for_the_size_of_a_download_and_for_nothing_else(
    monkeypatch: pytest.MonkeyPatch, listed: list[int | None], size_bytes: int
) -> None:
    import huggingface_hub

    asked = []

    class Hub:
        def __init__(self, token: bool) -> None:  # noqa: FBT001  # the library's own name
            assert token is False

        def model_info(self, repository: str, **_: object) -> SimpleNamespace:
            asked.append(repository)
            files = zip(("model.bin", "config.json"), listed, strict=False)
            siblings = [SimpleNamespace(rfilename=name, size=size) for name, size in files]
            return SimpleNamespace(siblings=[*siblings, SimpleNamespace(rfilename="README.md", size=999)])

    monkeypatch.setattr(huggingface_hub, "HfApi", Hub)
    assert hub.download_bytes("small") == size_bytes
    assert asked == ["Systran/faster-whisper-small"]


def test_a_size_that_nobody_tells_is_an_error_of_the_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    def unreachable(*_: object, **__: object) -> None:
        raise OSError

    monkeypatch.setattr(huggingface_hub.HfApi, "model_info", unreachable)
    with pytest.raises(hub.HubError, match="can't be downloaded now"):
        hub.download_bytes("small")
    with pytest.raises(EngineUnavailableError, match="no model `smal`"):
        hub.download_bytes("smal")
