"""How languages say what is written in signs; what CLDR knows (numbers, months, units, currencies) is not here."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Signs:
    """One language's words. others: sign -> word, replaced at the end."""

    dot: str
    slash: str
    at: str
    decimal: str = "point"  # the word for the decimal sign
    decimal_sign: str = ","
    to: str = "-"  # between the ends of a range
    minus: str = "minus"
    hour: str = ""  # between hours and minutes
    minute: str = ""  # after the minutes
    full_hour: str = ""
    and_cents: str = ""
    reads_decimals_whole: bool = False  # 3,14 as "three comma fourteen"
    reads_cents: bool = True  # 5.20 as five and twenty, not as five point two zero
    percent: str = ""  # where it stands before the number
    others: tuple[tuple[str, str], ...] = ()


SIGNS: dict[str, Signs] = {
    "en": Signs("dot", "slash", "at"),
    "de": Signs(
        "Punkt", "Schrägstrich", "ät", "Komma", to="bis", hour="Uhr",

        others=(("&", "und"), ("%", "Prozent"), ("+", "plus"), ("=", "gleich"), ("@", "ät"), ("§", "Paragraf")),
    ),
    "es": Signs(
        "punto", "barra", "arroba", "coma", to="a", minus="menos", hour="y", full_hour="cero", and_cents="con",
        reads_decimals_whole=True,
        others=(("&", "y"), ("%", "por ciento"), ("+", "más"), ("=", "igual a"), ("@", "arroba")),
    ),
    "fr": Signs(
        "point", "barre oblique", "arobase", "virgule", to="à", minus="moins", hour="heures", and_cents="",
        reads_decimals_whole=True,
        others=(("&", "et"), ("%", "pour cent"), ("+", "plus"), ("=", "égale"), ("@", "arobase")),
    ),
    "it": Signs(
        "punto", "barra", "chiocciola", "virgola", to="a", minus="meno", hour="e", full_hour="zero", and_cents="e",
        reads_decimals_whole=True,
        others=(("&", "e"), ("%", "per cento"), ("+", "più"), ("=", "uguale"), ("@", "chiocciola")),
    ),
    "pt": Signs(
        "ponto", "barra", "arroba", "vírgula", to="a", minus="menos", hour="horas e", full_hour="zero", and_cents="e",
        reads_decimals_whole=True,
        others=(("&", "e"), ("%", "por cento"), ("+", "mais"), ("=", "igual a"), ("@", "arroba")),
    ),
    "hi": Signs(
        "डॉट", "स्लैश", "ऐट", "दशमलव", ".", to="से", minus="ऋण", hour="बजकर", minute="मिनट", full_hour="शून्य",
        reads_cents=False,
        others=(("&", "और"), ("%", "प्रतिशत"), ("+", "जमा"), ("=", "बराबर"), ("।", ".")),
    ),
    "zh": Signs(
        "点", "斜杠", "at", "点", ".", to="到", minus="负", hour="点", minute="分", full_hour="零",
        reads_cents=False, percent="百分之",
        others=(("&", "和"), ("+", "加"), ("=", "等于")),
    ),
    "ja": Signs(
        "ドット", "スラッシュ", "アット", "点", ".", to="から", minus="マイナス", hour="時", minute="分",
        full_hour="零",
        reads_cents=False,
        others=(("&", "と"), ("+", "プラス"), ("=", "イコール")),
    ),
}  # fmt: skip

CURRENCIES = {
    "€": "EUR", "EUR": "EUR", "$": "USD", "US$": "USD", "USD": "USD", "£": "GBP", "GBP": "GBP", "¥": "JPY",
    "JPY": "JPY", "CHF": "CHF", "R$": "BRL", "BRL": "BRL", "₹": "INR", "INR": "INR", "CNY": "CNY", "元": "CNY",
    "円": "JPY", "₽": "RUB", "₩": "KRW", "zł": "PLN",
}  # fmt: skip

# CLDR's names of units.
UNITS = {
    "km/h": "speed-kilometer-per-hour", "km²": "area-square-kilometer", "m²": "area-square-meter",
    "km": "length-kilometer", "cm": "length-centimeter", "mm": "length-millimeter", "m": "length-meter",
    "kg": "mass-kilogram", "mg": "mass-milligram", "g": "mass-gram", "ml": "volume-milliliter", "l": "volume-liter",
    "°C": "temperature-celsius", "°F": "temperature-fahrenheit", "%": "concentr-percent", "min": "duration-minute",
    "GB": "digital-gigabyte", "MB": "digital-megabyte", "kW": "power-kilowatt",
}  # fmt: skip


def day_month_year(year: int, month: int, day: int) -> date | None:
    """The date, unless there is none such."""
    try:
        return date(year, month, day)
    except ValueError:
        return None
