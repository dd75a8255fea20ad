"""Compare transcripts with messages whose words are known: which words, names, numbers and dates are wrong."""
