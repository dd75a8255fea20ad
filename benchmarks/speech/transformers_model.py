"""Write the weights of ``base`` as transformers reads them, from the same numbers that the other engines get."""

import json
import re
import tempfile
from pathlib import Path

from speech.weights import write_checkpoint

# openai-whisper's names of layers, and transformers', in the order in which they are replaced.
_RENAMED = {
    r"\bblocks\b": "layers",
    r"\bmlp\.0\b": "fc1",
    r"\bmlp\.2\b": "fc2",
    r"\bmlp_ln\b": "final_layer_norm",
    r"\bcross_attn_ln\b": "encoder_attn_layer_norm",
    r"\battn_ln\b": "self_attn_layer_norm",
    r"\bcross_attn\b": "encoder_attn",
    r"\battn\b": "self_attn",
    r"\bquery\b": "q_proj",
    r"\bkey\b": "k_proj",
    r"\bvalue\b": "v_proj",
    r"\bout\b": "out_proj",
    r"\bln(_post)?\b": "layer_norm",
    r"\btoken_embedding\b": "embed_tokens",
    r"\bpositional_embedding\b": "embed_positions.weight",
}
_START, _END, _FIRST_LANGUAGE, _LAST_LANGUAGE = "<|startoftranscript|>", "<|endoftext|>", "<|en|>", "<|su|>"


def write_transformers(folder: Path, target: Path) -> None:
    """Write ``target``, a model's folder as ``transformers serve`` loads it, from the folder of a Whisper model."""
    import torch
    from transformers import (
        GenerationConfig,
        PreTrainedTokenizerFast,
        WhisperConfig,
        WhisperFeatureExtractor,
        WhisperForConditionalGeneration,
    )

    with tempfile.TemporaryDirectory() as temporary:
        write_checkpoint(folder / "model.bin", Path(temporary, "base.pt"))
        checkpoint = torch.load(Path(temporary, "base.pt"), weights_only=True)
    size = checkpoint["dims"]
    ids = _special_tokens(folder)
    ends = dict.fromkeys(("bos_token_id", "eos_token_id", "pad_token_id"), ids[_END])
    starts = {"decoder_start_token_id": ids[_START], **ends}
    model = WhisperForConditionalGeneration(
        WhisperConfig(
            vocab_size=size["n_vocab"],
            d_model=size["n_audio_state"],
            num_mel_bins=size["n_mels"],
            max_source_positions=size["n_audio_ctx"],
            max_target_positions=size["n_text_ctx"],
            **{f"{side}_layers": size["n_audio_layer"] for side in ("encoder", "decoder")},
            **{f"{side}_attention_heads": size["n_audio_head"] for side in ("encoder", "decoder")},
            **{f"{side}_ffn_dim": 4 * size["n_audio_state"] for side in ("encoder", "decoder")},
            **starts,
        )
    )
    model.model.load_state_dict({_renamed(name): array for name, array in checkpoint["model_state_dict"].items()})
    model.generation_config = GenerationConfig(
        is_multilingual=True,
        max_length=size["n_text_ctx"],
        lang_to_id={name: ids[name] for name in ids if ids[_FIRST_LANGUAGE] <= ids[name] <= ids[_LAST_LANGUAGE]},
        task_to_id={task: ids[f"<|{task}|>"] for task in ("transcribe", "translate")},
        no_timestamps_token_id=ids["<|notimestamps|>"],
        prev_sot_token_id=ids["<|startofprev|>"],
        begin_suppress_tokens=[220, ids[_END]],  # a space
        suppress_tokens=_never_spoken(folder, ids),
        **starts,
    )
    model.save_pretrained(target)
    WhisperFeatureExtractor(feature_size=size["n_mels"]).save_pretrained(target)
    tokens = dict.fromkeys(("bos_token", "eos_token", "unk_token"), _END)
    PreTrainedTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"), **tokens).save_pretrained(target)
    # Saved as what it was made with, it would not be found to belong to Whisper.
    file = target / "tokenizer_config.json"
    names = {"tokenizer_class": "WhisperTokenizer", "processor_class": "WhisperProcessor"}
    file.write_text(json.dumps(json.loads(file.read_text(encoding="utf-8")) | names), encoding="utf-8")


def _renamed(name: str) -> str:
    for pattern, other in _RENAMED.items():
        name = re.sub(pattern, other, name)
    return name


def _special_tokens(folder: Path) -> dict[str, int]:
    tokenizer = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    return {token["content"]: token["id"] for token in tokenizer["added_tokens"]}


def _never_spoken(folder: Path, ids: dict[str, int]) -> list[int]:
    """Return the tokens that Whisper's own decoding leaves out: symbols, and those that control it."""
    import tokenizers
    from faster_whisper.tokenizer import Tokenizer

    vocabulary = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    symbols = Tokenizer(vocabulary, multilingual=True, task="transcribe", language="en").non_speech_tokens
    control = ("startoftranscript", "translate", "transcribe", "startoflm", "startofprev", "nospeech", "nocaptions")
    return sorted({*symbols, *(ids[f"<|{name}|>"] for name in control if f"<|{name}|>" in ids)})
