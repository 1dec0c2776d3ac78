"""Pictures that staff bring, drawn anew: whatever else the file held does not get through."""

import hashlib
import io
import warnings
from datetime import datetime
from typing import BinaryIO

from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from loyalty.errors import Invalid
from loyalty.models import Picture

LARGEST = 5 * 1024 * 1024  # bytes, as it comes
MOST_PIXELS = 40_000_000
LONGEST_SIDE = 1_200  # as it is kept
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")


def keep(file: BinaryIO, *, now: datetime) -> Picture:
    """The picture in that file, as PNG of at most 1,200 pixels a side; the same one is kept once.

    Raises Invalid for what is too large, or no picture.
    """
    data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise Invalid({"picture": [_("This is larger than 5 MB.")]})
    drawn = _drawn(data)
    out = io.BytesIO()
    drawn.save(out, "PNG", optimize=True)
    png = out.getvalue()
    picture, _made = Picture.objects.get_or_create(
        digest=hashlib.sha256(png).hexdigest(),
        defaults={"data": png, "width": drawn.width, "height": drawn.height, "made_at": now},
    )
    return picture


def _drawn(data: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                if image.width * image.height > MOST_PIXELS:
                    raise Invalid({"picture": [_("This picture is too large.")]})
                upright = ImageOps.exif_transpose(image).convert("RGBA")
    except (OSError, ValueError, SyntaxError, UnidentifiedImageError, Warning) as problem:
        said = _("This is not a picture that can be read (PNG, JPEG, WebP or GIF).")
        raise Invalid({"picture": [said]}) from problem
    except Image.DecompressionBombError as problem:
        raise Invalid({"picture": [_("This picture is too large.")]}) from problem
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    clean = Image.new("RGBA", upright.size)
    clean.paste(upright)
    return clean
