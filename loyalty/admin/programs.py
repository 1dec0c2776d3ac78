"""Programs: one page for each card type; types are found, not listed."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.core.validators import RegexValidator
from django.db.models import Count, Model, Q, QuerySet, TextField
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.text import get_text_list
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from polymorphic.admin import PolymorphicChildModelAdmin, PolymorphicParentModelAdmin
from simple_history.admin import SimpleHistoryAdmin

from loyalty import clock
from loyalty.admin import amounts
from loyalty.admin.pages import Page
from loyalty.admin.preview import look, preview
from loyalty.models import Business, HappyHour, Plan, Program, Rate, Reward, Storefront
from loyalty.models.happy_hour import WEEKDAYS
from loyalty.wallet import passes

TYPES: list[type[Model]] = [*Program.__subclasses__()]

MOST_RATES = 6

A_COLOR = RegexValidator(r"^#[0-9a-fA-F]{6}\Z", _("A color such as #b45309."))


class ProgramForm(amounts.CurrencyForm):
    """Limits are of what the program counts: money, or stamps, points and visits."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        program = self.instance
        if program.earns not in program.money_units:
            counted = get_text_list([str(word) for word in program.units.values()], _now("or"))
            amounts.tell(self, "", "by_hand_limit", beside=counted)
            amounts.tell(self, "", "cap_amount", beside=program.word_of(program.earns))


class RewardRows(amounts.InMajorUnits, admin.StackedInline):
    model = Reward
    formset = amounts.CurrencyRows
    amount_columns = ("most_cents", "value_cents")
    extra = 0
    fieldsets = [
        (None, {"fields": [("name", "price", "is_active")]}),
        (
            _("Worth and limits"),
            {
                "fields": [
                    ("kind", "percent", "most_cents", "value_cents"),
                    ("uses_per_card", "uses_in_all"),
                    ("starts_at", "ends_at"),
                ],
                "classes": ["collapse"],
            },
        ),
    ]


class RateRows(amounts.InMajorUnits, admin.TabularInline):
    model = Rate
    formset = amounts.CurrencyRows
    amount_columns = ("from_cents",)
    extra = 0
    max_num = MOST_RATES


class HappyHourForm(forms.ModelForm):
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Weekdays"),
        choices=list(WEEKDAYS.items()),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        initial=list(WEEKDAYS),
    )

    class Meta:
        model = HappyHour
        fields = ["weekdays", "begins", "ends", "percent"]
        help_texts = {"ends": _("On the business's clock.")}


class HappyHourRows(admin.StackedInline):
    model = HappyHour
    form = HappyHourForm
    extra = 0
    fields = ["weekdays", ("begins", "ends"), "percent"]


class PlanRows(amounts.InMajorUnits, admin.StackedInline):
    model = Plan
    formset = amounts.CurrencyRows
    amount_columns = ("price_cents",)
    extra = 0
    fields = [
        ("name", "period", "price_cents"),
        ("visits", "visits_per_location"),
        "benefits",
        ("level", "is_recommended", "is_active"),
    ]
    formfield_overrides = {TextField: {"widget": forms.Textarea(attrs={"rows": 3})}}


def front_address(program: Program, request: HttpRequest) -> str:
    """Where this person may change how customers see it; "" where they may not."""
    front = Storefront.objects.filter(program_id=program.pk).first()
    if not request.user.has_perm(f"loyalty.{'change' if front else 'add'}_storefront"):
        return ""
    if front:
        return reverse("admin:loyalty_storefront_change", args=[front.pk])
    return f"{reverse('admin:loyalty_storefront_add')}?program={program.pk}"


class ProgramPage(amounts.InMajorUnits, Page, SimpleHistoryAdmin, PolymorphicChildModelAdmin):
    """One program, with its rewards where its points are spent on them."""

    base_model = Program
    form = ProgramForm
    amount_columns = ("earn_per_cents", "cap_amount", "by_hand_limit")
    prepopulated_fields = {"slug": ["name"]}
    # As theirs, without the inline style that our policy lets nobody apply.
    object_history_list_template = "loyalty/program_history.html"

    change_form_template = "loyalty/program.html"  # type: ignore[assignment]  # a list there

    def get_urls(self) -> list[Any]:
        own = self.admin_site.admin_view(partial(preview, self))
        name = f"loyalty_{self.opts.model_name}_preview"
        pages = [
            path("preview/", own, name=name),
            path("<int:object_id>/preview/", own, name=name),
        ]
        return [*pages, *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        program = kwargs.get("obj")
        address = f"admin:loyalty_{self.opts.model_name}_preview"
        context["preview_address"] = reverse(address, args=[program.pk] if program else [])
        context["front_address"] = front_address(program, request) if program else ""
        shown: HttpResponse = super().render_change_form(request, context, *args, **kwargs)  # type: ignore[no-untyped-call]  # untyped there
        return shown

    def get_fieldsets(self, request: HttpRequest, obj: Program | None = None) -> Any:
        own = [field.name for field in self.model._meta.local_fields if not field.primary_key]
        parts = [
            (None, ["name", "slug", "color", "is_active"]),
            (_("What it gives"), [*own, *self.model.settings]),
            (_("Life of a card"), list(self.model.lives)),
            (_("Claims"), ["claim_hours"] if self.model.is_spent else []),
            (_("By staff's hand"), ["by_hand_limit"]),
        ]
        return [(title, {"fields": fields}) for title, fields in parts if fields]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and db_field.name == "color":
            field.widget = forms.TextInput(attrs={"type": "color"})
            field.validators.append(A_COLOR)
        return field

    def get_readonly_fields(self, request: HttpRequest, obj: Program | None = None) -> list[str]:
        """Other systems know a program by its slug."""
        return ["slug"] if obj else []

    def get_prepopulated_fields(
        self, request: HttpRequest, obj: Program | None = None
    ) -> dict[str, Any]:
        return {} if obj else self.prepopulated_fields

    def get_inlines(self, request: HttpRequest, obj: Program | None) -> list[Any]:
        model = self.model
        parts = {
            RewardRows: model.offers_rewards,
            RateRows: model.has_rates,
            PlanRows: model.has_plans,
            HappyHourRows: model.has_happy_hours,
        }
        return [rows for rows, is_shown in parts.items() if is_shown]

    def save_related(self, request: HttpRequest, form: Any, *args: Any, **kwargs: Any) -> None:
        """Its cards in wallets are to look as it does now."""
        super().save_related(request, form, *args, **kwargs)
        passes.note_new_look(form.instance, now=clock.now())

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        given: dict[str, Any] = super().get_changeform_initial_data(request)
        return {"currency": Business.get().currency} | given


@admin.register(Program)
class ProgramList(Page, PolymorphicParentModelAdmin):
    """All programs; adding one asks for its type first."""

    base_model = Program
    child_models = TYPES
    list_display = ["name", "type_label", "mechanics", "cards", "join_page", "is_active"]
    list_filter = ["mechanics", "is_active"]
    polymorphic_list = True
    add_type_template = "loyalty/program_type.html"  # type: ignore[assignment]  # a list there

    def get_urls(self) -> list[Any]:
        own = self.admin_site.admin_view(look, cacheable=True)
        pages: list[Any] = super().get_urls()  # type: ignore[no-untyped-call]  # untyped there
        return [path("look/<str:colour>.css", own, name="loyalty_program_look"), *pages]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Program]:
        active = Count("cards", filter=Q(cards__status="active"))
        rows: QuerySet[Program] = super().get_queryset(request)  # type: ignore[no-untyped-call]  # untyped there
        return rows.annotate(card_count=active)

    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """An address that names no type is no page, not an error of ours."""
        if not request.GET.get("ct_id", "0").isdecimal():
            raise Http404
        shown: HttpResponse = super().add_view(request, *args, **kwargs)  # type: ignore[no-untyped-call]  # untyped there
        return shown

    def _get_real_admin(self, object_id: str, super_if_self: bool = True) -> Any:
        """An address that names no number is no program, not an error of ours."""
        if not str(object_id).isdecimal():
            raise Http404
        return super()._get_real_admin(object_id, super_if_self)  # type: ignore[no-untyped-call]  # untyped there

    def get_child_type_choices(self, request: HttpRequest, action: str) -> list[tuple[int, str]]:
        """The types this person may add, each with what it is."""
        offered = super().get_child_type_choices(request, action)  # type: ignore[no-untyped-call]  # untyped there
        kinds = {number: ContentType.objects.get_for_id(number) for number, _name in offered}
        classes = {number: kind.model_class() for number, kind in kinds.items()}
        return [
            (number, format_html("<strong>{}</strong><br>{}", model.label, model.about))
            for number, model in classes.items()
            if model is not None and issubclass(model, Program)
        ]

    @admin.display(description=_("type"))
    def type_label(self, program: Program) -> str:
        return str(program.label)

    @admin.display(description=_("cards"), ordering="card_count")
    def cards(self, program: Program) -> int:
        return int(getattr(program, "card_count", 0))

    @admin.display(description=_("join page"))
    def join_page(self, program: Program) -> str:
        return format_html('<a href="{0}">{0}</a>', reverse("join", args=[program.slug]))


for program_type in TYPES:
    admin.site.register(program_type, ProgramPage)
