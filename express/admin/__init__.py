"""The admin of express."""

from express.admin.keys import ApiKeyAdmin
from express.admin.videos import VideoAdmin
from express.admin.webhooks import WebhookDeliveryAdmin, WebhookSecretAdmin
from express.admin.workers import WorkerAdmin

__all__ = ["ApiKeyAdmin", "VideoAdmin", "WebhookDeliveryAdmin", "WebhookSecretAdmin", "WorkerAdmin"]
