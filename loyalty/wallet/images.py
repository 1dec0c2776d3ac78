"""The pictures of a pass, drawn from its program's name and colour: no upload is needed to begin.

Sizes are in points; a picture is drawn for each density of screen (developer.apple.com, "Pass
Design and Creation"; Google asks for a logo of at least 660 × 660).
"""

from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from loyalty.wallet.colours import Colour, blend, on

ICON, LOGO, STRIP = (29, 29), (50, 50), (375, 144)
DENSITIES = (1, 2, 3)
LARGEST_ROW = 30  # stamps that are drawn; more could not be counted
SMOOTH = 4  # drawn so much larger, then made smaller


def name_at(name: str, density: int) -> str:
    """`icon.png`, `icon@2x.png`."""
    return f"{name}.png" if density == 1 else f"{name}@{density}x.png"


@lru_cache(maxsize=64)
def badge(initial: str, colour: Colour, size: int) -> bytes:
    """A round corner square with a letter: what a program without a logo is known by."""
    side = size * SMOOTH
    image = Image.new("RGBA", (side, side))
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((0, 0, side - 1, side - 1), radius=side * 0.22, fill=colour)
    font = ImageFont.load_default(size=side * 0.58)
    draw.text((side / 2, side / 2), initial, fill=on(colour), font=font, anchor="mm")
    return _png(image.resize((size, size), Image.Resampling.LANCZOS))


@lru_cache(maxsize=512)
def stamps(filled: int, of: int, colour: Colour, density: int) -> bytes:
    """A row of stamps, in two lines where they are many."""
    width, height = STRIP[0] * density, STRIP[1] * density
    image = Image.new("RGB", (width, height), blend(colour, on(colour), 0.08))
    draw = ImageDraw.Draw(image)
    lines = 1 if of <= 5 else 2 if of <= 14 else 3
    columns = -(-of // lines)
    cell = min(width / (columns + 0.6), height / (lines + 0.35))
    left, top = (width - cell * columns) / 2, (height - cell * lines) / 2
    ink, line = on(colour), max(1, round(1.5 * density))
    for place in range(of):
        x = left + cell * (place % columns + 0.5)
        y = top + cell * (place // columns + 0.5)
        box = (x - cell * 0.4, y - cell * 0.4, x + cell * 0.4, y + cell * 0.4)
        if place < filled:
            draw.ellipse(box, fill=ink)
            _tick(draw, x, y, cell, colour, 2 * line)
        else:
            draw.ellipse(box, outline=blend(colour, ink, 0.6), width=line)
    return _png(image)


def _tick(
    draw: ImageDraw.ImageDraw, x: float, y: float, cell: float, colour: Colour, line: int
) -> None:
    corners = ((-0.17, 0.0), (-0.04, 0.14), (0.19, -0.14))
    draw.line(
        [(x + dx * cell, y + dy * cell) for dx, dy in corners],
        fill=colour,
        width=line,
        joint="curve",
    )


def _png(image: Image.Image) -> bytes:
    stream = BytesIO()
    image.save(stream, "PNG", optimize=True)
    return stream.getvalue()
