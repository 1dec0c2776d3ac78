"""Everything that five migrations made of an empty database."""

from typing import Any

import django.db.models.deletion
import django.utils.timezone
import loyalty.secrets
import messaging.models.message
import simple_history.models
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from loyalty.migrations._creating import CreateTables
from loyalty.migrations._dropping import drop_indexes

# Unique already; what goes is the index's twin for LIKE.
KEYS = [("messaging_message", "key")]


def drop_twins(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    drop_indexes(editor, KEYS)


class Migration(migrations.Migration):

    replaces = [
        ('messaging', '0001_initial'),
        ('messaging', '0002_fewer_indexes'),
        ('messaging', '0003_rows_that_tell_are_not_checked'),
        ('messaging', '0004_purpose'),
        ('messaging', '0005_push_subscriptions'),
    ]

    initial = True

    # The oldest that will do: of the others some may not be applied where all that is replaced is.
    dependencies = [
        ('loyalty', '0019_scanners'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateTables(
            tables=[
                migrations.CreateModel(
                    name='Template',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('digest', models.CharField(max_length=64, unique=True)),
                        ('subject', models.CharField(max_length=250, verbose_name='subject')),
                        ('body', models.TextField(verbose_name='body')),
                    ],
                    options={
                        'verbose_name': 'template',
                        'verbose_name_plural': 'templates',
                    },
                ),
                migrations.CreateModel(
                    name='HistoricalSender',
                    fields=[
                        ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                        ('name', models.CharField(max_length=120, verbose_name='name')),
                        ('channel', models.CharField(default='email', max_length=20, verbose_name='channel')),
                        ('provider', models.CharField(max_length=30, verbose_name='carrier')),
                        ('from_name', models.CharField(blank=True, max_length=120, verbose_name='from name')),
                        ('from_address', models.CharField(max_length=254, verbose_name='from address')),
                        ('is_default', models.BooleanField(default=False, verbose_name='used where none is chosen')),
                        ('is_active', models.BooleanField(default=True, verbose_name='active')),
                        ('history_id', models.AutoField(primary_key=True, serialize=False)),
                        ('history_date', models.DateTimeField(db_index=True)),
                        ('history_change_reason', models.CharField(max_length=100, null=True)),
                        ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                        ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name': 'historical sender',
                        'verbose_name_plural': 'historical senders',
                        'ordering': ('-history_date', '-history_id'),
                        'get_latest_by': ('history_date', 'history_id'),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name='Sender',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=120, verbose_name='name')),
                        ('channel', models.CharField(default='email', max_length=20, verbose_name='channel')),
                        ('provider', models.CharField(max_length=30, verbose_name='carrier')),
                        ('from_name', models.CharField(blank=True, max_length=120, verbose_name='from name')),
                        ('from_address', models.CharField(max_length=254, verbose_name='from address')),
                        ('settings', loyalty.secrets.EncryptedJSONField(blank=True, default=loyalty.secrets.new_secrets, verbose_name='settings')),
                        ('is_default', models.BooleanField(default=False, verbose_name='used where none is chosen')),
                        ('is_active', models.BooleanField(default=True, verbose_name='active')),
                    ],
                    options={
                        'verbose_name': 'sender',
                        'verbose_name_plural': 'senders',
                        'ordering': ['name'],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('is_default', True)), fields=('channel',), name='one_default_sender_per_channel', violation_error_message='Another sender is already used where none is chosen.')],
                    },
                ),
                migrations.CreateModel(
                    name='Message',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key', models.CharField(max_length=120, unique=True)),
                        ('channel', models.CharField(default='email', max_length=20, verbose_name='channel')),
                        ('names', models.JSONField(default=messaging.models.message.new_names)),
                        ('cause', models.CharField(max_length=120, verbose_name='cause')),
                        ('state', models.CharField(choices=[('queued', 'Queued'), ('sending', 'Sending'), ('sent', 'Sent'), ('refused', 'Not sent'), ('failed', 'Failed'), ('unknown', 'In doubt')], default='queued', max_length=8, verbose_name='state')),
                        ('due_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='due')),
                        ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='attempts')),
                        ('token', models.CharField(blank=True, max_length=32)),
                        ('to', models.CharField(blank=True, max_length=254, verbose_name='to')),
                        ('subject', models.CharField(blank=True, max_length=250, verbose_name='subject')),
                        ('text', models.TextField(blank=True, verbose_name='text')),
                        ('html', models.TextField(blank=True, verbose_name='html')),
                        ('provider_id', models.CharField(blank=True, max_length=250)),
                        ('note', models.CharField(blank=True, max_length=250, verbose_name='note')),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='queued')),
                        ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='sent')),
                        ('customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='loyalty.customer', verbose_name='customer')),
                        ('sender', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='messaging.sender', verbose_name='sender')),
                        ('template', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='messaging.template', verbose_name='template')),
                        ('purpose', models.CharField(choices=[('agreed', 'Agreed to'), ('service', 'Service'), ('access', 'Access')], default='agreed', max_length=7, verbose_name='purpose')),
                    ],
                    options={
                        'verbose_name': 'message',
                        'verbose_name_plural': 'messages',
                        'ordering': ['-id'],
                        'indexes': [models.Index(condition=models.Q(('state__in', ['queued', 'sending'])), fields=['due_at'], name='messages_due'), models.Index(fields=['customer', '-id'], name='message_by_customer'), models.Index(fields=['state', '-id'], name='message_by_state')],
                    },
                ),
                migrations.CreateModel(
                    name='PushSubscription',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('endpoint', models.TextField()),
                        ('digest', models.CharField(max_length=64, unique=True)),
                        ('public_key', models.CharField(max_length=100)),
                        ('secret', models.CharField(max_length=40)),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='since')),
                        ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='push_subscriptions', to='loyalty.customer', verbose_name='customer')),
                    ],
                    options={
                        'verbose_name': 'push subscription',
                        'verbose_name_plural': 'push subscriptions',
                    },
                ),
            ],
        ),
        migrations.RunPython(drop_twins, migrations.RunPython.noop),
    ]
