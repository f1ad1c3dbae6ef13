"""What the catalog tells the apps above it, which it does not know."""

from django.dispatch import Signal

# A consent ends: the avatars in `avatars` (ids) must not be seen any more.
# Receivers get `policy` ("delete" or "flag": what becomes of finished videos) and `rehearsal` (True: change nothing).
# They return {"stopped": [ids], "deleted": [ids], "flagged": [ids]} of what they did, or would do.
consent_ended = Signal()
