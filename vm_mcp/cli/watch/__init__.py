"""Notices new messages, and says so on this computer."""
