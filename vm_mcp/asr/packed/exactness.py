"""Whether the processor multiplies 8-bit numbers exactly.

x86 processors without VNNI add pairs of products in 16 bits, where the sum of two large ones does not fit, so
onnxruntime returns less. Those with it, and ARM's, are exact, and have the instructions that make this worth while.
See "U8S8 saturation" in onnxruntime's documentation of quantisation.
"""

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pathlib import Path

FILE: Final = "product.onnx"
"""A graph of one product of the largest numbers, with which a converted model's folder is tried."""

_SIZE: Final = 64
_LEFT, _RIGHT = 255, 127


class UnsuitableProcessorError(Exception):
    """The processor lacks instructions that add products of 8-bit numbers exactly."""


def product_graph() -> bytes:
    """Return the graph, from nothing to ``product`` (1, _SIZE)."""
    import numpy as np
    from onnx import TensorProto, helper, numpy_helper

    constants = [
        numpy_helper.from_array(np.full((_SIZE, _SIZE), _RIGHT, np.int8), "right"),
        numpy_helper.from_array(np.array(0, np.uint8), "zero"),
    ]
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["left", "right", "zero"], ["product"])],
        "product",
        [helper.make_tensor_value_info("left", TensorProto.UINT8, [1, _SIZE])],
        [helper.make_tensor_value_info("product", TensorProto.INT32, [1, _SIZE])],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    return bytes(model.SerializeToString())


def is_exact(graph: "Path | bytes") -> bool:
    """Return whether this processor computes the product of the graph exactly."""
    import numpy as np
    import onnxruntime

    session: Any = onnxruntime.InferenceSession(
        graph if isinstance(graph, bytes) else str(graph), providers=["CPUExecutionProvider"]
    )
    [product] = session.run(None, {"left": np.full((1, _SIZE), _LEFT, np.uint8)})
    return bool((product == _LEFT * _RIGHT * _SIZE).all())
