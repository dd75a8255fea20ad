"""Every number that decides what counts as doubtful. Tune them here, on recordings whose words are known."""

DIGITS = 0.7
"""Words with digits are marked below this. A wrong digit costs the call back, so it is nearer to 1 than `NAMES`: base
had 0.6 to 0.7 on digits that a listener would check, and 0.85 and more on most right ones."""

NAMES = 0.5
"""Names are marked below this. Base had 0.3 to 0.45 on names it spelled wrong and 0.55 and more on most right ones; at
`DIGITS` every other name would be marked, and marks that are always there are not read."""

SHARPNESS = 0.5
"""A telephone number's confidence is the product of its words' probabilities to this power. The plain product is the
chance of this very spelling, commas included (``beş,`` for ``5``): base gave .03 and .07 to numbers heard right."""

GUESS = 0.5
"""Factor of the confidence for each word that only resembles a number word, as ``sofor`` does ``sıfır``."""
