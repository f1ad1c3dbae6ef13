from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("express", "0013_reuse"),
    ]

    operations = [
        migrations.AddField(
            model_name="video",
            name="speech_s",
            field=models.FloatField(default=0.0),
        ),
    ]
