"""What a verb refused, written where staff will read it."""

from django import forms

from automations.problems import Invalid
from loyalty.errors import LoyaltyError


def write(form: forms.BaseForm, invalid: Invalid) -> None:
    """Each reason at the field it is about, the rest above the form."""
    for path, texts in invalid.fields.items():
        name = path.removeprefix("params.").partition(".")[0].partition("[")[0]
        for text in texts:
            form.add_error(name if name in form.fields else None, text)


def words(refused: LoyaltyError) -> str:
    """All of it in one line."""
    texts = [text for texts in getattr(refused, "fields", {}).values() for text in texts]
    return " ".join(texts) or refused.message
