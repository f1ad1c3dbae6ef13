"""The Python half of the commands in this folder; each is run by `python -m scripts.NAME` from the project's root."""
