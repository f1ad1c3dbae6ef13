"""Tags in a form: words between commas."""

from typing import Any

from django import forms

from catalog.models import validate_tags


class TagsField(forms.CharField):
    """A list of short strings, written with commas between them; each once, as first written."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("help_text", "Words that people search for, with commas between them.")
        widget = forms.TextInput(attrs={"class": "vTextField", "data-tags": ""})
        super().__init__(required=False, widget=widget, max_length=1000, **options)

    def prepare_value(self, value: Any) -> Any:
        """The list as one line."""
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """The line as a list."""
        if isinstance(value, list):
            return value
        words = [word.strip() for word in (super().to_python(value) or "").split(",")]
        each: dict[str, str] = {}
        for word in words:
            if word:
                each.setdefault(word.casefold(), word)
        return list(each.values())

    def validate(self, value: Any) -> None:
        """Refuse tags that the model would refuse."""
        validate_tags(value)

    def run_validators(self, value: Any) -> None:
        """`validate` has seen to it: a list has no length in characters."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether the list is another one."""
        return bool(self.to_python(initial or []) != self.to_python(data or ""))
