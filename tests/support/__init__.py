"""Helpers for several kinds of tests: stand-ins for engines, servers and the vendor, fixtures, and samples."""
