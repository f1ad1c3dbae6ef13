"""The whole catalog as one ZIP file, rows and files: written here, read on another machine."""

from catalog.transfer.errors import TransferError
from catalog.transfer.read import Bundle, open_bundle
from catalog.transfer.store import Imported, store
from catalog.transfer.write import write_bundle

__all__ = ["Bundle", "Imported", "TransferError", "open_bundle", "store", "write_bundle"]
