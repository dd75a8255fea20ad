"""Write the weights of ``base`` as sherpa-onnx reads them: an encoder and a decoder in ONNX, int8, and its tokens.

Inputs, outputs, metadata and quantisation are those of sherpa-onnx's own export, which downloads the weights that it
converts and so can't be used here.
"""

import base64
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import onnx
import torch
import whisper
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn
from torch.nn import functional
from whisper.model import disable_sdpa
from whisper.tokenizer import get_tokenizer

from speech.weights import write_checkpoint

_OPSET = 17
_PROMPT = 4  # tokens that the decoder is given first: start, language, task, no timestamps
_KNOWN = get_tokenizer(multilingual=True)


def write_sherpa(base: Path, target: Path) -> None:
    """Write ``target``, a folder with sherpa-onnx's three files, from the folder of a Whisper model."""
    target.mkdir()
    # Only attention that is written out has a mask as this decoder needs it.
    with tempfile.TemporaryDirectory() as folder, torch.no_grad(), disable_sdpa():
        checkpoint, exported = Path(folder, "base.pt"), Path(folder)
        write_checkpoint(base / "model.bin", checkpoint)
        model = whisper.load_model(str(checkpoint), device="cpu").eval()
        _export_encoder(model, exported / "encoder.onnx")
        _export_decoder(model, exported / "decoder.onnx")
        for part in ("encoder", "decoder"):
            source = exported / f"{part}.onnx"
            quantised = target / f"{part}.int8.onnx"
            quantize_dynamic(source, quantised, op_types_to_quantize=["MatMul"], weight_type=QuantType.QInt8)
    _write_tokens(target / "tokens.txt")


class _Encoder(nn.Module):  # type: ignore[misc]  # torch is not installed where types are checked
    """Turns mel frames into the keys and values of every cross-attention, each (layer, message, frame, width)."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, mel: Tensor) -> tuple[Tensor, Tensor]:
        """Encode windows of at most 30 s, as the model's own encoder does windows of exactly 30 s."""
        encoder = self.model.encoder
        x = functional.gelu(encoder.conv2(functional.gelu(encoder.conv1(mel)))).permute(0, 2, 1)
        x = x + encoder.positional_embedding[: x.shape[1]]
        for block in encoder.blocks:
            x = block(x)
        heard = encoder.ln_post(x)
        layers = [block.cross_attn for block in self.model.decoder.blocks]
        return torch.stack([layer.key(heard) for layer in layers]), torch.stack(
            [layer.value(heard) for layer in layers]
        )


class _Decoder(nn.Module):  # type: ignore[misc]  # torch is not installed where types are checked
    """Turns tokens, and the states of those before, into logits and states, each (layer, message, token, width)."""

    def __init__(self, decoder: nn.Module) -> None:
        super().__init__()
        self.decoder = decoder

    def forward(  # noqa: PLR0913, PLR0917  # sherpa-onnx passes them one by one
        self, tokens: Tensor, keys: Tensor, values: Tensor, cross_keys: Tensor, cross_values: Tensor, offset: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Decode tokens that follow ``offset`` others."""
        start, end = offset[0], offset[0] + tokens.shape[-1]
        x = self.decoder.token_embedding(tokens) + self.decoder.positional_embedding[start:end]
        new_keys, new_values = [], []
        for number, block in enumerate(self.decoder.blocks):
            normed, layer = block.attn_ln(x), block.attn
            new_keys.append(torch.cat([keys[number, :, :start], layer.key(normed)], dim=1))
            new_values.append(torch.cat([values[number, :, :start], layer.value(normed)], dim=1))
            states = new_keys[-1], new_values[-1]
            x = x + layer.out(layer.qkv_attention(layer.query(normed), *states, self.decoder.mask)[0])
            normed, layer = block.cross_attn_ln(x), block.cross_attn
            heard = cross_keys[number], cross_values[number]
            x = x + layer.out(layer.qkv_attention(layer.query(normed), *heard)[0])
            x = x + block.mlp(block.mlp_ln(x))
        logits = self.decoder.ln(x) @ self.decoder.token_embedding.weight.T
        return (
            logits,
            torch.cat([torch.stack(new_keys), keys[:, :, end:]], dim=2),
            torch.cat([torch.stack(new_values), values[:, :, end:]], dim=2),
        )


def _export_encoder(model: nn.Module, target: Path) -> None:
    outputs = ["n_layer_cross_k", "n_layer_cross_v"]
    mel = torch.zeros(1, model.dims.n_mels, 2 * model.dims.n_audio_ctx)
    axes = {"mel": {0: "n_audio", 2: "frames"}} | {name: {1: "n_audio", 2: "heard"} for name in outputs}
    _export(_Encoder(model), {"mel": mel}, target, outputs, axes)
    graph = onnx.load(target)
    onnx.helper.set_model_props(graph, {name: str(value) for name, value in _metadata(model).items()})
    onnx.save(graph, target)


def _export_decoder(model: nn.Module, target: Path) -> None:
    size = model.dims
    states = torch.zeros(size.n_text_layer, 1, size.n_text_ctx, size.n_text_state)
    heard = torch.zeros(size.n_text_layer, 1, size.n_audio_ctx, size.n_text_state)
    inputs = {
        "tokens": torch.zeros(1, _PROMPT, dtype=torch.int64),
        "in_n_layer_self_k_cache": states,
        "in_n_layer_self_v_cache": states,
        "n_layer_cross_k": heard,
        "n_layer_cross_v": heard,
        "offset": torch.zeros(1, dtype=torch.int64),
    }
    outputs = ["logits", "out_n_layer_self_k_cache", "out_n_layer_self_v_cache"]
    axes = {"tokens": {0: "n_audio", 1: "n_tokens"}}
    axes |= {name: {1: "n_audio"} for name in inputs if "self" in name}
    axes |= {name: {1: "n_audio", 2: "heard"} for name in inputs if "cross" in name}
    _export(_Decoder(model.decoder), inputs, target, outputs, axes)


def _export(
    module: nn.Module, inputs: Mapping[str, Tensor], target: Path, outputs: list[str], axes: Mapping[str, Any]
) -> None:
    torch.onnx.export(
        module,
        tuple(inputs.values()),
        target,
        input_names=list(inputs),
        output_names=outputs,
        dynamic_axes=axes,
        opset_version=_OPSET,
        dynamo=False,  # the newer exporter can't slice at a place that is an input
    )


def _metadata(model: nn.Module) -> dict[str, object]:
    """Return what sherpa-onnx reads from the encoder: sizes and the ids of tokens."""
    names = ("sot", "eot", "no_speech", "transcribe", "translate", "sot_prev", "sot_lm", "no_timestamps")
    lists = ("sot_sequence", "all_language_tokens", "all_language_codes", "non_speech_tokens")
    return {
        "model_type": "whisper-base",
        "version": 1,
        "maintainer": "k2-fsa",
        "is_multilingual": 1,
        "sot_index": 0,
        "blank_id": _KNOWN.encode(" ")[0],
        **vars(model.dims),
        **{name: getattr(_KNOWN, name) for name in names},
        **{name: ",".join(map(str, getattr(_KNOWN, name))) for name in lists},
    }


def _write_tokens(target: Path) -> None:
    """Write each text token's bytes, in base64, and its id."""
    texts = [_KNOWN.encoding.decode_single_token_bytes(number) for number in range(_KNOWN.eot)]
    lines = [f"{base64.b64encode(text).decode()} {number}\n" for number, text in enumerate(texts)]
    target.write_text("".join(lines), encoding="ascii")
