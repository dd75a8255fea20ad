"""What benchmarks/transcription.py is made of."""
