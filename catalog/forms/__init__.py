"""The admin's forms: nothing is saved that could not be used."""
