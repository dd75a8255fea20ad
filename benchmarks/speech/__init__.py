"""The parts of benchmarks/transcription.py."""
