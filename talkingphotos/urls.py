"""Every address of the service."""

from django.contrib import admin
from django.templatetags.static import static
from django.urls import include, path
from django.views.generic import RedirectView, TemplateView
from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from talkingphotos import health, media, metrics

urlpatterns = [
    path("", TemplateView.as_view(template_name="studio.html"), name="studio"),
    path("api/", include("express.urls")),
    path("api/", include("catalog.urls")),
    path("api/schema", SpectacularAPIView.as_view(renderer_classes=[OpenApiJsonRenderer]), name="schema"),
    path("api/docs", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    path("media/<path:name>", media.public_media, name="public-media"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("favicon.ico", RedirectView.as_view(url=static("studio/logo.svg"))),
    path("admin", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
]

handler400 = "express.problems.bad_request"
handler403 = "express.problems.permission_denied"
handler404 = "express.problems.page_not_found"
handler500 = "express.problems.server_error"
