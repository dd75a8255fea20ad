"""Builds the graph of Whisper's encoder."""

from io import BufferedWriter

import numpy as np
import onnx

from vm_mcp.asr.packed.ctranslate2_file import WhisperWeights
from vm_mcp.asr.packed.graph_builder import MICROSOFT, GraphBuilder, floats


def encoder(weights: WhisperWeights, file: BufferedWriter) -> onnx.ModelProto:
    """Return the graph from ``features`` (1, mels, frames) to ``states`` (1, steps, width), a step per two frames."""
    graph = GraphBuilder(weights, file)
    value = "features"
    for name, stride in (("encoder/conv1", 1), ("encoder/conv2", 2)):
        inputs = [value, *(graph.constant(weights[f"{name}/{part}"]) for part in ("weight", "bias"))]
        value = graph.add("Conv", inputs, kernel_shape=[3], pads=[1, 1], strides=[stride])
        value = graph.add("Gelu", [value], domain=MICROSOFT)
    value = graph.add("Transpose", [value], perm=[0, 2, 1])
    steps = graph.add("Shape", [value], start=1, end=2)
    zero = graph.constant([0], np.int64)
    places = graph.constant(weights["encoder/position_encodings/encodings"])
    value = graph.add("Add", [value, graph.add("Slice", [places, zero, steps, zero])])
    for number in range(weights.layers("encoder")):
        layer = f"encoder/layer_{number}"
        rows = graph.rounded(graph.normalised(value, f"{layer}/self_attention/layer_norm"))
        parts = graph.split(graph.linear(rows, f"{layer}/self_attention/linear_0"), 3, axis=-1)
        attended = graph.add("MultiHeadAttention", parts, domain=MICROSOFT, num_heads=weights.heads)
        mixed = graph.linear(graph.rounded(attended), f"{layer}/self_attention/linear_1")
        value = graph.feed_forward(graph.add("Add", [value, mixed]), layer)
    graph.normalised(value, "encoder/layer_norm", "states")
    return graph.model([floats("features", 1, weights.mels, "frames")], [floats("states", 1, "steps", weights.width)])
