"""Builds the graphs of Whisper's decoder, and of what its attention keeps of the sound.

The decoder works on `SLOTS` windows at a time. Their rows are together where they meet a matrix, which is then read
once, and apart where they attend to their own sound and text, so that windows of any lengths go together with nothing
padded. What they attend to of the sound is rounded to 8 bits as well: with windows of 20 s, reading it in 32 bits would
take as long as all the matrices.
"""

from collections.abc import Sequence
from io import BufferedWriter
from typing import Final

import numpy as np
import onnx

from vm_mcp.asr.packed.ctranslate2_file import WhisperWeights
from vm_mcp.asr.packed.graph_builder import MICROSOFT, MIDDLE, GraphBuilder, floats, integers, signed_bytes
from vm_mcp.asr.packed.graph_sizes import BEST, SLOTS

_STEPS: Final = 255


def memory(weights: WhisperWeights, file: BufferedWriter) -> onnx.ModelProto:
    """Return the graph from ``states`` to what each layer of the decoder attends to, for all steps of a decoding.

    ``keys_L`` (heads, head width, steps) in 8 bits, ``key_scales_L`` (heads, 1, steps), which hold the scale that
    attention needs; ``values_L`` (heads, steps, head width) in 8 bits, ``value_scales_L`` (heads, 1, head width).
    """
    graph = GraphBuilder(weights, file)
    rows = graph.rounded("states")
    heads, head_width = weights.heads, weights.head_width
    shape = graph.constant([-1, heads, head_width], np.int64)
    scale = graph.constant(head_width**-0.5, np.float32)
    outputs = []
    for layer in range(weights.layers("decoder")):
        parts = graph.split(graph.linear(rows, f"decoder/layer_{layer}/attention/linear_1"), 2, axis=-1)
        keys, values = (graph.add("Reshape", [part, shape]) for part in parts)
        keys = graph.add("Transpose", [keys], perm=[1, 2, 0])
        graph.add("Mul", [graph.rounded_signed(keys, f"keys_{layer}"), scale], f"key_scales_{layer}")
        values = graph.add("Transpose", [values], perm=[1, 0, 2])
        graph.add("Identity", [graph.rounded_signed(values, f"values_{layer}")], f"value_scales_{layer}")
        outputs += _memory_values(weights, f"{layer}", "steps")
    return graph.model([floats("states", 1, "steps", weights.width)], outputs)


def decoder(weights: WhisperWeights, suppressed: Sequence[int], file: BufferedWriter) -> onnx.ModelProto:
    """Return the graph of one step of the decoder, or of several tokens that are known.

    In:
        ``rows`` (1, rows, width): the tokens' vectors, slot after slot. ``rows_of`` (SLOTS): how many each slot has;
        one at least. ``wanted`` (n): the rows whose next tokens are wanted.
        Per slot S: ``mask_S`` (1, 1, rows, room + rows): 0 where a row attends to an earlier token or one of this step,
        else a large negative number. Per slot and layer L: ``past_keys_L_S`` and ``past_values_L_S`` (1, heads, room,
        head width), and what `memory` returns, as ``keys_L_S`` and so on.
    Out:
        ``scores`` and ``ids`` (n, BEST): log probabilities of the likeliest tokens, as indices of those that are not
        suppressed. ``logits`` (n, tokens not suppressed), ``suppressed_logits`` (n, suppressed tokens).
        ``new`` (2 x layers, rows, width): each layer's keys and values of these tokens. ``attention_L`` (heads, rows of
        slot 0, steps): before the softmax.
    """
    graph = GraphBuilder(weights, file)
    value = "rows"
    new: list[str] = []
    for number in range(weights.layers("decoder")):
        layer = f"decoder/layer_{number}"
        value = graph.add("Add", [value, _attend_to_text(graph, value, number, new)])
        value = graph.add("Add", [value, _attend_to_sound(graph, value, number)])
        value = graph.feed_forward(value, layer)
    graph.add("Concat", new, "new", axis=0)
    last = graph.normalised(graph.add("Gather", [value, "wanted"], axis=1), "decoder/layer_norm")
    rows = graph.rounded(graph.add("Squeeze", [last, graph.constant([0], np.int64)]))
    embeddings = weights["decoder/embeddings/weight"]
    is_suppressed = np.zeros(len(embeddings), bool)
    is_suppressed[list(suppressed)] = True
    graph.product(rows, embeddings[is_suppressed], "suppressed_logits")
    logits = graph.product(rows, embeddings[~is_suppressed], "logits")
    shares = graph.add("LogSoftmax", [logits], axis=-1)
    graph.add_several("TopK", [shares, graph.constant([BEST], np.int64)], ["scores", "ids"], axis=-1)
    return graph.model(_decoder_inputs(weights), _decoder_outputs(weights, int(is_suppressed.sum())))


def _attend_to_text(graph: GraphBuilder, value: str, number: int, new: list[str]) -> str:
    layer, heads = f"decoder/layer_{number}/self_attention", graph.weights.heads
    rows = graph.rounded(graph.normalised(value, f"{layer}/layer_norm"))
    queries, keys, values = graph.split(graph.linear(rows, f"{layer}/linear_0"), 3, axis=-1)
    new += [keys, values]
    parts = [graph.split(each, SLOTS, 1, "rows_of") for each in (queries, keys, values)]
    attended = []
    for slot, inputs in enumerate(zip(*parts, strict=True)):
        place = f"{number}_{slot}"
        past = [f"mask_{slot}", f"past_keys_{place}", f"past_values_{place}"]
        # Without the last two outputs, onnxruntime reads what is behind the new keys, and not the past.
        outputs = [f"attended_{place}", f"all_keys_{place}", f"all_values_{place}"]
        graph.add_several("MultiHeadAttention", [*inputs, "", "", *past], outputs, MICROSOFT, num_heads=heads)
        attended.append(outputs[0])
    return graph.linear(graph.rounded(graph.add("Concat", attended, axis=1)), f"{layer}/linear_1")


def _attend_to_sound(graph: GraphBuilder, value: str, number: int) -> str:
    layer, weights = f"decoder/layer_{number}/attention", graph.weights
    rows = graph.rounded(graph.normalised(value, f"{layer}/layer_norm"))
    heads = graph.constant([-1, weights.heads, weights.head_width], np.int64)
    flat = graph.constant([1, -1, weights.width], np.int64)
    queries = graph.add("Reshape", [graph.linear(rows, f"{layer}/linear_0"), heads])
    parts = graph.rounded(graph.add("Transpose", [queries], perm=[1, 0, 2]))
    slots = zip(*(graph.split(part, SLOTS, 1, "rows_of") for part in parts), strict=True)
    attended = []
    for slot, (query, scale) in enumerate(slots):
        mixed = _attend_rounded(graph, query, scale, f"{number}_{slot}", "" if slot else f"attention_{number}")
        attended.append(graph.add("Reshape", [graph.add("Transpose", [mixed], perm=[1, 0, 2]), flat]))
    return graph.linear(graph.rounded(graph.add("Concat", attended, axis=1)), f"{layer}/linear_2")


def _attend_rounded(graph: GraphBuilder, query: str, scale: str, place: str, name: str) -> str:
    """Return what the rows of one slot take from the values, all of it in 8 bits.

    The shares of attention need 16: over 900 steps, most of a share may lie in hundreds of them that are each less than
    a 255th of the largest. So they are rounded to 8 bits, and what that leaves once more.
    """
    keys, values = f"keys_{place}", f"values_{place}"
    scores = graph.add("Mul", [graph.integer_product(query, keys, 1, MIDDLE), scale])
    shares = graph.add("Softmax", [graph.add("Mul", [scores, f"key_scales_{place}"], name)], axis=-1)
    coarse, fine = graph.float(1 / _STEPS), graph.float(1 / _STEPS**2)
    bottom, middle = graph.constant(0, np.uint8), graph.constant(MIDDLE, np.uint8)
    first = graph.add("QuantizeLinear", [shares, coarse, bottom])
    rest = graph.add("Sub", [shares, graph.add("DequantizeLinear", [first, coarse, bottom])])
    second = graph.add("QuantizeLinear", [rest, fine, middle])
    mixed = [
        graph.integer_product(first, values, 1 / _STEPS, 0),
        graph.integer_product(second, values, 1 / _STEPS**2, MIDDLE),
    ]
    return graph.add("Mul", [graph.add("Add", mixed), f"value_scales_{place}"])


def _memory_values(weights: WhisperWeights, place: str, steps: str) -> list[onnx.ValueInfoProto]:
    heads, head_width = weights.heads, weights.head_width
    return [
        signed_bytes(f"keys_{place}", heads, head_width, steps),
        floats(f"key_scales_{place}", heads, 1, steps),
        signed_bytes(f"values_{place}", heads, steps, head_width),
        floats(f"value_scales_{place}", heads, 1, head_width),
    ]


def _decoder_inputs(weights: WhisperWeights) -> list[onnx.ValueInfoProto]:
    inputs = [floats("rows", 1, "rows", weights.width), integers("rows_of", SLOTS), integers("wanted", "wanted")]
    for slot in range(SLOTS):
        inputs.append(floats(f"mask_{slot}", 1, 1, f"rows_{slot}", f"keys_{slot}"))
        for layer in range(weights.layers("decoder")):
            place = f"{layer}_{slot}"
            inputs += [
                floats(f"past_{kind}_{place}", 1, weights.heads, f"room_{slot}", weights.head_width)
                for kind in ("keys", "values")
            ]
            inputs += _memory_values(weights, place, f"steps_{slot}")
    return inputs


def _decoder_outputs(weights: WhisperWeights, suppressed: int) -> list[onnx.ValueInfoProto]:
    layers = weights.layers("decoder")
    return [
        floats("scores", "wanted", BEST),
        integers("ids", "wanted", BEST),
        floats("logits", "wanted", weights.vocabulary_size - suppressed),
        floats("suppressed_logits", "wanted", suppressed),
        floats("new", 2 * layers, "rows", weights.width),
        *(floats(f"attention_{layer}", weights.heads, "rows_0", "steps_0") for layer in range(layers)),
    ]
