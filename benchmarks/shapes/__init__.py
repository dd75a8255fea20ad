"""The parts of benchmarks/model_shapes.py and benchmarks/gpu.py."""
