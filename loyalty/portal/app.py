"""What makes a card an app: its manifest, its icon, its colours, and the worker that keeps it."""

import hashlib
import io

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_safe
from PIL import Image, ImageOps

from loyalty import card_links
from loyalty.cleaning import is_storable
from loyalty.models import Business, Picture, Program, Storefront
from loyalty.portal.answers import private
from loyalty.wallet import colours, images

SIZES = (192, 512)
# Of an icon that any system may cut round.
SAFE = 0.62
A_DAY = "public, max-age=86400"
FOR_EVER = "public, max-age=31536000, immutable"


@require_safe
@private
def manifest(request: HttpRequest, key: str) -> HttpResponse:
    """It opens at the card itself: a phone may keep no cookie for an installed app."""
    card = card_links.find(key)
    program = card.program
    colour = colours.hexadecimal(colours.of(program))
    says = {
        "id": f"/c/{card.program.slug}",
        "name": program.name,
        "short_name": program.name[:24],
        "start_url": f"{reverse('card', args=[key])}?app",
        "scope": reverse("door"),
        "display": "standalone",
        "background_color": colour,
        "theme_color": colour,
        "icons": [
            {
                "src": reverse("card_icon", args=[program.pk, size]),
                "sizes": f"{size}x{size}",
                "type": "image/png",
                "purpose": purpose,
            }
            for size in SIZES
            for purpose in ("any", "maskable")
        ],
    }
    return JsonResponse(says, content_type="application/manifest+json")


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """Served from here and not from the static files: a worker rules what lies below it."""
    shell = [static(f"portal/{name}") for name in ("portal.css", "card.css", "card.js")]
    shell.append(reverse("card_looks"))
    version = hashlib.sha256(repr(shell).encode()).hexdigest()[:8]
    context = {"shell": shell, "version": version}
    response = render(request, "loyalty/portal/worker.js", context, content_type="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    return response


@require_safe
def looks(request: HttpRequest) -> HttpResponse:
    """The colours of every program and of the business: our policy lets no page style itself."""
    rules = [_rule(f"look-{each.pk}", each) for each in Program.objects.order_by("pk")]
    if (business := Business.get()).color:
        rules.append(_rule("look-business", business))
    headers = {"Cache-Control": "no-cache"}
    return HttpResponse("\n".join([*rules, ""]), content_type="text/css", headers=headers)


def _rule(name: str, painted: Program | Business) -> str:
    paint = colours.of(painted)
    ink = colours.hexadecimal(colours.on(paint))
    return f".{name} {{ --card: {colours.hexadecimal(paint)}; --card-ink: {ink}; }}"


@require_safe
def picture(request: HttpRequest, digest: str) -> HttpResponse:
    """A picture by what it is; it never changes."""
    if not is_storable(digest):
        raise Http404  # PostgreSQL would not even look for it
    found = get_object_or_404(Picture, digest=digest)
    headers = {"Cache-Control": FOR_EVER}
    return HttpResponse(bytes(found.data), content_type="image/png", headers=headers)


@require_safe
def icon(request: HttpRequest, program: int, size: int) -> HttpResponse:
    """The program's logo on its colour, or the first letter of the business."""
    row = Program.objects.filter(pk=program).first()
    if row is None or size not in SIZES:
        return HttpResponse(status=404)
    headers = {"Cache-Control": A_DAY}
    return HttpResponse(_icon(row, size), content_type="image/png", headers=headers)


def _icon(program: Program, size: int) -> bytes:
    """The logo on the program's colour, or the first letter of the business."""
    colour = colours.of(program)
    ground = Image.new("RGB", (size, size), colour)
    logo, room = Storefront.of(program).logo or Business.get().logo, int(size * SAFE)
    if logo is not None:
        with Image.open(io.BytesIO(bytes(logo.data))) as image:
            drawn = ImageOps.contain(image.convert("RGBA"), (room, room))
    else:
        letter = (Business.get().name or program.name)[:1].upper()
        with Image.open(io.BytesIO(images.badge(letter, colour, size))) as image:
            drawn = image.convert("RGBA")
    place = ((size - drawn.width) // 2, (size - drawn.height) // 2)
    ground.paste(drawn, place, mask=drawn)
    out = io.BytesIO()
    ground.save(out, "PNG")
    return out.getvalue()
