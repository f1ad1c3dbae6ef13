"""The catalog as a Django app."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """Avatars and voices."""

    name = "catalog"
    verbose_name = "Catalog"
