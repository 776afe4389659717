import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0019_declined'),
    ]

    operations = [
        migrations.CreateModel(
            name='PendingDecision',
            fields=[
                ('review', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='pending', serialize=False, to='catalog.review')),
                ('address', models.CharField(blank=True, max_length=64)),
                ('decision', models.CharField(max_length=16)),
                ('reason', models.TextField(blank=True)),
                ('personal', models.JSONField(default=list)),
                ('failures', models.JSONField(default=list)),
                ('seen', models.DateTimeField()),
                ('recorded_at', models.DateTimeField()),
                ('decide_after', models.DateTimeField()),
                ('undone_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='notice',
            name='notice_kind_is_known',
        ),
        migrations.AlterField(
            model_name='notice',
            name='kind',
            field=models.CharField(choices=[('request_made', 'Somebody asks for access'), ('request_remark', 'A word on a request'), ('request_granted', 'A request was granted'), ('request_denied', 'A request was declined'), ('request_ends', 'A request is about to expire'), ('request_expired', 'A request expired'), ('grant_given', 'Access was given'), ('grant_ends', 'Access is about to end'), ('grant_ended', 'Access has ended'), ('grant_revoked', 'Access was taken back'), ('review_opened', 'A version waits for review'), ('review_remark', 'A word on a review'), ('review_approved', 'Your version is published'), ('review_returned', 'Changes are asked for'), ('review_declined', 'Your version was declined'), ('review_not_decided', 'Your decision was not carried out'), ('check_done', 'A check is done'), ('upload_rejected', 'A file could not be read'), ('annotation_made', 'Somebody suggests something'), ('annotation_decided', 'A suggestion was looked at'), ('followed_published', 'A new version'), ('followed_opened', 'An embargo has ended'), ('followed_withdrawn', 'A version was withdrawn'), ('followed_deprecated', 'Should not be used any more')], max_length=24),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['request_made', 'request_remark', 'request_granted', 'request_denied', 'request_ends', 'request_expired', 'grant_given', 'grant_ends', 'grant_ended', 'grant_revoked', 'review_opened', 'review_remark', 'review_approved', 'review_returned', 'review_declined', 'review_not_decided', 'check_done', 'upload_rejected', 'annotation_made', 'annotation_decided', 'followed_published', 'followed_opened', 'followed_withdrawn', 'followed_deprecated'])), name='notice_kind_is_known'),
        ),
        migrations.AddField(
            model_name='pendingdecision',
            name='decided_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='pendingdecision',
            index=models.Index(condition=models.Q(('undone_at__isnull', True)), fields=['decide_after'], name='pending_decision_next'),
        ),
        migrations.AddConstraint(
            model_name='pendingdecision',
            constraint=models.CheckConstraint(condition=models.Q(('decision', 'approve'), models.Q(('reason', ''), _negated=True), _connector='OR'), name='pending_return_has_a_reason'),
        ),
    ]
