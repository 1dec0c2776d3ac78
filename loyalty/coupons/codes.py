"""What a code looks like: drawn by chance, compared without its case."""

import secrets

from loyalty.models.coupon import LONGEST_CODE

# Nothing that is taken for something else: no 0 and O, no 1, I and L, no U that is a V.
LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
SHORTEST = 8
# So many codes there must be for each that is given out, or somebody guesses one.
SPARSE = 1_000_000


def length_for(n: int) -> int:
    """How many letters codes need, so that a guess hits one of `n` about once in a million."""
    length = SHORTEST
    while len(LETTERS) ** length < n * SPARSE:
        length += 1
    return length


def new_code(prefix: str, length: int) -> str:
    """Each letter as likely as any other, whatever came before."""
    return prefix + "".join([secrets.choice(LETTERS) for _letter in range(length)])


def fold(code: str) -> str:
    """The code as it is compared: without case and spaces."""
    return "".join(code.split()).casefold()


def is_fit(code: str) -> bool:
    """Whether it can be typed at a till: printable, without spaces, not too long."""
    return 0 < len(code) <= LONGEST_CODE and code.isprintable() and " " not in code
