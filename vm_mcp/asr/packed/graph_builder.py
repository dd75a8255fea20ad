"""Builds ONNX graphs in which all matrices have 8 bits.

Every matrix is stored in 8 bits with a scale per output, and what it is multiplied with is rounded to 8 bits with a
scale per row, as CTranslate2 does. A product of 8-bit numbers is exact, so a row is the same whatever is beside it:
quantisation with one scale for all rows, as onnxruntime's own tools produce it, lets a text depend on its neighbours.
"""

from collections.abc import Sequence
from io import BufferedWriter
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from vm_mcp.asr.packed.arrays import FloatArray  # noqa: TC001  # numpy's types are needed anyway
from vm_mcp.asr.packed.ctranslate2_file import WhisperWeights

MICROSOFT: Final = "com.microsoft"
MIDDLE: Final = 128
"""What stands for zero in an unsigned number."""

_OPSETS: Final = {"": 20, MICROSOFT: 1}
_IR_VERSION: Final = 10
_EPSILON: Final = 1e-5
_LEAST_SCALE: Final = 1e-8
_LARGEST: Final = 127
_SMALL_BYTES: Final = 1024
_ROWS_AT_ONCE: Final = 4096
_PAGE_BYTES: Final = 4096
"""What is stored begins at a multiple of this, so that it can be mapped into memory."""


class GraphBuilder:
    """Nodes and constants, named as they come.

    Args:
        weights: The model's.
        file: Gets the constants that are large, one after another: all of a model in memory would take several times
            its size. Its name is written into the graph, which has to lie beside it.
    """

    def __init__(self, weights: WhisperWeights, file: BufferedWriter) -> None:
        self.weights = weights
        self._file = file
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._count = 0

    def add(self, kind: str, inputs: Sequence[str], name: str = "", domain: str = "", **attributes: Any) -> str:  # noqa: ANN401  # as ONNX has them
        """Add a node with one output, named or not; return the output."""
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
        """Add a node with several outputs; return them."""
        self._nodes.append(helper.make_node(kind, inputs, outputs, domain=domain, **attributes))
        return outputs

    def split(self, value: str, count: int, axis: int, sizes: str = "") -> Sequence[str]:
        """Split a value along an axis into equal parts, or into parts of the sizes that another value holds."""
        names = [self._name() for _ in range(count)]
        if sizes:
            return self.add_several("Split", [value, sizes], names, axis=axis)
        return self.add_several("Split", [value], names, axis=axis, num_outputs=count)

    def constant(self, value: Any, kind: Any = None) -> str:  # noqa: ANN401  # whatever numpy takes
        """Add a constant; return its name."""
        name = self._name()
        array = np.ascontiguousarray(np.asarray(value, kind))
        small = array.nbytes < _SMALL_BYTES
        self._constants.append(numpy_helper.from_array(array, name) if small else self._stored(array, name))
        return name

    def _stored(self, array: "np.ndarray[Any, Any]", name: str) -> onnx.TensorProto:
        self._file.write(bytes(-self._file.tell() % _PAGE_BYTES))
        place = {"location": Path(self._file.name).name, "offset": self._file.tell(), "length": array.nbytes}
        self._file.write(array.data)
        kind = helper.np_dtype_to_tensor_dtype(array.dtype)
        tensor = onnx.TensorProto(name=name, data_type=kind, dims=array.shape, data_location=TensorProto.EXTERNAL)
        for key, value in place.items():
            tensor.external_data.add(key=key, value=str(value))
        return tensor

    def normalised(self, value: str, name: str, output: str = "") -> str:
        """Add a layer normalisation with the weights of some name."""
        scale, shift = (self.constant(self.weights[f"{name}/{part}"]) for part in ("gamma", "beta"))
        return self.add("LayerNormalization", [value, scale, shift], output, axis=-1, epsilon=_EPSILON)

    def rounded(self, value: str) -> tuple[str, str]:
        """Return rows of floats as 8-bit numbers around `MIDDLE`, and the scale of each row."""
        scaled, scale = self._scaled(value, -1)
        return self.add("QuantizeLinear", [scaled, self.float(1), self.constant(MIDDLE, np.uint8)]), scale

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
        largest = np.maximum(matrix.max(axis=1), -matrix.min(axis=1))
        scales = np.maximum(largest, _LEAST_SCALE) / _LARGEST
        columns = np.empty(matrix.shape[::-1], np.int8)
        for start in range(0, len(matrix), _ROWS_AT_ONCE):
            part = slice(start, start + _ROWS_AT_ONCE)
            columns[:, part] = np.round(matrix[part] / scales[part, np.newaxis]).T
        product = self.integer_product(values, self.constant(columns), 1, MIDDLE, scales)
        return self.add("Mul", [product, scale], name)

    def integer_product(
        self, left: str, right: str, left_scale: float, left_zero: int, right_scale: "float | FloatArray" = 1
    ) -> str:
        """Return the product of two matrices of 8-bit numbers, unsigned and signed, as floats."""
        inputs = [left, right, self.float(left_scale), self.float(right_scale)]
        inputs += [self.constant(left_zero, np.uint8), self.constant(np.zeros_like(right_scale), np.int8)]
        return self.add("MatMulIntegerToFloat", inputs, domain=MICROSOFT)

    def linear(self, rows: tuple[str, str], name: str) -> str:
        """Return rounded rows through the linear layer of some name."""
        return self.add("Add", [self.product(rows, self.weights[f"{name}/weight"]), self._bias(name)])

    def feed_forward(self, value: str, layer: str) -> str:
        """Return a layer's value after its feed-forward part."""
        rows = self.rounded(self.normalised(value, f"{layer}/ffn/layer_norm"))
        inner = self.product(rows, self.weights[f"{layer}/ffn/linear_0/weight"])
        inner = self.add("BiasGelu", [inner, self._bias(f"{layer}/ffn/linear_0")], domain=MICROSOFT)
        return self.add("Add", [value, self.linear(self.rounded(inner), f"{layer}/ffn/linear_1")])

    def model(self, inputs: Sequence[onnx.ValueInfoProto], outputs: Sequence[onnx.ValueInfoProto]) -> onnx.ModelProto:
        """Return what was built."""
        graph = helper.make_graph(self._nodes, "whisper", inputs, outputs, self._constants)
        opsets = [helper.make_opsetid(domain, version) for domain, version in _OPSETS.items()]
        return helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION)

    def _bias(self, name: str) -> str:
        return self.constant(self.weights[f"{name}/bias"])

    def float(self, value: "float | FloatArray") -> str:
        """Add a constant of 32-bit floats; return its name."""
        return self.constant(value, np.float32)

    def _name(self) -> str:
        self._count += 1
        return f"t{self._count}"


def floats(name: str, *shape: int | str) -> onnx.ValueInfoProto:
    """Describe an input or output of 32-bit floats."""
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def integers(name: str, *shape: int | str) -> onnx.ValueInfoProto:
    """Describe an input or output of 64-bit integers."""
    return helper.make_tensor_value_info(name, TensorProto.INT64, shape)


def signed_bytes(name: str, *shape: int | str) -> onnx.ValueInfoProto:
    """Describe an input or output of signed 8-bit integers."""
    return helper.make_tensor_value_info(name, TensorProto.INT8, shape)
