"""What a new card is called: the text of its QR, and the number that staff type."""

import secrets

RANDOM_DIGITS = 16


def new_code() -> str:
    """192 random bits."""
    return secrets.token_urlsafe(24)


def new_number() -> str:
    """16 random digits and the Luhn digit that finds a slip of the finger."""
    digits = f"{secrets.randbelow(10**RANDOM_DIGITS):0{RANDOM_DIGITS}}"
    return digits + luhn_digit(digits)


def luhn_digit(digits: str) -> str:
    """The check digit that belongs behind these digits (ISO/IEC 7812-1, annex B)."""
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(digits))]
    return str(-sum(value // 10 + value % 10 for value in doubled) % 10)
