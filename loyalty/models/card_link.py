from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from loyalty.models.card import Card


class CardLink(models.Model):
    """The secret end of a card's own address (192 random bits); whoever has it sees the card.

    It is not the text of the QR, which every till and every camera at the counter reads. Kept as
    it is, as that text is, for it is shown again. Written by `loyalty.card_links`.
    """

    card = models.OneToOneField(Card, models.CASCADE, related_name="link")
    key = models.CharField(max_length=40, unique=True)
    made_at = models.DateTimeField(_("made"), default=timezone.now)

    class Meta:
        verbose_name = _("card link")
        verbose_name_plural = _("card links")

    def __str__(self) -> str:
        return f"{self.key[:4]}…"
