"""Where a card's page says that its browser takes pushes, or no more."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from loyalty import bodies, clock
from loyalty.api.errors import refusal_of
from loyalty.errors import Invalid, LoyaltyError
from messaging import subscriptions

LONGEST_BODY = 8 * 1024


# The page's token says who it is, not a session: there is none to ride on.
@method_decorator([csrf_exempt, never_cache], name="dispatch")
class Subscriptions(View):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().dispatch(request, *args, **kwargs)
        except LoyaltyError as error:
            refused = refusal_of(error)
            return JsonResponse(refused.body, status=refused.status)

    def post(self, request: HttpRequest) -> HttpResponse:
        body = bodies.small_object(request, LONGEST_BODY)
        customer = subscriptions.customer_of(str(body.get("token", "")))
        wish = body.get("subscription")
        if not isinstance(wish, dict):
            raise Invalid
        subscriptions.subscribe(customer, wish, now=clock.now())
        return HttpResponse(status=201)

    def delete(self, request: HttpRequest) -> HttpResponse:
        body = bodies.small_object(request, LONGEST_BODY)
        customer = subscriptions.customer_of(str(body.get("token", "")))
        subscriptions.unsubscribe(customer, str(body.get("endpoint", "")), now=clock.now())
        return HttpResponse(status=204)
