"""Requests to addresses that somebody else chose: webhooks, models by URL. Knows nothing of the rest of the project.

Such a URL must not become a way into the operator's network. So a host's addresses are looked up once, all of them
must be public or allowed by OUTBOUND_ALLOW, and the connection goes to a looked-up address: a name that answers
differently the second time gains nothing. Every redirect goes through the same gate; proxies of the environment are
not used, since they would look names up again.
"""

from outbound.client import Answer, Client, client
from outbound.errors import AddressRefused, AnswerTooLarge, OutboundError, Unreachable, UrlRefused
from outbound.policy import Policy

__all__ = [
    "AddressRefused",
    "Answer",
    "AnswerTooLarge",
    "Client",
    "OutboundError",
    "Policy",
    "Unreachable",
    "UrlRefused",
    "client",
]
