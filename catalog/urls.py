"""The catalog's addresses, mounted under /api."""

from django.urls import path

from catalog import views

urlpatterns = [
    path("avatars", views.AvatarList.as_view(), name="avatars"),
    path("models", views.ModelList.as_view(), name="models"),
    path("voices", views.VoiceList.as_view(), name="voices"),
]
