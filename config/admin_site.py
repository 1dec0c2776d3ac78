"""Makes our staff site Django's admin site, and takes out of it what does not belong there."""

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.apps import AdminConfig


class RegularsAdminConfig(AdminConfig):
    default_site = "config.staff_site.StaffSite"

    def ready(self) -> None:
        super().ready()
        # The queue's tables hold pickles: whoever may edit them may run any code.
        for model in apps.get_app_config("django_q").get_models():
            if admin.site.is_registered(model):
                admin.site.unregister(model)
