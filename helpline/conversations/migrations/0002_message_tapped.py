from django.db import migrations, models


def mark_taps(apps, schema_editor):
    """Until now only a tap had a payload."""
    apps.get_model("conversations", "Message").objects.exclude(payload="").update(tapped=True)


class Migration(migrations.Migration):
    dependencies = [("conversations", "0001_initial")]

    operations = [
        migrations.AddField("message", "tapped", models.BooleanField(db_default=False, default=False)),
        migrations.RunPython(mark_taps, migrations.RunPython.noop),
    ]
