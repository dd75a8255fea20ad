"""Converts a model's weights once, and keeps the result beside the models."""

import hashlib
import json
import logging
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import numpy as np

from vm_mcp.asr.packed import exactness
from vm_mcp.asr.packed.ctranslate2_file import UnknownModelFormatError, WhisperWeights
from vm_mcp.asr.packed.model_shape import ModelShape

_FORMAT: Final = 2
"""Raised when the graphs change, so that what an older version converted is converted again."""
_LIST: Final = "files.json"
_SCRATCH: Final = ".new-"
_SMALL_BYTES: Final = 1024
"""Constants up to this size stay in the graph, all others lie in a file beside it, which is mapped into memory."""

logger = logging.getLogger(__name__)


def converted(model: Path, folder: Path) -> Path:
    """Return the folder of a converted model, after converting it if that was not done before.

    Processes that call this at the same time wait for each other. What is damaged is converted again.

    Args:
        model: Folder of the model in CTranslate2's format.
        folder: Holds a folder for each converted model.

    Raises:
        UnknownModelFormatError: The model is not in a format that can be converted.
        UnsuitableProcessorError: The processor can't compute with it.
        OSError: A file can't be read or written.
    """
    from filelock import FileLock

    source = (model / "model.bin").resolve()
    target = folder / _name_of(source)
    if _is_intact(target):
        return target
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / ".lock"):
        if not _is_intact(target):
            _replace(target, model)
            _remove_older(target, source)
    return target


def _name_of(source: Path) -> str:
    """Return a name that differs once the model's file is replaced, or is converted in another way."""
    status = source.stat()
    described = f"{_FORMAT} {source} {status.st_size} {status.st_mtime_ns}"
    return hashlib.sha256(described.encode()).hexdigest()[:16]


def _is_intact(target: Path) -> bool:
    try:
        listed = json.loads((target / _LIST).read_bytes())
        return all(_digest(target / name) == digest for name, digest in listed["files"].items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _replace(target: Path, model: Path) -> None:
    """Build the folder elsewhere on the same disk and rename it, so that nobody ever sees half of it."""
    logger.info("Converting the speech model; this happens once.")
    for left in target.parent.glob(f"{_SCRATCH}*"):  # by a process that was killed
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=_SCRATCH, dir=target.parent, ignore_cleanup_errors=True) as scratch:
        new = Path(scratch) / "new"
        new.mkdir()
        _write(model, new)
        files = {file.name: _digest(file) for file in new.iterdir()}
        described = {"source": str((model / "model.bin").resolve()), "files": files}
        (new / _LIST).write_text(json.dumps(described), encoding="utf-8")
        if target.exists():
            target.rename(Path(scratch) / "old")
        new.rename(target)


def _remove_older(target: Path, source: Path) -> None:
    """Remove what was converted from earlier contents of the same file, and from files that are gone."""
    for other in target.parent.glob(f"*/{_LIST}"):
        try:
            origin = Path(json.loads(other.read_bytes())["source"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if other.parent != target and (origin == source or not origin.exists()):
            shutil.rmtree(other.parent, ignore_errors=True)


def _write(model: Path, folder: Path) -> None:
    import onnx

    from vm_mcp.asr.packed import decoder_graphs, encoder_graph

    product = exactness.product_graph()
    if not exactness.is_exact(product):
        raise exactness.UnsuitableProcessorError
    (folder / exactness.FILE).write_bytes(product)
    weights = WhisperWeights(model)
    shape = _shape_of(weights, model)
    (folder / "shape.json").write_text(shape.model_dump_json(), encoding="utf-8")
    for name, build in (
        ("encoder", encoder_graph.encoder),
        ("memory", decoder_graphs.memory),
        ("decoder", lambda read: decoder_graphs.decoder(read, shape.suppressed)),
    ):
        onnx.save(
            build(weights),
            folder / f"{name}.onnx",
            save_as_external_data=True,
            location=f"{name}.weights",
            size_threshold=_SMALL_BYTES,
        )
    np.save(folder / "embeddings.npy", weights["decoder/embeddings/weight"].astype(np.float16))
    np.save(folder / "positions.npy", weights["decoder/position_encodings/encodings"])


def _shape_of(weights: WhisperWeights, model: Path) -> ModelShape:
    import tokenizers

    vocabulary = tokenizers.Tokenizer.from_file(str(model / "tokenizer.json"))
    config = weights.config
    try:
        return ModelShape(
            width=weights.width,
            heads=weights.heads,
            layers=weights.layers("decoder"),
            mels=weights.mels,
            start=_token(vocabulary, "<|startoftranscript|>"),
            end=_token(vocabulary, "<|endoftext|>"),
            no_speech=_token(vocabulary, "<|nospeech|>", "<|nocaptions|>"),
            languages=_languages(vocabulary, config["lang_ids"]),
            suppressed=sorted(set(config["suppress_ids"])),  # in the order in which the graph has them
            suppressed_first=config["suppress_ids_begin"],
            alignment_heads=config["alignment_heads"],
        )
    except (KeyError, ValueError, TypeError) as error:
        raise UnknownModelFormatError(str(model)) from error


def _token(vocabulary: Any, *spellings: str) -> int:  # noqa: ANN401  # tokenizers' classes are made at run time
    found = [vocabulary.token_to_id(spelling) for spelling in spellings]
    return int(next(token for token in found if token is not None))


def _languages(vocabulary: Any, tokens: Iterable[int]) -> dict[str, int]:  # noqa: ANN401  # tokenizers' classes
    return {vocabulary.id_to_token(token).strip("<|>"): token for token in tokens}
