from functools import reduce
from operator import or_

from django.db import migrations
from django.db.models import Q

from loyalty import bulk

KEYS = ("first_key", "last_key")
LETTERS = "ıłøđðħæœþ"
AT_ONCE = 2000


def fill(apps, schema_editor):
    """The keys of those whose names have letters that are folded since."""
    model = apps.get_model("loyalty", "Customer")
    keys = [model._meta.get_field(name) for name in KEYS]
    folded_since = (Q(**{f"{name}__contains": letter}) for name in KEYS for letter in LETTERS)
    rows = model.objects.filter(reduce(or_, folded_since)).order_by("pk")
    last = 0
    while some := list(rows.filter(pk__gt=last)[:AT_ONCE]):
        for row in some:
            for key in keys:
                key.fill(row)
        bulk.update(model, some, KEYS)
        last = some[-1].pk


class Migration(migrations.Migration):

    dependencies = [
        ("loyalty", "0029_claims_and_look"),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
