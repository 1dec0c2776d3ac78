"""The staff's pages: Django's admin site with our side bar, our overview and the shop's clock."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from config import overview, side_bar, staff_door
from loyalty import clock, zones
from loyalty.cleaning import LARGEST, is_storable
from loyalty.models import Business

View = Callable[..., HttpResponse]


class StaffSite(admin.AdminSite):
    site_title = site_header = "Regulars"
    index_title = _("Overview")
    enable_nav_sidebar = False  # Django's lists apps; ours (config.side_bar) lists what a shop has
    empty_value_display = "–"
    login_form = staff_door.SignInForm

    @method_decorator(never_cache)
    @login_not_required
    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return staff_door.answered(request, super().login(request, extra_context))

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context = super().each_context(request)
        return context | {
            "business_name": Business.get().name,
            "side_bar": side_bar.groups(context["available_apps"], request.path),
        }

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        page = {"overview": overview.read(now=clock.now()).seen_by(request.user)}
        return super().index(request, page | (extra_context or {}))

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        return super().admin_view(_in_the_shops_time(_of_rows_there_can_be(view)), cacheable)


def _of_rows_there_can_be(view: View) -> View:
    """No row has an id beyond 64 bits, nor one that is no number, and no column holds a NUL: such
    an address names nothing. Not every lookup of Django's and not both databases know that."""
    model = getattr(getattr(view, "__self__", None), "model", None)

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        named = [value for name in request.GET for value in request.GET.getlist(name)]
        if "object_id" in kwargs and model is not None and not _can_be(model, kwargs["object_id"]):
            raise Http404
        if any(not is_storable(value) or _is_beyond(value) for value in named):
            raise Http404
        return view(request, *args, **kwargs)

    return inner


def _can_be(model: type[Model], object_id: str) -> bool:
    """Whether a row of that model could have that id; it stands in the address as Django quotes."""
    try:
        key = model._meta.pk.to_python(unquote(str(object_id)))
    except ValidationError:
        return False
    return abs(key) <= LARGEST if isinstance(key, int) else is_storable(str(key))


def _is_beyond(value: str) -> bool:
    """A whole number that no column could hold; who searches for one finds nothing either."""
    digits = value.strip().removeprefix("-")
    longest = len(str(LARGEST))
    return digits.isdecimal() and (len(digits) > longest or int(digits) > LARGEST)


def _in_the_shops_time(view: View) -> View:
    """Staff read times as the clock on their wall has them; everything else of ours is UTC."""

    @wraps(view)
    def inner(*args: Any, **kwargs: Any) -> HttpResponse:
        with timezone.override(zones.zone(Business.get().time_zone)):
            response = view(*args, **kwargs)
            # A template response is rendered after the view, and the zone would be gone by then.
            return response.render() if isinstance(response, TemplateResponse) else response

    return inner
