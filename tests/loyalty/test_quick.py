"""What `QuickToRead` leaves out must be missed by nobody."""

import pytest
from django.db import models
from django.db.models.fields.related_descriptors import ForeignKeyDeferredAttribute
from django.db.models.query_utils import DeferredAttribute
from django.db.models.signals import post_init, pre_init

from loyalty.models import Card, Customer
from loyalty.models.quick import QuickToRead

PLAIN = {DeferredAttribute, ForeignKeyDeferredAttribute}


@pytest.mark.parametrize("model", QuickToRead.__subclasses__(), ids=lambda model: model.__name__)
def test_nobody_waits_to_hear_of_a_new_instance(model: type[models.Model]) -> None:
    assert not pre_init.has_listeners(model)
    assert not post_init.has_listeners(model)
    assert model.__init__ is models.Model.__init__
    assert {field.descriptor_class for field in model._meta.concrete_fields} <= PLAIN


@pytest.mark.django_db
def test_what_is_read_quickly_is_what_django_reads(aurora_card: Card) -> None:
    card = Card.objects.select_related("customer").get(pk=aurora_card.pk)
    slowly = models.Model.from_db.__func__  # type: ignore[attr-defined]

    for quick in (card, card.customer, Customer.objects.defer("tags").get()):
        names = [field.attname for field in quick._meta.concrete_fields]
        django = slowly(type(quick), "default", names, [getattr(quick, name) for name in names])
        assert quick == django
        assert not quick._state.adding
        assert {n: v for n, v in vars(quick).items() if n != "_state"} == {
            n: v for n, v in vars(django).items() if n != "_state"
        }
