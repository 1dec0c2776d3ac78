"""Everything that 13 migrations made of an empty database."""

import automations.branches
import automations.columns
import automations.models.automation
import automations.models.journey
import automations.models.step
import automations.value_steps
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

from automations.migrations._room import leave_room
from loyalty.migrations._creating import CreateTables


class Migration(migrations.Migration):

    replaces = [
        ('automations', '0001_initial'),
        ('automations', '0002_engine'),
        ('automations', '0003_forks'),
        ('automations', '0004_waits'),
        ('automations', '0005_limits'),
        ('automations', '0006_published_by'),
        ('automations', '0007_housekeeping'),
        ('automations', '0008_heard_inside'),
        ('automations', '0009_one_index_by_subject'),
        ('automations', '0010_change_tier'),
        ('automations', '0011_issue_coupon'),
        ('automations', '0012_tags_and_attributes'),
        ('automations', '0013_for_whom_and_push'),
    ]

    initial = True

    # The oldest that will do: of the others some may not be applied where all that is replaced is.
    dependencies = [
        ('contenttypes', '0002_remove_content_type_name'),
        ('loyalty', '0020_coupon_codes'),
        ('messaging', '0005_push_subscriptions'),
    ]

    operations = [
        CreateTables(
            tables=[
                migrations.CreateModel(
                    name='Step',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('branch', models.CharField(max_length=40)),
                        ('position', models.PositiveIntegerField()),
                        ('key', models.SlugField(max_length=40, verbose_name='key')),
                        ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='children', to='automations.step')),
                        ('polymorphic_ctype', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='polymorphic_%(app_label)s.%(class)s_set+', to='contenttypes.contenttype')),
                        ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='automations.version')),
                    ],
                    options={
                        'verbose_name': 'step',
                        'verbose_name_plural': 'steps',
                        'ordering': ['position', 'id'],
                        'indexes': [models.Index(fields=['version', 'parent', 'branch', 'position'], name='lane')],
                        'constraints': [models.UniqueConstraint(fields=('version', 'key'), name='step_keys_differ')],
                    },
                ),
                migrations.CreateModel(
                    name='Automation',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('slug', models.SlugField(max_length=80, unique=True, verbose_name='slug')),
                        ('name', models.CharField(max_length=120, verbose_name='name')),
                        ('label', models.CharField(blank=True, max_length=60, verbose_name='label')),
                        ('mode', models.CharField(choices=[('draft', 'Draft'), ('working', 'Working')], default='draft', max_length=8, verbose_name='mode')),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='created')),
                        ('changed_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='changed')),
                        ('deleted_at', models.DateTimeField(blank=True, null=True, verbose_name='deleted')),
                        ('draft', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='draft_of', to='automations.version')),
                        ('live', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='live_in', to='automations.version')),
                        ('draft_note', models.CharField(blank=True, help_text='Why a fuse set it back to Draft.', max_length=250)),
                        ('lets_finish', models.BooleanField(default=False, help_text='While it is a Draft, those inside walk on to their end.')),
                        ('most_messages_a_day', models.PositiveIntegerField(blank=True, help_text='It sends no more in one day.', null=True, verbose_name='messages a day')),
                        ('most_points_a_day', models.PositiveIntegerField(blank=True, help_text='It gives no more in one day.', null=True, verbose_name='points a day')),
                    ],
                    options={
                        'verbose_name': 'automation',
                        'verbose_name_plural': 'automations',
                        'ordering': ['name'],
                        'permissions': [('publish_automation', 'May set automations to Working')],
                        'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('mode', 'working'), _negated=True), ('live__isnull', False), _connector='OR'), name='what_works_has_a_published_version')],
                    },
                ),
                migrations.CreateModel(
                    name='Thread',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key', models.SlugField(default='main', max_length=40, verbose_name='key')),
                        ('name', models.CharField(blank=True, max_length=120, verbose_name='name')),
                        ('again', models.CharField(choices=[('every_time', 'Every time'), ('once', 'Once per customer'), ('once_per_days', 'Once in so many days'), ('once_per_key', 'Once for each value of a field')], default='every_time', max_length=13, verbose_name='may enter')),
                        ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='threads', to='automations.version')),
                        ('cap', models.PositiveIntegerField(blank=True, null=True, verbose_name='entries at most')),
                        ('days', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='days')),
                        ('entry_key', models.CharField(blank=True, max_length=120, verbose_name='field')),
                        ('if_inside', models.CharField(choices=[('ignore', 'Stays out'), ('restart', 'Starts anew'), ('parallel', 'Walks a second time, side by side')], default='ignore', max_length=8, verbose_name='who is inside already')),
                        ('position', models.PositiveSmallIntegerField(default=0)),
                    ],
                    options={
                        'verbose_name': 'thread',
                        'verbose_name_plural': 'threads',
                        'constraints': [models.UniqueConstraint(fields=('version', 'key'), name='thread_keys_differ')],
                        'ordering': ['position', 'id'],
                    },
                ),
                migrations.CreateModel(
                    name='AddTag',
                    fields=[
                        ('step_ptr', models.OneToOneField(auto_created=True, on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to='automations.step')),
                        ('tag', models.CharField(max_length=60, verbose_name='tag')),
                    ],
                    options={
                        'verbose_name': 'tag to add',
                        'verbose_name_plural': 'tags to add',
                    },
                    bases=('automations.step',),
                ),
                migrations.CreateModel(
                    name='Condition',
                    fields=[
                        ('step_ptr', models.OneToOneField(auto_created=True, on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to='automations.step')),
                        ('filter', models.JSONField(verbose_name='condition')),
                    ],
                    options={
                        'verbose_name': 'condition',
                        'verbose_name_plural': 'conditions',
                    },
                    bases=('automations.step',),
                ),
                migrations.CreateModel(
                    name='Exit',
                    fields=[
                        ('step_ptr', models.OneToOneField(auto_created=True, on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to='automations.step')),
                    ],
                    options={
                        'verbose_name': 'exit',
                        'verbose_name_plural': 'exits',
                    },
                    bases=('automations.step',),
                ),
                migrations.CreateModel(
                    name='Wait',
                    fields=[
                        ('step_ptr', models.OneToOneField(auto_created=True, on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to='automations.step')),
                        ('days', models.PositiveIntegerField(default=0, validators=[django.core.validators.MaxValueValidator(3650)], verbose_name='days')),
                        ('hours', models.PositiveIntegerField(default=0, validators=[django.core.validators.MaxValueValidator(87600)], verbose_name='hours')),
                        ('minutes', models.PositiveIntegerField(default=0, validators=[django.core.validators.MaxValueValidator(5256000)], verbose_name='minutes')),
                        ('seconds', models.PositiveIntegerField(default=0, validators=[django.core.validators.MaxValueValidator(315360000)], verbose_name='seconds')),
                        ('late_after', automations.columns.DurationColumn(blank=True, help_text='For when the server or the automation stood still. Empty: never.', max_length=24, verbose_name='too late after')),
                        ('late_then', models.CharField(choices=[('go_on', 'Go on all the same'), ('exit', 'Leave the automation'), ('again', 'Wait for the next such moment')], default='go_on', max_length=8, verbose_name='then')),
                        ('until_time', models.TimeField(blank=True, help_text='A time of day where the customer lives, once the days and hours are over.', null=True, verbose_name='until')),
                        ('weekdays', automations.columns.WeekdaysColumn(blank=True, default=list, help_text='On another day it goes on waiting, to the same time of the next of these days. None chosen: any day.', verbose_name='only on')),
                    ],
                    options={
                        'verbose_name': 'wait',
                        'verbose_name_plural': 'waits',
                    },
                    bases=('automations.step',),
                ),
                migrations.CreateModel(
                    name='Trigger',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('type', models.CharField(max_length=40, verbose_name='type')),
                        ('params', models.JSONField(blank=True, default=automations.models.automation.new_params, verbose_name='parameters')),
                        ('filter', models.JSONField(blank=True, null=True, verbose_name='only if')),
                        ('position', models.PositiveSmallIntegerField(default=0)),
                        ('thread', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='triggers', to='automations.thread')),
                    ],
                    options={
                        'verbose_name': 'trigger',
                        'verbose_name_plural': 'triggers',
                        'ordering': ['position', 'id'],
                    },
                ),
                migrations.CreateModel(
                    name='Version',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.PositiveIntegerField(verbose_name='number')),
                        ('published_at', models.DateTimeField(blank=True, null=True, verbose_name='published')),
                        ('changed_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='changed')),
                        ('automation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='automations.automation')),
                        ('programs', models.ManyToManyField(blank=True, help_text='Only cards of these programs start it; none chosen: any card.', related_name='automation_versions', to='loyalty.program', verbose_name='programs')),
                        ('ends_at', models.DateTimeField(blank=True, null=True, verbose_name='ends')),
                        ('exits', models.JSONField(blank=True, default=automations.models.automation.new_list, verbose_name='exit rules')),
                        ('goal', models.JSONField(blank=True, null=True, verbose_name='goal')),
                        ('locations', models.ManyToManyField(blank=True, related_name='automation_versions', to='loyalty.location', verbose_name='locations')),
                        ('platforms', models.JSONField(blank=True, default=automations.models.automation.new_list, verbose_name='platforms')),
                        ('starts_at', models.DateTimeField(blank=True, null=True, verbose_name='starts')),
                        ('published_by', models.CharField(blank=True, help_text='staff:3, api:1; empty where nobody knows.', max_length=120)),
                        ('heard_inside', models.JSONField(blank=True, editable=False, null=True)),
                    ],
                    options={
                        'verbose_name': 'version',
                        'verbose_name_plural': 'versions',
                        'ordering': ['-number'],
                        'constraints': [models.UniqueConstraint(fields=('automation', 'number'), name='versions_are_numbered_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Journey',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('thread', models.CharField(max_length=40)),
                        ('shard', models.PositiveSmallIntegerField()),
                        ('subject', models.CharField(max_length=60)),
                        ('depth', models.PositiveSmallIntegerField(default=1)),
                        ('step_key', models.CharField(blank=True, max_length=40)),
                        ('is_inside', models.BooleanField(default=False)),
                        ('state', models.CharField(choices=[('waiting', 'Waiting'), ('held', 'Held'), ('finished', 'Finished'), ('stopped', 'Stopped')], default='waiting', max_length=8, verbose_name='state')),
                        ('due_at', models.DateTimeField(blank=True, null=True, verbose_name='due')),
                        ('moves', models.PositiveIntegerField(default=0)),
                        ('attempts', models.PositiveSmallIntegerField(default=0)),
                        ('data', models.JSONField(default=automations.models.journey.new_data)),
                        ('note', models.CharField(blank=True, max_length=250, verbose_name='note')),
                        ('started_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='started')),
                        ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='ended')),
                        ('automation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='journeys', to='automations.automation')),
                        ('card', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='journeys', to='loyalty.card')),
                        ('customer', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='journeys', to='loyalty.customer')),
                        ('event', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='journeys', to='loyalty.event')),
                        ('version', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='journeys', to='automations.version')),
                        ('awaits', models.CharField(blank=True, max_length=80)),
                        ('parent', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='children', to='automations.journey')),
                    ],
                    options={
                        'verbose_name': 'journey',
                        'verbose_name_plural': 'journeys',
                        'ordering': ['-id'],
                        'indexes': [models.Index(fields=['automation', '-id'], name='journey_by_automation'), models.Index(condition=models.Q(('state', 'waiting')), fields=['shard', 'due_at', 'id'], name='journeys_due'), models.Index(condition=models.Q(('parent__isnull', False)), fields=['parent'], name='branches_of_journeys'), models.Index(fields=['subject', 'state'], name='journey_by_subject')],
                    },
                ),
                migrations.CreateModel(
                    name='Accrue',
                    fields=[
                        ('step_ptr', models.OneToOneField(auto_created=True, on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to='automations.step')),
                        ('unit', models.CharField(choices=automations.value_steps.unit_choices, max_length=12, verbose_name='unit')),
                        ('amount', models.PositiveIntegerField(validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(1000000000)], verbose_name='amount')),
                        ('program', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='accruals', to='loyalty.program', verbose_name='program')),
                        ('to', models.CharField(choices=[('customer', 'The customer'), ('referrer', 'Who brought them'), ('referred', 'Whom they brought')], default='customer', help_text='Where a referral started it, those two; else whoever brought the customer, or whom the customer brought last. Names in texts and the card are theirs.', max_length=8, verbose_name='for')),
                    ],
                    options={
                        'verbose_name': 'accrual',
                        'verbose_name_plural': 'accruals',
                    },
                    bases=('automations.step',),
                ),
                migrations.CreateModel(
                    name='Redeem',
                    fields=[
                        ('step_ptr', models.OneToOneField(auto_created=True, on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to='automations.step')),
                        ('amount', models.PositiveIntegerField(blank=True, help_text='Not where a reward is chosen: that has its price.', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(1000000000)], verbose_name='amount')),
                        ('program', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='redemptions', to='loyalty.program', verbose_name='program')),
                        ('reward', models.ForeignKey(blank=True, help_text="One of the program's, at the price it has when it is taken.", null=True, on_delete=django.db.models.deletion.PROTECT, related_name='redemptions', to='loyalty.reward', verbose_name='reward')),
                        ('to', models.CharField(choices=[('customer', 'The customer'), ('referrer', 'Who brought them'), ('referred', 'Whom they brought')], default='customer', help_text='Where a referral started it, those two; else whoever brought the customer, or whom the customer brought last. Names in texts and the card are theirs.', max_length=8, verbose_name='for')),
                    ],
                    options={
                        'verbose_name': 'redemption',
                        'verbose_name_plural': 'redemptions',
                    },
                    bases=('automations.step',),
                ),
                migrations.CreateModel(
                    name='SendEmail',
                    fields=[
                        ('step_ptr', models.OneToOneField(auto_created=True, on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to='automations.step')),
                        ('subject', models.CharField(max_length=250, verbose_name='subject')),
                        ('body', models.TextField(max_length=50000, verbose_name='text')),
                        ('sender', models.ForeignKey(blank=True, help_text='None chosen: the default sender.', limit_choices_to={'channel': 'email'}, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='email_steps', to='messaging.sender', verbose_name='sender')),
                        ('template', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='email_steps', to='messaging.template')),
                        ('to', models.CharField(choices=[('customer', 'The customer'), ('referrer', 'Who brought them'), ('referred', 'Whom they brought')], default='customer', help_text='Where a referral started it, those two; else whoever brought the customer, or whom the customer brought last. Names in texts and the card are theirs.', max_length=8, verbose_name='for')),
                    ],
                    options={
                        'verbose_name': 'email to send',
                        'verbose_name_plural': 'emails to send',
                    },
                    bases=('automations.step',),
                ),
                migrations.CreateModel(
                    name='Counter',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('step_key', models.CharField(blank=True, max_length=40)),
                        ('metric', models.CharField(max_length=12)),
                        ('day', models.DateField()),
                        ('shard', models.PositiveSmallIntegerField()),
                        ('n', models.BigIntegerField(default=0)),
                        ('automation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='counters', to='automations.automation')),
                    ],
                    options={
                        'verbose_name': 'counter',
                        'verbose_name_plural': 'counters',
                        'constraints': [models.UniqueConstraint(fields=('automation', 'step_key', 'metric', 'day', 'shard'), name='one_counter_per_shard_and_day')],
                        'indexes': [models.Index(condition=models.Q(('shard__gt', 0)), fields=['day'], name='counters_to_put_together')],
                    },
                ),
                migrations.CreateModel(
                    name='Decision',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('thread', models.CharField(max_length=40)),
                        ('verdict', models.CharField(choices=[('entered', 'Entered'), ('refused', 'Not entered')], max_length=8)),
                        ('reason', models.CharField(blank=True, max_length=250)),
                        ('at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('automation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='decisions', to='automations.automation')),
                        ('customer', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='decisions', to='loyalty.customer')),
                        ('event', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='decisions', to='loyalty.event')),
                    ],
                    options={
                        'verbose_name': 'decision',
                        'verbose_name_plural': 'decisions',
                        'ordering': ['-id'],
                        'indexes': [models.Index(fields=['automation', '-id'], name='decision_by_automation')],
                    },
                ),
                migrations.CreateModel(
                    name='Enrolment',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('thread', models.CharField(max_length=40)),
                        ('subject', models.CharField(max_length=60)),
                        ('key', models.CharField(max_length=250)),
                        ('at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('automation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='enrolments', to='automations.automation')),
                    ],
                    options={
                        'verbose_name': 'enrolment',
                        'verbose_name_plural': 'enrolments',
                        'constraints': [models.UniqueConstraint(fields=('automation', 'thread', 'subject', 'key'), name='nobody_enters_twice')],
                        'indexes': [models.Index(fields=['automation', 'subject', 'at'], name='enrolment_by_subject')],
                    },
                ),
                migrations.CreateModel(
                    name='StepRun',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('moves', models.PositiveIntegerField()),
                        ('step_key', models.CharField(max_length=40)),
                        ('type', models.CharField(max_length=30)),
                        ('outcome', models.CharField(choices=[('done', 'Done'), ('skipped', 'Skipped'), ('waiting', 'Waiting'), ('retried', 'Retried'), ('stopped', 'Stopped')], max_length=8)),
                        ('note', models.CharField(blank=True, max_length=250)),
                        ('result', models.JSONField(default=automations.models.journey.new_data)),
                        ('at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('journey', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='step_runs', to='automations.journey')),
                    ],
                    options={
                        'verbose_name': 'step run',
                        'verbose_name_plural': 'step runs',
                        'ordering': ['id'],
                        'indexes': [models.Index(fields=['journey', 'id'], name='step_run_by_journey')],
                    },
                ),
                migrations.CreateModel(
                    name='Canary',
                    fields=[
                        ('shard', models.PositiveSmallIntegerField(primary_key=True, serialize=False)),
                        ('owner', models.CharField(max_length=100)),
                        ('size', models.PositiveSmallIntegerField()),
                        ('suspect', models.CharField(blank=True, max_length=40)),
                        ('deaths', models.PositiveSmallIntegerField(default=0)),
                        ('armed_at', models.DateTimeField()),
                    ],
                    options={
                        'verbose_name': 'canary',
                        'verbose_name_plural': 'canaries',
                    },
                ),
                migrations.CreateModel(
                    name='Quota',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('thread', models.CharField(blank=True, max_length=40)),
                        ('kind', models.CharField(max_length=12)),
                        ('period', models.DateTimeField()),
                        ('used', models.BigIntegerField(default=0)),
                        ('automation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='quotas', to='automations.automation')),
                    ],
                    options={
                        'verbose_name': 'quota',
                        'verbose_name_plural': 'quotas',
                        'constraints': [models.UniqueConstraint(fields=('automation', 'thread', 'kind', 'period'), name='one_quota_per_period')],
                    },
                ),
                migrations.CreateModel(
                    name='Goto',
                    fields=[
                        ('step_ptr', models.OneToOneField(auto_created=True, on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to='automations.step')),
                        ('target', automations.models.step.StepKey(max_length=40, verbose_name='go to')),
                        ('filter', models.JSONField(blank=True, help_text='Leave it empty to jump every time.', null=True, verbose_name='only if')),
                        ('limit', models.PositiveSmallIntegerField(default=3, help_text='For each customer; after that they go on below.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(100)], verbose_name='times at most')),
                    ],
                    options={
                        'verbose_name': 'jump',
                        'verbose_name_plural': 'jumps',
                    },
                    bases=('automations.step',),
                ),
                migrations.CreateModel(
                    name='Parallel',
                    fields=[
                        ('step_ptr', models.OneToOneField(auto_created=True, on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to='automations.step')),
                        ('lanes', automations.branches.Names(default=list, verbose_name='branches')),
                    ],
                    options={
                        'verbose_name': 'parallel walk',
                        'verbose_name_plural': 'parallel walks',
                    },
                    bases=('automations.step',),
                ),
                migrations.CreateModel(
                    name='Split',
                    fields=[
                        ('step_ptr', models.OneToOneField(auto_created=True, on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to='automations.step')),
                        ('shares', automations.branches.Shares(default=list, verbose_name='shares')),
                        ('holdout', models.PositiveSmallIntegerField(default=0, help_text='The control group: these leave here, and the shares divide the rest. 0: nobody.', validators=[django.core.validators.MaxValueValidator(90)], verbose_name='held out, in percent')),
                    ],
                    options={
                        'verbose_name': 'split',
                        'verbose_name_plural': 'splits',
                    },
                    bases=('automations.step',),
                ),
                migrations.CreateModel(
                    name='Switch',
                    fields=[
                        ('step_ptr', models.OneToOneField(auto_created=True, on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to='automations.step')),
                        ('cases', automations.branches.Cases(default=list, verbose_name='cases')),
                    ],
                    options={
                        'verbose_name': 'switch',
                        'verbose_name_plural': 'switches',
                    },
                    bases=('automations.step',),
                ),
                migrations.CreateModel(
                    name='StartAutomation',
                    fields=[
                        ('step_ptr', models.OneToOneField(auto_created=True, on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to='automations.step')),
                        ('automation', models.ForeignKey(help_text='It must be Working; its own rules say who may enter.', limit_choices_to={'deleted_at': None}, on_delete=django.db.models.deletion.PROTECT, related_name='started_by', to='automations.automation', verbose_name='automation')),
                    ],
                    options={
                        'verbose_name': 'start of an automation',
                        'verbose_name_plural': 'starts of automations',
                    },
                    bases=('automations.step',),
                ),
                migrations.CreateModel(
                    name='WaitForEvent',
                    fields=[
                        ('step_ptr', models.OneToOneField(auto_created=True, on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to='automations.step')),
                        ('late_after', automations.columns.DurationColumn(blank=True, help_text='For when the server or the automation stood still. Empty: never.', max_length=24, verbose_name='too late after')),
                        ('event', automations.columns.EventNameColumn(max_length=80, verbose_name='event')),
                        ('filter', models.JSONField(blank=True, help_text='Leave it empty for any such event.', null=True, verbose_name='only if')),
                        ('timeout', automations.columns.DurationColumn(max_length=24, verbose_name='at most')),
                        ('late_then', models.CharField(choices=[('go_on', 'Go on all the same'), ('exit', 'Leave the automation')], default='go_on', max_length=8, verbose_name='then')),
                    ],
                    options={
                        'verbose_name': 'wait for an event',
                        'verbose_name_plural': 'waits for an event',
                    },
                    bases=('automations.step', models.Model),
                ),
                migrations.CreateModel(
                    name='WaitUntil',
                    fields=[
                        ('step_ptr', models.OneToOneField(auto_created=True, on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to='automations.step')),
                        ('late_after', automations.columns.DurationColumn(blank=True, help_text='For when the server or the automation stood still. Empty: never.', max_length=24, verbose_name='too late after')),
                        ('late_then', models.CharField(choices=[('go_on', 'Go on all the same'), ('exit', 'Leave the automation'), ('again', 'Wait for the next such moment')], default='go_on', max_length=8, verbose_name='then')),
                        ('field', automations.columns.DateNameColumn(max_length=160, verbose_name='date')),
                        ('offset', automations.columns.OffsetColumn(blank=True, max_length=24, verbose_name='how long before or after')),
                        ('at_time', models.TimeField(blank=True, help_text='Empty: 09:00, or the very moment where the date has a time.', null=True, verbose_name='at')),
                    ],
                    options={
                        'verbose_name': 'wait until a date',
                        'verbose_name_plural': 'waits until a date',
                    },
                    bases=('automations.step', models.Model),
                ),
                migrations.CreateModel(
                    name='Pulse',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('shard', models.PositiveSmallIntegerField()),
                        ('at', models.DateTimeField()),
                        ('moved', models.PositiveIntegerField(default=0)),
                        ('failed', models.PositiveIntegerField(default=0)),
                        ('automation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='pulses', to='automations.automation')),
                    ],
                    options={
                        'verbose_name': 'pulse',
                        'verbose_name_plural': 'pulses',
                        'constraints': [models.UniqueConstraint(fields=('automation', 'shard', 'at'), name='one_pulse_per_shard_and_stride')],
                    },
                ),
                migrations.CreateModel(
                    name='Sweep',
                    fields=[
                        ('name', models.CharField(max_length=20, primary_key=True, serialize=False)),
                        ('place', models.BigIntegerField(default=0)),
                        ('again_at', models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        'verbose_name': 'sweep',
                        'verbose_name_plural': 'sweeps',
                    },
                ),
                migrations.CreateModel(
                    name='ChangeTier',
                    fields=[
                        ('step_ptr', models.OneToOneField(auto_created=True, on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to='automations.step')),
                        ('until', models.DateField(blank=True, help_text='The last day on which nothing else moves them.', null=True, verbose_name='keep until')),
                        ('lasts', automations.columns.DurationColumn(blank=True, help_text='Neither: the next review or purchase may change it again.', max_length=24, verbose_name='or for')),
                        ('tier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='changes_to', to='loyalty.tier', verbose_name='tier')),
                    ],
                    options={
                        'verbose_name': 'change of tier',
                        'verbose_name_plural': 'changes of tier',
                    },
                    bases=('automations.step',),
                ),
                migrations.CreateModel(
                    name='IssueCoupon',
                    fields=[
                        ('step_ptr', models.OneToOneField(auto_created=True, on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to='automations.step')),
                        ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='issuing_steps', to='loyalty.campaign', verbose_name='campaign')),
                        ('to', models.CharField(choices=[('customer', 'The customer'), ('referrer', 'Who brought them'), ('referred', 'Whom they brought')], default='customer', help_text='Where a referral started it, those two; else whoever brought the customer, or whom the customer brought last. Names in texts and the card are theirs.', max_length=8, verbose_name='for')),
                    ],
                    options={
                        'verbose_name': 'coupon to issue',
                        'verbose_name_plural': 'coupons to issue',
                    },
                    bases=('automations.step',),
                ),
                migrations.CreateModel(
                    name='RemoveTag',
                    fields=[
                        ('step_ptr', models.OneToOneField(auto_created=True, on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to='automations.step')),
                        ('tag', models.CharField(max_length=60, verbose_name='tag')),
                    ],
                    options={
                        'verbose_name': 'tag to remove',
                        'verbose_name_plural': 'tags to remove',
                    },
                    bases=('automations.step',),
                ),
                migrations.CreateModel(
                    name='SetAttribute',
                    fields=[
                        ('step_ptr', models.OneToOneField(auto_created=True, on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to='automations.step')),
                        ('name', models.CharField(max_length=60, validators=[django.core.validators.RegexValidator('^[A-Za-z_][A-Za-z0-9_-]{0,59}\\Z', 'Letters, digits, - and _; it begins with a letter.')], verbose_name='attribute')),
                        ('value', models.CharField(blank=True, max_length=500, verbose_name='value')),
                    ],
                    options={
                        'verbose_name': 'attribute to set',
                        'verbose_name_plural': 'attributes to set',
                    },
                    bases=('automations.step',),
                ),
                migrations.CreateModel(
                    name='SendPush',
                    fields=[
                        ('step_ptr', models.OneToOneField(auto_created=True, on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to='automations.step')),
                        ('to', models.CharField(choices=[('customer', 'The customer'), ('referrer', 'Who brought them'), ('referred', 'Whom they brought')], default='customer', help_text='Where a referral started it, those two; else whoever brought the customer, or whom the customer brought last. Names in texts and the card are theirs.', max_length=8, verbose_name='for')),
                        ('title', models.CharField(max_length=120, verbose_name='title')),
                        ('text', models.TextField(help_text='Short: phones show the first two or three lines.', max_length=500, verbose_name='text')),
                        ('url', models.CharField(blank=True, help_text="An address that a tap opens. Empty: the customer's card.", max_length=500, verbose_name='leads to')),
                        ('template', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='push_steps', to='messaging.template')),
                    ],
                    options={
                        'verbose_name': 'push to send',
                        'verbose_name_plural': 'pushes to send',
                    },
                    bases=('automations.step', models.Model),
                ),
            ],
        ),
        migrations.RunPython(leave_room, migrations.RunPython.noop),
    ]
