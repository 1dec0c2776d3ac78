"""The colours of a card: its program's own, and what can be read on it."""

from loyalty.models import Business, Program

Colour = tuple[int, int, int]

# Nothing less than black can be read on every colour that white cannot (4.5 to 1).
DARK: Colour = (0, 0, 0)
LIGHT: Colour = (255, 255, 255)
FALLBACK: Colour = (79, 70, 229)
# How much of the background shines through small words (labels).
QUIET = 0.25


def of(painted: Program | Business) -> Colour:
    """Its colour; ours where it is no `#rrggbb`."""
    text = painted.color.removeprefix("#")
    try:
        red, green, blue = bytes.fromhex(text)
    except ValueError:
        return FALLBACK
    return red, green, blue


def on(background: Colour) -> Colour:
    """Dark or light text, whichever has more contrast."""
    ground = luminance(background)
    return max((DARK, LIGHT), key=lambda colour: contrast(luminance(colour), ground))


def blend(colour: Colour, into: Colour, share: float) -> Colour:
    """So much of the way from one colour to another."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(colour, into, strict=True))
    return red, green, blue


def css(colour: Colour) -> str:
    return "rgb({}, {}, {})".format(*colour)


def hexadecimal(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


def luminance(colour: Colour) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [_linear(value / 255) for value in colour]
    return sum(part * weight for part, weight in zip(parts, (0.2126, 0.7152, 0.0722), strict=True))


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)


def contrast(one: float, other: float) -> float:
    """Of two luminances: from 1 to 21."""
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)
