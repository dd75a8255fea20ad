"""Weights of what a word's doubt depends on, see `word_doubts.FEATURES`.

Fitted by `benchmarks/fit_doubt.py` on 143 messages, as `base` heard them. They add
up to the log odds of wrong.
"""

CONSTANT = 7.138
WEIGHTS = {
    "probability": -3.104,
    "log least": 0.654,
    "log product": -0.544,
    "tokens": -0.442,
    "is number": -5.171,
    "has digit": 3.126,
    "numbers near": -0.199,
    "repeats": 2.664,
    "zipf": -0.736,
    "resembles": 0.968,
    "is syllable": 3.352,
    "least near": 0.842,
    "mean around": -2.134,
    "confirmed": -1.156,
    "number differs": -0.380,
    "differing beside": 0.242,
    "slowness": -0.648,
    "is slow": 0.922,
}
