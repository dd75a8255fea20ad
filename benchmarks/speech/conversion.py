"""Convert the weights of ``base`` to other engines' formats: ``python -m speech.conversion FORMAT BASE TARGET``.

Where a project has an exporter of its own that takes weights on this computer, that one converts them. It runs in a
process of its own, which finds no ``torchvision``: optimum-intel brings it, nothing here needs it, and PyPI's build
fails to load beside a torch for CPUs.
"""

import runpy
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path


def main() -> None:
    """Convert as the command line says."""
    sys.modules["torchvision"] = None  # type: ignore[assignment]  # importing it fails, as if it were not installed
    name, base, target = sys.argv[1:]
    FORMATS[name](Path(base), Path(target))


def write_openvino(base: Path, target: Path) -> None:
    """Write ``target``, a folder as OpenVINO GenAI loads it, with weights in int8."""
    from optimum.exporters.openvino.convert import export_tokenizer
    from optimum.intel import OVModelForSpeechSeq2Seq, OVWeightQuantizationConfig
    from transformers import AutoTokenizer

    from speech.transformers_model import write_transformers

    with tempfile.TemporaryDirectory() as folder:
        write_transformers(base, Path(folder))
        compression = OVWeightQuantizationConfig(bits=8)
        OVModelForSpeechSeq2Seq.from_pretrained(
            folder, export=True, compile=False, quantization_config=compression, local_files_only=True
        ).save_pretrained(target)
        export_tokenizer(AutoTokenizer.from_pretrained(folder), target)


def write_onnxruntime_genai(base: Path, target: Path) -> None:
    """Write ``target``, a folder as onnxruntime-genai loads it, with weights in int8."""
    from speech.transformers_model import write_transformers

    with tempfile.TemporaryDirectory() as folder:
        write_transformers(base, Path(folder, "model"))
        sys.argv = ["builder", "-m", f"{folder}/model", "-o", str(target), "-p", "int8", "-e", "cpu", "-c", folder]
        runpy.run_module("onnxruntime_genai.models.builder", run_name="__main__", alter_sys=True)


def write_sherpa_onnx(base: Path, target: Path) -> None:
    """Write ``target``, a folder with sherpa-onnx's three files, with weights in int8."""
    from speech.sherpa_model import write_sherpa

    write_sherpa(base, target)


FORMATS: dict[str, Callable[[Path, Path], None]] = {
    "openvino": write_openvino,
    "onnxruntime-genai": write_onnxruntime_genai,
    "sherpa-onnx": write_sherpa_onnx,
}

if __name__ == "__main__":
    main()
