from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0008_stops"),
    ]

    operations = [
        migrations.AddField("message", "language", models.CharField(blank=True, db_default="", max_length=2)),
    ]
