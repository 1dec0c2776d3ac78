"""The staff's pages: our own admin site, and what does not belong in it."""

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.apps import AdminConfig


class RegularsAdminSite(admin.AdminSite):
    site_title = site_header = "Regulars"


class RegularsAdminConfig(AdminConfig):
    default_site = "config.admin_site.RegularsAdminSite"

    def ready(self) -> None:
        super().ready()
        # The queue's tables hold pickles: whoever may edit them may run any code.
        for model in apps.get_app_config("django_q").get_models():
            if admin.site.is_registered(model):
                admin.site.unregister(model)
