"""The parts of benchmarks/transcription.py, which other benchmarks use as well."""

import os
import sys

# onnxruntime, which also runs the voice detector, would send events to Microsoft. It reads this when it is loaded.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
# OpenVINO would keep an id of this device and send events to Google as soon as it is imported. Where this package of
# its own can't be imported, it sends nothing.
sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]  # as the import system's documentation has it
