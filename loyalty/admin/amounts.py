"""Amounts as staff type them: money in major units with its currency beside it, else whole numbers.

Rows, the API and files keep minor units; nowhere else are they turned into what people write.
"""

import json
from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Field
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from loyalty import money, numbers
from loyalty.cleaning import MOST_CENTS, Unfit
from loyalty.models import Business

Words = Mapping[str, str | Promise]


class AmountInput(forms.TextInput):
    """`beside` stands behind the number. Where it depends on other fields of the page, `follows`
    names them (the first that is filled in counts) and `words` says what stands there for which of
    their values; without words, the value itself does."""

    beside: str | Promise = ""
    follows = ""
    words: Words | None = None

    class Media:
        js = ["regulars/js/amounts.js"]

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        identity = f"{(attrs or {}).get('id', name)}_unit"
        described = [(attrs or {}).get("aria-describedby"), identity]
        told = {
            "inputmode": "decimal",
            "autocomplete": "off",
            "aria-describedby": " ".join(filter(None, described)),
        }
        words = {key: str(word) for key, word in self.words.items()} if self.words else None
        return format_html(
            '<span class="amount" data-follows="{}" data-words="{}">'
            '{} <span id="{}">{}</span></span>',
            self.follows,
            json.dumps(words) if words else "",
            super().render(name, value, {**(attrs or {}), **told}, renderer),
            identity,
            self.beside,
        )


class AmountField(forms.Field):
    """Reads “5.00” as 500 where it counts dollars, “5” as 5 where it counts stamps. A comma is read
    as the reader's language has it, and where it could be nothing else."""

    widget = AmountInput

    def __init__(self, *, min_value: int = 0, max_value: int = MOST_CENTS, **options: Any) -> None:
        super().__init__(**options)
        self.min_value, self.max_value = min_value, max_value
        self.currency = ""

    def prepare_value(self, value: Any) -> Any:
        """An amount of ours as it is typed; what was typed stays."""
        if not self._is_ours(value):
            return value
        return money.typed(value, self.currency) if self.currency else str(value)

    def to_python(self, value: Any) -> int | None:
        if value in self.empty_values or self._is_ours(value):
            return cast("int | None", value if self._is_ours(value) else None)
        try:
            return self._read(str(value).strip())
        except Unfit as refused:
            raise ValidationError(str(refused), code="invalid") from None

    def validate(self, value: int | None) -> None:
        super().validate(value)
        if value is None:
            return
        if value < self.min_value:
            raise ValidationError(_("This must be at least %s.") % self._said(self.min_value))
        if value > self.max_value:
            raise ValidationError(_("This may be %s at most.") % self._said(self.max_value))

    def _read(self, text: str) -> int:
        sign = money.decimal_sign()
        try:
            number = numbers.read(text, sign)
        except Unfit:
            number = numbers.read(text, "." if sign == "," else ",")
        if self.currency:
            return money.minor(number, self.currency)
        if number != number.to_integral_value():
            raise Unfit(_("This must be a whole number."))
        return int(number)

    def _said(self, amount: int) -> str:
        return money.written(amount, self.currency) if self.currency else str(amount)

    @staticmethod
    def _is_ours(value: Any) -> bool:
        return isinstance(value, int) and not isinstance(value, bool)


def tell(
    form: forms.BaseForm,
    currency: str,
    *names: str,
    beside: str | Promise = "",
    follows: str = "",
    words: Words | None = None,
) -> None:
    """Say to a form's amounts (all, or those of these names) what they count: money of that
    currency, or with none `beside` in whole numbers."""
    for name in names or form.fields:
        field = form.fields.get(name)
        if isinstance(field, AmountField):
            field.currency = currency
            widget = cast(AmountInput, field.widget)
            widget.beside, widget.follows, widget.words = currency or beside, follows, words


def typed_in(form: forms.BaseForm, name: str) -> str:
    """What stands in a field of a form just now, right or wrong; "" where there is none."""
    return str(form[name].value() or "").strip() if name in form.fields else ""


def of_page(form: forms.BaseModelForm) -> str:
    """The currency a form names, else its row's, else the business's."""
    return typed_in(form, "currency") or (
        form.instance.currency if form.instance.pk else Business.get().currency
    )


class CurrencyForm(forms.ModelForm):
    """A form with amounts in the currency of its row."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tell(self, of_page(self), follows="currency")


class CurrencyRows(forms.BaseInlineFormSet):
    """Rows with amounts in the currency of the page they stand on."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        named = self.data.get("currency", "") if self.is_bound else ""
        own = self.instance.currency if self.instance.pk else Business.get().currency
        tell(form, named or own, follows="currency")


class InMajorUnits:
    """Of a page or of rows in the admin: columns in `amount_columns` are typed as amounts."""

    amount_columns: tuple[str, ...] = ()

    def formfield_for_dbfield(
        self, db_field: "Field[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name not in self.amount_columns:
            return super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]  # of the admin it is mixed into
        return of_column(db_field)


def of_column(column: "Field[Any, Any]") -> Any:
    """A field for a column of minor units, within the bounds the column has."""
    limits = [each for each in column.validators if hasattr(each, "limit_value")]
    lows = [each.limit_value for each in limits if each.code == "min_value"]  # type: ignore[attr-defined]  # asked above
    highs = [each.limit_value for each in limits if each.code == "max_value"]  # type: ignore[attr-defined]  # asked above
    return column.formfield(
        form_class=AmountField,
        min_value=max([0, *lows]),
        max_value=min([MOST_CENTS, *highs]),
    )
