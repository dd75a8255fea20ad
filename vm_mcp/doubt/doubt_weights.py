"""Weights of what a word's doubt depends on, see `word_doubts.FEATURES`.

Fitted by `benchmarks/fit_doubt.py` on 145 messages, as `base` heard them. They add
up to the log odds of wrong.
"""

CONSTANT = 6.565
WEIGHTS = {
    "probability": -3.122,
    "log least": 0.435,
    "log product": -0.415,
    "tokens": -0.302,
    "is number": -4.914,
    "has digit": 5.807,
    "numbers near": -0.195,
    "repeats": 1.941,
    "zipf": -0.677,
    "resembles": 0.882,
    "is syllable": 3.203,
    "least near": 0.200,
    "mean around": -2.006,
    "confirmed": -1.126,
    "number differs": -0.397,
    "differing beside": 0.247,
    "slowness": -0.511,
    "is slow": 0.753,
}
