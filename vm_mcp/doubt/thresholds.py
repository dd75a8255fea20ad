"""Every threshold that decides what counts as doubtful. Tune them here, on recordings whose words are known."""

DIGITS = 0.7
"""Probability below which words with digits are marked. Higher than `NAMES`, since a wrong digit costs the call back:
`base` gave 0.6 to 0.7 to digits that a listener would check, and 0.85 or more to most right ones."""

NAMES = 0.5
"""Probability below which names are marked. `base` gave 0.3 to 0.45 to names it spelled wrong, and 0.55 or more to most
right ones. At `DIGITS` every other name would be marked, and people stop reading marks that are always there."""

SHARPNESS = 0.5
"""Exponent of the product of a telephone number's word probabilities; the result is its confidence. The product itself
is too low, because it is the probability of one spelling, commas included (``beş,`` or ``5``): `base` gave 0.03 and
0.07 to numbers that it heard right."""

GUESS = 0.5
"""Factor of the confidence for each word that only resembles a number word, as ``sofor`` resembles ``sıfır``."""
