"""Why a bundle is refused."""


class TransferError(Exception):
    """A bundle that cannot be used, with a stable code and a hint. Nothing of it was kept."""

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.code, self.message, self.hint = code, message, hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint} ({self.code})"


CHOOSE = "Choose a file that was exported here, or by another service of this kind."
UPGRADE = "Upgrade the service that is older."
CORRECT = "Correct it where it was exported."


def broken(message: str) -> TransferError:
    """A file that is not, or is no longer, what we wrote."""
    return TransferError("bundle_broken", message, "Export the catalog again, and copy the file whole.")
