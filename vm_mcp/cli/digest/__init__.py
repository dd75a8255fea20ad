"""What is open, written down for people: to a file, over their mail server, and every morning by itself."""
