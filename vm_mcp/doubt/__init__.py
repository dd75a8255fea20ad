"""What a reader of a transcript must doubt: words that the engine was unsure of, and the telephone numbers it heard."""
