"""Weights of what a word's doubt depends on, see `word_doubts.FEATURES`.

Fitted by `benchmarks/fit_doubt.py` on 143 messages, as `base` heard them. They add
up to the log odds of wrong.
"""

CONSTANT = 7.350
WEIGHTS = {
    "probability": -2.988,
    "log least": 0.664,
    "log product": -0.561,
    "tokens": -0.490,
    "is number": -5.279,
    "has digit": 3.090,
    "numbers near": -0.207,
    "repeats": 2.663,
    "zipf": -0.754,
    "resembles": 0.941,
    "is syllable": 3.295,
    "least near": 0.869,
    "mean around": -2.186,
    "confirmed": -1.198,
    "number differs": -0.409,
    "differing beside": 0.209,
    "slowness": -0.644,
    "is slow": 0.933,
}
