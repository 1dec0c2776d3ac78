"""Every address of the house; each app lists its own."""

from django.contrib import admin
from django.templatetags.static import static
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.utils.functional import lazy
from django.views.generic import RedirectView
from drf_spectacular.renderers import OpenApiJsonRenderer2
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from config.health import healthz
from loyalty.api.endpoint import Nowhere

# Lazy: in production the name has a hash, which is known only once the files are collected.
FAVICON = lazy(static, str)("favicon.svg")
# JSON for whoever does not ask: a reader of YAML reads it too.
SCHEMA = SpectacularAPIView.as_view(
    renderer_classes=[OpenApiJsonRenderer2, *SpectacularAPIView.renderer_classes]
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
    path("healthz", healthz),
    path("favicon.ico", RedirectView.as_view(url=FAVICON)),
    path("api/schema/", SCHEMA, name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema")),
    path("wallet/", include("loyalty.wallet.urls")),
    path("", include("loyalty.portal.urls")),
    path("", include("messaging.urls")),
    path("", include("integrations.urls")),
    path("scanner/", include("loyalty.scanner.urls")),
    path("api/v1/automations/", include("automations.api.urls")),
    path("api/v1/", include("loyalty.api.urls")),
    re_path("^api/", Nowhere.as_view()),
]

handler400 = "config.failures.bad_request"
handler500 = "config.failures.server_error"
