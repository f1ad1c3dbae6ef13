"""How the admin shows things."""

from django.utils.html import format_html
from django.utils.safestring import SafeString


def badge(text: str, colour: str) -> SafeString:
    """A word in a colour of admin.css: green, blue, amber, red or grey."""
    return format_html('<span class="tp-badge tp-{}">{}</span>', colour, text)
