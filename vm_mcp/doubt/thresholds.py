"""Every threshold that decides what counts as doubtful. Tune them here, on recordings whose words are known."""

WORD, NUMBER = 0.46, 0.45
"""Doubts above which words and number words are marked. With these, 87 to 90 in a hundred wrong names, numbers and
dates had a mark, 13 to 16 right ones had one, and five of six marked words were wrong: `benchmarks/truth.py` counts
them."""

WHOLE_NUMBER = 0.5
"""Probability that any word of a number was misheard, above which its most doubtful word is marked."""

MESSAGE = 0.5
"""Mean doubt of a message's words above which it was hardly understood. Of 33 such messages 29 had more than half of
their words wrong, and of 43 with so many wrong words 29 were among them; in one, fewer than 35 in a hundred were. At
0.45, a short message of which two of five words were wrong was among them, too."""

DIGITS = 0.7
"""Probability below which words with digits are marked, if an engine says no more of its words. Higher than `NAMES`,
because a single wrong digit makes a number useless: `base` gave 0.6 to 0.7 to digits that a listener would check, and
0.85 or more to most right ones."""

NAMES = 0.5
"""The same for names. `base` gave 0.3 to 0.45 to names it spelled wrong, and 0.55 or more to most
right ones. With the threshold of `DIGITS` every second name would be marked, and people ignore marks that are always
there."""

SHARPNESS = 0.5
"""The product of the word probabilities of a telephone number, raised to this power, is its confidence. The product
itself is too low, because it is the probability of one spelling, commas included (``beş,`` or ``5``): `base` gave 0.03
and 0.07 to numbers that it recognised right."""

GUESS = 0.5
"""The confidence is multiplied by this for each word that only resembles a number word, as ``sofor`` does ``sıfır``."""

READABLE = 0.1
"""Confidence below which the digits of a telephone number are not shown, only that one was said. Ten words with a
probability of 0.63 each make it so: then most often several digits are wrong."""
