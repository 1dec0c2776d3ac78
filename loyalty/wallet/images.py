"""The pictures of a pass, drawn from its program's name and colour: no upload is needed to begin.

Sizes are in points; a picture is drawn for each density of screen (developer.apple.com, "Pass
Design and Creation"; Google asks for a logo of at least 660 × 660).
"""

from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont, ImageOps

from loyalty.models import Picture, Program, Storefront
from loyalty.wallet.colours import Colour, blend, of, on

ICON, LOGO, STRIP = (29, 29), (160, 50), (375, 144)
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


@lru_cache(maxsize=256)
def brought(digest: str, width: int, height: int, *, is_filled: bool = False) -> bytes:
    """A picture that staff brought, as large as fits; filled, what is over is cut off."""
    data = bytes(Picture.objects.get(digest=digest).data)
    with Image.open(BytesIO(data), formats=["PNG"]) as picture:
        if is_filled:
            return _png(ImageOps.fit(picture, (width, height)))
        return _png(ImageOps.contain(picture, (width, height)))


@lru_cache(maxsize=256)
def brought_square(digest: str, size: int) -> bytes:
    """The same on a clear square."""
    with Image.open(BytesIO(brought(digest, size, size)), formats=["PNG"]) as picture:
        return _png(ImageOps.pad(picture.convert("RGBA"), (size, size), color=(0, 0, 0, 0)))


@lru_cache(maxsize=512)
def stamps(filled: int, most: int, colour: Colour, density: int) -> bytes:
    """A row of stamps, in two lines where they are many."""
    width, height = STRIP[0] * density, STRIP[1] * density
    image = Image.new("RGB", (width, height), blend(colour, on(colour), 0.08))
    draw = ImageDraw.Draw(image)
    lines = 1 if most <= 5 else 2 if most <= 14 else 3
    columns = -(-most // lines)
    cell = min(width / (columns + 0.6), height / (lines + 0.35))
    left, top = (width - cell * columns) / 2, (height - cell * lines) / 2
    ink, line = on(colour), max(1, round(1.5 * density))
    for place in range(most):
        x = left + cell * (place % columns + 0.5)
        y = top + cell * (place // columns + 0.5)
        box = (x - cell * 0.4, y - cell * 0.4, x + cell * 0.4, y + cell * 0.4)
        if place < filled:
            draw.ellipse(box, fill=ink)
            _tick(draw, x, y, cell, colour, 2 * line)
        else:
            draw.ellipse(box, outline=blend(colour, ink, 0.6), width=line)
    return _png(image)


def icon(program: Program, business: str, size: int) -> bytes:
    """What a program is known by, on a square."""
    storefront = Storefront.of(program)
    if storefront.logo is not None:
        return brought_square(storefront.logo.digest, size)
    return badge((business.strip() or program.name)[:1].upper(), of(program), size)


def logo(program: Program, business: str, density: int) -> bytes:
    """The same where it may be wide."""
    storefront = Storefront.of(program)
    width, height = (side * density for side in LOGO)
    if storefront.logo is not None:
        return brought(storefront.logo.digest, width, height)
    return icon(program, business, height)


def strip(program: Program, row: tuple[int, int] | None, density: int) -> bytes | None:
    """The row of stamps, or else the wide picture that staff brought; None: there is none."""
    if row is not None:
        filled, most = row
        return stamps(filled, most, of(program), density) if most <= LARGEST_ROW else None
    picture = Storefront.of(program).strip
    if picture is None:
        return None
    width, height = (side * density for side in STRIP)
    return brought(picture.digest, width, height, is_filled=True)


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
