"""The API's addresses, mounted under /api."""

from django.urls import path

from express import views

urlpatterns = [
    path("express/create", views.CreateVideo.as_view(), name="create-video"),
    path("express/video/<str:video_id>", views.VideoFile.as_view(), name="video-file"),
    path("express/check", views.CheckPhoto.as_view(), name="check-photo"),
    path("express/videos", views.VideoList.as_view(), name="videos"),
    path("express/videos/<str:video_id>", views.VideoDetail.as_view(), name="video"),
    path("express/videos/<str:video_id>/thumbnail", views.VideoThumbnail.as_view(), name="video-thumbnail"),
    path("express/videos/<str:video_id>/captions.<str:kind>", views.VideoCaptions.as_view(), name="video-captions"),
    path("express/videos/<str:video_id>/cancel", views.CancelVideo.as_view(), name="cancel-video"),
    path("express/videos/<str:video_id>/retry", views.RetryVideo.as_view(), name="retry-video"),
    path("express/videos/<str:video_id>/events", views.VideoEvents.as_view(), name="video-events"),
]
