"""Talking videos: request, job, file."""

from django.apps import AppConfig


class ExpressConfig(AppConfig):
    """The app."""

    name = "express"
    verbose_name = "Talking videos"
