"""Weights of what a word's doubt depends on, see `word_doubts.FEATURES`.

Fitted by `benchmarks/fit_doubt.py` on 145 messages, as `base` heard them. They add
up to the log odds of wrong.
"""

CONSTANT = 7.015
WEIGHTS = {
    "probability": -3.155,
    "log least": 0.590,
    "log product": -0.533,
    "tokens": -0.401,
    "is number": -5.298,
    "has digit": 3.252,
    "numbers near": -0.160,
    "repeats": 1.915,
    "zipf": -0.715,
    "resembles": 0.862,
    "is syllable": 3.314,
    "least near": -0.075,
    "mean around": -2.162,
    "confirmed": -1.087,
    "number differs": -0.219,
    "differing beside": 0.238,
    "slowness": -0.407,
    "is slow": 0.690,
}
