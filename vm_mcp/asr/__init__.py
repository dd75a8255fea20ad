"""Speech to text: the protocol, the engines, and the worker process they run in."""
