"""Weights of what a word's doubt depends on, see `word_doubts.FEATURES`.

Fitted by `benchmarks/fit_doubt.py` on 144 Turkish messages, transcribed with `base`. They add
up to the log odds of wrong.
"""

CONSTANT = 6.726
WEIGHTS = {
    "probability": -3.294,
    "log least": 0.394,
    "log product": -0.274,
    "tokens": -0.089,
    "is number": -4.858,
    "has digit": 3.040,
    "numbers near": -0.118,
    "repeats": 2.564,
    "zipf": -0.583,
    "is short": 2.828,
    "least near": 0.899,
    "mean around": -3.251,
    "confirmed": -1.189,
    "differing beside": 0.212,
    "slowness": -0.626,
    "is slow": 1.344,
}
