from django.db import migrations, models


def remember(apps, schema_editor):
    """Keep who said STOP before there was a table for it."""
    Address, Stop = (apps.get_model("conversations", name) for name in ("Address", "Stop"))
    for key in Address.objects.exclude(stopped_at=None).values_list("conversation__key", flat=True):
        Stop.objects.get_or_create(key="-".join(key.split("-")[:2]))


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0007_delivery"),
    ]

    operations = [
        migrations.CreateModel(
            name="Stop",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=64, unique=True)),
                ("at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.RunPython(remember, migrations.RunPython.noop),
    ]
