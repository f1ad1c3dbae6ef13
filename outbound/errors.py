"""Why a request to another host was not made, or came to nothing.

OutboundError
├── UrlRefused        url_refused        not a URL that we ask
├── AddressRefused    address_refused    its host is, or leads, inside
├── AnswerTooLarge    answer_too_large   more bytes than the caller takes
└── Unreachable       unreachable        no answer, now; later there may be one
"""


class OutboundError(Exception):
    """A request that was not made or came to nothing; str() says why, in words for who gave the URL."""

    code = "outbound_error"
    hint = ""
    retryable = False


class UrlRefused(OutboundError):
    """The URL is none that we ask: its scheme, its shape, or where it redirects to."""

    code = "url_refused"
    hint = "Give a whole URL, as https://example.org/path, without a user name or a password in it."


class AddressRefused(OutboundError):
    """The host has an address that is not public."""

    code = "address_refused"
    hint = "Give a host on the public internet, or have the operator add this one to OUTBOUND_ALLOW."


class AnswerTooLarge(OutboundError):
    """The answer holds more bytes than the caller takes."""

    code = "answer_too_large"


class Unreachable(OutboundError):
    """The host is unknown, does not answer in time, or not as HTTP(S) has it."""

    code = "unreachable"
    hint = "See that the address answers from the outside, with a valid certificate."
    retryable = True
