"""What the crowd's customers are called by those who send events."""

import random


def people(of: int, waiting: int, n: int, seed: int) -> list[str]:
    """Names of `n` different customers, from all over the crowd."""
    drawn = random.Random(seed).sample(range(of), n)
    return [f"w{number}" if number < waiting else f"c{number - waiting}" for number in drawn]
