from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from loyalty.models import Customer


class PushSubscription(models.Model):
    """A browser that shows a customer what we push (W3C Push API). Written by
    `messaging.subscriptions`.

    `endpoint` is the secret address at the browser's push service, `public_key` and `secret` are
    what only that browser can read a message with (RFC 8291).
    """

    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="push_subscriptions", verbose_name=_("customer")
    )
    endpoint = models.TextField()
    digest = models.CharField(max_length=64, unique=True)
    public_key = models.CharField(max_length=100)
    secret = models.CharField(max_length=40)
    created_at = models.DateTimeField(_("since"), default=timezone.now)

    class Meta:
        verbose_name = _("push subscription")
        verbose_name_plural = _("push subscriptions")

    def __str__(self) -> str:
        return f"#{self.pk}"
