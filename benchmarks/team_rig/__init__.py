"""A team in miniature for benchmarks: PostgreSQL, a PBX with many accounts, a scripted engine, workers and servers."""
