#!/usr/bin/env bash
# onnxruntime 1.32.0 on a CPU, its operator com.microsoft.MultiHeadAttention with past_key and past_value.
#
# Expected: an output that nobody asks for changes nothing in the others. present_key and present_value, which hold the
# past and the new keys and values, are optional outputs. So a node that has only the attention as its output attends to
# the past and to the new token, as one with all three outputs does.
#
# Seen: without the two outputs the past is not used, and no error or warning says so. Nor does the new token attend to
# itself alone: the attention is as wide as with the past, so what lies in memory behind the new keys and values is read
# in its place. With a few tokens the result is finite and wrong, and a decoder goes on to write something like text;
# with a long past the process dies of a segmentation fault.
#
# Run by hand: bash findings/onnxruntime_attention_reads_beyond_its_keys.sh. Fails if any of it changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet onnxruntime==1.32.0 onnx==1.23.2 numpy
cat > attention.py <<'PYTHON'
import subprocess
import sys

import numpy as np
import onnxruntime
from onnx import TensorProto, helper

HEADS, WIDTH = 2, 8
NAMES = ("attended", "present_key", "present_value")


def inputs(past):
    random = np.random.default_rng(0)
    shapes = {name: (1, 1, HEADS * WIDTH) for name in ("query", "key", "value")}
    shapes |= {name: (1, HEADS, past, WIDTH) for name in ("past_key", "past_value")}
    return {name: random.standard_normal(shape, np.float32) for name, shape in shapes.items()}


def attended(feed, outputs):
    query, key, value, past_key, past_value = feed
    given = [query, key, value, "", "", "", past_key, past_value]
    node = helper.make_node("MultiHeadAttention", given, outputs, domain="com.microsoft", num_heads=HEADS)
    taken = [helper.make_tensor_value_info(name, TensorProto.FLOAT, array.shape) for name, array in feed.items()]
    result = [helper.make_tensor_value_info("attended", TensorProto.FLOAT, [1, 1, HEADS * WIDTH])]
    opsets = [helper.make_opsetid("", 20), helper.make_opsetid("com.microsoft", 1)]
    model = helper.make_model(
        helper.make_graph([node], "attention", taken, result), opset_imports=opsets, ir_version=10
    )
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(["attended"], feed)[0].reshape(HEADS, WIDTH)


def right(feed):
    query, *new = (feed[name].reshape(HEADS, 1, WIDTH) for name in ("query", "key", "value"))
    keys, values = (np.concatenate([feed[f"past_{name}"][0], one], axis=1) for name, one in zip(("key", "value"), new))
    powers = np.exp(keys @ query.transpose(0, 2, 1) / WIDTH**0.5)
    return ((powers / powers.sum(axis=1, keepdims=True)) * values).sum(axis=1)


if len(sys.argv) > 1:
    attended(inputs(int(sys.argv[1])), NAMES[:1])
    sys.exit()
print("onnxruntime", onnxruntime.__version__)
feed = inputs(5)
errors = [float(np.abs(attended(feed, NAMES[:count]) - right(feed)).max()) for count in (3, 1)]
print(f"furthest from the right values: asked for the present {errors[0]:.1e}, not asked {errors[1]:.1e}")
died = subprocess.run([sys.executable, __file__, "3000000"], stderr=subprocess.DEVNULL).returncode
print("status of a process with a long past, not asked for the present:", died)
assert errors[0] < 1e-5
assert errors[1] > 0.1
assert died < 0
PYTHON
venv/bin/python attention.py
