from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("integrations", "0001_initial")]

    operations = [
        migrations.RemoveConstraint("receipt", "a_delivery_is_kept_once"),
        migrations.RenameField("receipt", "delivery_key", "key"),
        migrations.AddConstraint(
            "receipt",
            models.UniqueConstraint(fields=["connection", "key"], name="a_receipt_is_kept_once"),
        ),
    ]
