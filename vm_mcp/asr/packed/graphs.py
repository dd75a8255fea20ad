"""Builds the ONNX graphs of a Whisper model: the encoder, what the decoder's attention keeps of it, and the decoder.

Every matrix is stored in 8 bits with a scale per output, and what it is multiplied with is rounded to 8 bits with a
scale per row, as CTranslate2 does. A product of 8-bit numbers is exact, so a row is the same whatever is beside it:
quantisation with one scale for all rows, as onnxruntime's own tools produce it, lets a text depend on its neighbours.

The decoder works on `SLOTS` windows at a time. Their rows are together where they meet a matrix, which is then read
once, and apart where they attend to their own sound and text, so that windows of any lengths go together with nothing
padded. What they attend to of the sound is rounded to 8 bits as well: with windows of 20 s, reading it in 32 bits would
take as long as all the matrices.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from vm_mcp.asr.packed.arrays import FloatArray  # noqa: TC001  # numpy's types are needed anyway
from vm_mcp.asr.packed.ctranslate2_file import WhisperWeights
from vm_mcp.asr.packed.graph_sizes import BEST, SLOTS

_MICROSOFT: Final = "com.microsoft"
_OPSETS: Final = {"": 20, _MICROSOFT: 1}
_IR_VERSION: Final = 10
_EPSILON: Final = 1e-5
_LEAST_SCALE: Final = 1e-8
_LARGEST: Final = 127
_MIDDLE: Final = 128
"""What stands for zero in an unsigned number."""
_STEPS: Final = 255


class _Graph:
    """Nodes and constants, named as they come."""

    def __init__(self, weights: WhisperWeights) -> None:
        self.weights = weights
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._count = 0

    def add(self, kind: str, inputs: Sequence[str], name: str = "", domain: str = "", **attributes: Any) -> str:  # noqa: ANN401  # as ONNX has them
        [output] = self.add_several(kind, inputs, [name or self._name()], domain, **attributes)
        return output

    def add_several(
        self,
        kind: str,
        inputs: Sequence[str],
        outputs: Sequence[str],
        domain: str = "",
        **attributes: Any,  # noqa: ANN401  # as ONNX has them
    ) -> Sequence[str]:
        self._nodes.append(helper.make_node(kind, inputs, outputs, domain=domain, **attributes))
        return outputs

    def split(self, value: str, count: int, axis: int, sizes: str = "") -> Sequence[str]:
        names = [self._name() for _ in range(count)]
        if sizes:
            return self.add_several("Split", [value, sizes], names, axis=axis)
        return self.add_several("Split", [value], names, axis=axis, num_outputs=count)

    def constant(self, value: Any, kind: Any = None) -> str:  # noqa: ANN401  # whatever numpy takes
        name = self._name()
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(np.asarray(value, kind)), name))
        return name

    def normalised(self, value: str, name: str, output: str = "") -> str:
        scale, shift = (self.constant(self.weights[f"{name}/{part}"]) for part in ("gamma", "beta"))
        return self.add("LayerNormalization", [value, scale, shift], output, axis=-1, epsilon=_EPSILON)

    def rounded(self, value: str) -> tuple[str, str]:
        """Return rows of floats as 8-bit numbers around `_MIDDLE`, and the scale of each row."""
        scaled, scale = self._scaled(value, -1)
        return self.add("QuantizeLinear", [scaled, self.float(1), self.constant(_MIDDLE, np.uint8)]), scale

    def rounded_signed(self, value: str, name: str) -> str:
        """Round columns of floats to 8 bits under a name, and return the scale of each column."""
        scaled, scale = self._scaled(value, -2)
        self.add("QuantizeLinear", [scaled, self.float(1), self.constant(0, np.int8)], name)
        return scale

    def _scaled(self, value: str, axis: int) -> tuple[str, str]:
        largest = self.add("ReduceMax", [self.add("Abs", [value]), self.constant([axis], np.int64)], keepdims=1)
        largest = self.add("Max", [largest, self.float(_LEAST_SCALE)])
        scaled = self.add("Mul", [value, self.add("Div", [self.float(_LARGEST), largest])])
        return scaled, self.add("Mul", [largest, self.float(1 / _LARGEST)])

    def product(self, rows: tuple[str, str], matrix: "np.ndarray[Any, Any]", name: str = "") -> str:
        """Return the product of rounded rows and the transpose of a matrix."""
        values, scale = rows
        scales = np.maximum(np.abs(matrix).max(axis=1), _LEAST_SCALE) / _LARGEST
        columns = self.constant(np.round(matrix / scales[:, np.newaxis]).T, np.int8)
        product = self.integer_product(values, columns, 1, _MIDDLE, scales)
        return self.add("Mul", [product, scale], name)

    def integer_product(
        self, left: str, right: str, left_scale: float, left_zero: int, right_scale: "float | FloatArray" = 1
    ) -> str:
        """Return the product of two matrices of 8-bit numbers, unsigned and signed, as floats."""
        inputs = [left, right, self.float(left_scale), self.float(right_scale)]
        inputs += [self.constant(left_zero, np.uint8), self.constant(np.zeros_like(right_scale), np.int8)]
        return self.add("MatMulIntegerToFloat", inputs, domain=_MICROSOFT)

    def linear(self, rows: tuple[str, str], name: str) -> str:
        return self.add("Add", [self.product(rows, self.weights[f"{name}/weight"]), self._bias(name)])

    def feed_forward(self, value: str, layer: str) -> str:
        """Return a layer's value after its feed-forward part."""
        rows = self.rounded(self.normalised(value, f"{layer}/ffn/layer_norm"))
        inner = self.product(rows, self.weights[f"{layer}/ffn/linear_0/weight"])
        inner = self.add("BiasGelu", [inner, self._bias(f"{layer}/ffn/linear_0")], domain=_MICROSOFT)
        return self.add("Add", [value, self.linear(self.rounded(inner), f"{layer}/ffn/linear_1")])

    def model(self, inputs: Sequence[onnx.ValueInfoProto], outputs: Sequence[onnx.ValueInfoProto]) -> onnx.ModelProto:
        graph = helper.make_graph(self._nodes, "whisper", inputs, outputs, self._constants)
        opsets = [helper.make_opsetid(domain, version) for domain, version in _OPSETS.items()]
        return helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION)

    def _bias(self, name: str) -> str:
        return self.constant(self.weights[f"{name}/bias"])

    def float(self, value: "float | FloatArray") -> str:
        return self.constant(value, np.float32)

    def _name(self) -> str:
        self._count += 1
        return f"t{self._count}"


def _floats(name: str, *shape: int | str) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def _integers(name: str, *shape: int | str) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.INT64, shape)


def _bytes(name: str, *shape: int | str) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.INT8, shape)


def encoder(weights: WhisperWeights) -> onnx.ModelProto:
    """Return the graph from ``features`` (1, mels, frames) to ``states`` (1, steps, width), a step per two frames."""
    graph = _Graph(weights)
    value = "features"
    for name, stride in (("encoder/conv1", 1), ("encoder/conv2", 2)):
        inputs = [value, *(graph.constant(weights[f"{name}/{part}"]) for part in ("weight", "bias"))]
        value = graph.add("Conv", inputs, kernel_shape=[3], pads=[1, 1], strides=[stride])
        value = graph.add("Gelu", [value], domain=_MICROSOFT)
    value = graph.add("Transpose", [value], perm=[0, 2, 1])
    steps = graph.add("Shape", [value], start=1, end=2)
    zero = graph.constant([0], np.int64)
    places = graph.constant(weights["encoder/position_encodings/encodings"])
    value = graph.add("Add", [value, graph.add("Slice", [places, zero, steps, zero])])
    for number in range(weights.layers("encoder")):
        layer = f"encoder/layer_{number}"
        rows = graph.rounded(graph.normalised(value, f"{layer}/self_attention/layer_norm"))
        parts = graph.split(graph.linear(rows, f"{layer}/self_attention/linear_0"), 3, axis=-1)
        attended = graph.add("MultiHeadAttention", parts, domain=_MICROSOFT, num_heads=weights.heads)
        mixed = graph.linear(graph.rounded(attended), f"{layer}/self_attention/linear_1")
        value = graph.feed_forward(graph.add("Add", [value, mixed]), layer)
    graph.normalised(value, "encoder/layer_norm", "states")
    return graph.model([_floats("features", 1, weights.mels, "frames")], [_floats("states", 1, "steps", weights.width)])


def memory(weights: WhisperWeights) -> onnx.ModelProto:
    """Return the graph from ``states`` to what each layer of the decoder attends to, for all steps of a decoding.

    ``keys_L`` (heads, head width, steps) in 8 bits, ``key_scales_L`` (heads, 1, steps), which hold the scale that
    attention needs; ``values_L`` (heads, steps, head width) in 8 bits, ``value_scales_L`` (heads, 1, head width).
    """
    graph = _Graph(weights)
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
    return graph.model([_floats("states", 1, "steps", weights.width)], outputs)


def decoder(weights: WhisperWeights, suppressed: Sequence[int]) -> onnx.ModelProto:
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
    graph = _Graph(weights)
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


def _attend_to_text(graph: _Graph, value: str, number: int, new: list[str]) -> str:
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
        graph.add_several("MultiHeadAttention", [*inputs, "", "", *past], outputs, _MICROSOFT, num_heads=heads)
        attended.append(outputs[0])
    return graph.linear(graph.rounded(graph.add("Concat", attended, axis=1)), f"{layer}/linear_1")


def _attend_to_sound(graph: _Graph, value: str, number: int) -> str:
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


def _attend_rounded(graph: _Graph, query: str, scale: str, place: str, name: str) -> str:
    """Return what the rows of one slot take from the values, all of it in 8 bits.

    The shares of attention need 16: over 900 steps, most of a share may lie in hundreds of them that are each less than
    a 255th of the largest. So they are rounded to 8 bits, and what that leaves once more.
    """
    keys, values = f"keys_{place}", f"values_{place}"
    scores = graph.add("Mul", [graph.integer_product(query, keys, 1, _MIDDLE), scale])
    shares = graph.add("Softmax", [graph.add("Mul", [scores, f"key_scales_{place}"], name)], axis=-1)
    coarse, fine = graph.float(1 / _STEPS), graph.float(1 / _STEPS**2)
    bottom, middle = graph.constant(0, np.uint8), graph.constant(_MIDDLE, np.uint8)
    first = graph.add("QuantizeLinear", [shares, coarse, bottom])
    rest = graph.add("Sub", [shares, graph.add("DequantizeLinear", [first, coarse, bottom])])
    second = graph.add("QuantizeLinear", [rest, fine, middle])
    mixed = [
        graph.integer_product(first, values, 1 / _STEPS, 0),
        graph.integer_product(second, values, 1 / _STEPS**2, _MIDDLE),
    ]
    return graph.add("Mul", [graph.add("Add", mixed), f"value_scales_{place}"])


def _memory_values(weights: WhisperWeights, place: str, steps: str) -> list[onnx.ValueInfoProto]:
    heads, head_width = weights.heads, weights.head_width
    return [
        _bytes(f"keys_{place}", heads, head_width, steps),
        _floats(f"key_scales_{place}", heads, 1, steps),
        _bytes(f"values_{place}", heads, steps, head_width),
        _floats(f"value_scales_{place}", heads, 1, head_width),
    ]


def _decoder_inputs(weights: WhisperWeights) -> list[onnx.ValueInfoProto]:
    inputs = [_floats("rows", 1, "rows", weights.width), _integers("rows_of", SLOTS), _integers("wanted", "wanted")]
    for slot in range(SLOTS):
        inputs.append(_floats(f"mask_{slot}", 1, 1, f"rows_{slot}", f"keys_{slot}"))
        for layer in range(weights.layers("decoder")):
            place = f"{layer}_{slot}"
            inputs += [
                _floats(f"past_{kind}_{place}", 1, weights.heads, f"room_{slot}", weights.head_width)
                for kind in ("keys", "values")
            ]
            inputs += _memory_values(weights, place, f"steps_{slot}")
    return inputs


def _decoder_outputs(weights: WhisperWeights, suppressed: int) -> list[onnx.ValueInfoProto]:
    layers = weights.layers("decoder")
    return [
        _floats("scores", "wanted", BEST),
        _integers("ids", "wanted", BEST),
        _floats("logits", "wanted", weights.vocabulary_size - suppressed),
        _floats("suppressed_logits", "wanted", suppressed),
        _floats("new", 2 * layers, "rows", weights.width),
        *(_floats(f"attention_{layer}", weights.heads, "rows_0", "steps_0") for layer in range(layers)),
    ]
