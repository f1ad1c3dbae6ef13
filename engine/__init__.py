"""Photo + speech -> a video in which the photo talks. Knows nothing of Django."""
