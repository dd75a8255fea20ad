"""Weights of what a word's doubt depends on, see `word_doubts.FEATURES`.

Fitted by `benchmarks/fit_doubt.py` on 145 messages, as `base` heard them. They add
up to the log odds of wrong.
"""

CONSTANT = 7.097
WEIGHTS = {
    "probability": -3.031,
    "log least": 0.611,
    "log product": -0.580,
    "tokens": -0.446,
    "is number": -5.417,
    "has digit": 7.427,
    "numbers near": -0.187,
    "repeats": 2.009,
    "zipf": -0.739,
    "resembles": 0.855,
    "is syllable": 3.263,
    "least near": 0.211,
    "mean around": -2.091,
    "confirmed": -1.138,
    "number differs": -0.235,
    "differing beside": 0.247,
    "slowness": -0.517,
    "is slow": 0.746,
}
