"""Recordings as recorders of telephone calls write them, and what two decoders make of each."""
