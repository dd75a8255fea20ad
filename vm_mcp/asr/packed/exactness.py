"""Whether the processor multiplies 8-bit numbers exactly.

x86 processors without VNNI add pairs of products in 16 bits, where the sum of two large ones does not fit, so
onnxruntime returns less. Those with it, and ARM's, are exact, and have the instructions that make this worth while.
See "U8S8 saturation" in onnxruntime's documentation of quantisation.
"""

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

FILE: Final = "product.onnx"
"""A graph of one product of the largest numbers, with which a converted model's folder is tried."""

_SIZE: Final = 64
_LEFT, _RIGHT = 255, 127
_ROWS: Final = (1, 20)
"""onnxruntime has other instructions for one row than for several."""


class UnsuitableProcessorError(Exception):
    """The processor lacks instructions that add products of 8-bit numbers exactly."""


def product_graph() -> bytes:
    """Return the graph, from ``left`` (rows, _SIZE) to ``product`` (rows, _SIZE)."""
    import numpy as np
    from onnx import TensorProto, helper, numpy_helper

    constants = [
        numpy_helper.from_array(_right(), "right"),
        numpy_helper.from_array(np.array(0, np.uint8), "zero"),
    ]
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["left", "right", "zero"], ["product"])],
        "product",
        [helper.make_tensor_value_info("left", TensorProto.UINT8, ["rows", _SIZE])],
        [helper.make_tensor_value_info("product", TensorProto.INT32, ["rows", _SIZE])],
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
    lefts = [np.full((rows, _SIZE), _LEFT, np.uint8) for rows in _ROWS]
    exact = [left.astype(np.int64) @ _right().astype(np.int64) for left in lefts]
    products = [session.run(None, {"left": left})[0] for left in lefts]
    return all(np.array_equal(*pair) for pair in zip(products, exact, strict=True))


def _right() -> "np.ndarray[Any, np.dtype[np.int8]]":
    """Return columns of the largest numbers, positive and negative."""
    import numpy as np

    return np.tile(np.array([_RIGHT, -_RIGHT], np.int8), (_SIZE, _SIZE // 2))
