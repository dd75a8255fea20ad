#!/usr/bin/env bash
# CTranslate2 4.8.5, a Whisper model with tokens for three languages, converted through its own WhisperSpec.
#
# Expected: `is_multilingual` follows what the model has: tokens of languages, which its configuration lists, or, as
# OpenAI's code has it, the size of the vocabulary.
#
# Seen: it is whether the vocabulary holds the empty token "", which OpenAI's multilingual vocabularies happen to have.
# Two models that differ in nothing but the spelling of one text token, which is never used, differ in it. Without the
# empty token, `detect_language` refuses the model, and whoever decodes with faster-whisper gets the English prompt. A
# vocabulary that was pruned or built anew for a few languages loses them so.
#
# Run by hand: bash findings/ctranslate2_takes_multilingual_models_for_english.sh. Fails if any of it changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet ctranslate2==4.8.5 numpy==2.4.6
venv/bin/python - <<'PYTHON'
import ctranslate2
import numpy as np
from ctranslate2.specs import WhisperSpec, model_spec

WIDTH, MELS = 64, 8
SPECIAL = ["<|endoftext|>", "<|startoftranscript|>", "<|en|>", "<|tr|>", "<|de|>", "<|translate|>", "<|transcribe|>",
           "<|startoflm|>", "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>"]

def write(folder, unused):
    words = [unused, *(f"word{number}" for number in range(1, 240)), *SPECIAL]
    draw = np.random.default_rng(0)
    values = lambda *shape: draw.normal(scale=0.1, size=shape).astype(np.float32)
    spec = WhisperSpec(1, 2, 1, 2)
    def put(name, value):
        scope, _, attribute = name.rpartition("/")
        setattr(model_spec.index_spec(spec, scope), attribute, value)
    def linear(name, outputs, inputs):
        put(f"{name}/weight", values(outputs, inputs)), put(f"{name}/bias", values(outputs))
    def norm(name):
        put(f"{name}/gamma", 1 + values(WIDTH)), put(f"{name}/beta", values(WIDTH))
    for number, inputs in ((1, MELS), (2, WIDTH)):
        put(f"encoder/conv{number}/weight", values(WIDTH, inputs, 3)), put(f"encoder/conv{number}/bias", values(WIDTH))
    put("encoder/position_encodings/encodings", values(1500, WIDTH))
    put("decoder/position_encodings/encodings", values(448, WIDTH))
    put("decoder/embeddings/weight", values(len(words), WIDTH))
    for part in ("encoder", "decoder"):
        norm(f"{part}/layer_norm")
        layer = f"{part}/layer_0"
        for name, sizes in [("self_attention", (3, 1))] + [("attention", (1, 2, 1))] * (part == "decoder"):
            norm(f"{layer}/{name}/layer_norm")
            for number, size in enumerate(sizes):
                linear(f"{layer}/{name}/linear_{number}", size * WIDTH, WIDTH)
        norm(f"{layer}/ffn/layer_norm")
        linear(f"{layer}/ffn/linear_0", 4 * WIDTH, WIDTH), linear(f"{layer}/ffn/linear_1", WIDTH, 4 * WIDTH)
    spec.decoder.projection.weight = spec.decoder.embeddings.weight
    spec.register_vocabulary(words)
    spec.config.suppress_ids, spec.config.suppress_ids_begin = [], []
    spec.config.lang_ids = [words.index(token) for token in ("<|en|>", "<|tr|>", "<|de|>")]
    spec.config.alignment_heads = [[0, 0]]
    spec.validate(), spec.optimize()
    spec.save(folder)
    return ctranslate2.models.Whisper(folder)

import os
print("CTranslate2", ctranslate2.__version__)
found = {}
for unused in ("", "word0"):
    os.mkdir(folder := f"model{len(found)}")
    model = write(folder, unused)
    sound = ctranslate2.StorageView.from_array(np.zeros((1, MELS, 100), np.float32))
    try:
        ranking = model.detect_language(model.encode(sound))[0]
        languages = len(ranking)
    except RuntimeError as error:
        languages = str(error)
    found[unused] = (model.is_multilingual, languages)
    print(f"an unused token spelled {unused!r}: is_multilingual {model.is_multilingual}, languages detected: {languages}")
assert found[""] == (True, 3), found
assert found["word0"][0] is False and found["word0"][1] != 3, found
PYTHON
