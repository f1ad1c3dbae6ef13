"""What people write -> what is said: addresses of the web, shouting, and outside of English numbers and dates.

English numbers are left to hibari's reader, which knows them. Names of numbers come from Unicode's CLDR by
unicode-rbnf, of months, currencies and units by Babel.
"""

import re
from collections.abc import Callable
from functools import cache, partial

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import get_currency_name
from babel.units import format_unit
from unicode_rbnf import FormatPurpose, RbnfEngine

from engine.speech.markup import PRONOUNCED
from engine.speech.spoken_signs import CURRENCIES, SIGNS, UNITS, Signs, day_month_year

ADDRESS = re.compile(r"\b(?:https?://|www\.)(?:[^\s<>\"()\[\]]+[\w/])", re.IGNORECASE)
MAIL = re.compile(r"\b([\w.+-]+)@([\w-]+(?:\.[\w-]+)+)\b")
ISO_DATE = re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b")
DATE = re.compile(r"\b(\d{1,2})([./-])(\d{1,2})\2(\d{4})\b")
EASTERN_DATE = re.compile(r"(\d{4})年(?:(\d{1,2})月)?(?:(\d{1,2})日)?")
CLOCK = re.compile(r"\b([01]?\d|2[0-4])[:h]([0-5]\d)(?::[0-5]\d)?\b(?:\s*(?:Uhr|heures?|時))?")
RANGE = re.compile(r"(?<=\d)\s?[–-]\s?(?=\d)")
MINUS = re.compile(r"(?<![\w.,])[-−](?=\d)")
PERCENT = re.compile(r"(\d+(?:[.,]\d+)?)\s?%")
GERMAN_DAY = re.compile(r"(?:\b([Aa]m|[Vv]om|[Zz]um|[Dd]em|[Dd]en|[Ss]eit|[Bb]is)\s+)?\b(\d{1,2})\.\s+(?=[A-ZÄÖÜ])")
GERMAN_YEAR = re.compile(r"(?<![\d.,])1[1-9]\d\d(?![\d.,]*\d)")
LONGEST_NUMBER = 9  # digits that are not grouped; longer ones, and those that begin with 0, are read digit by digit
SHOUTED_SHARE, SHOUTED_LETTERS = 0.7, 8  # of capitals among a sentence's letters, and how many there are at least
CAPITALS = re.compile(r"[^\W\d_]{2,}")
VOWELS = frozenset("AEIOUYÀÁÂÃÄÅÆÈÉÊËÌÍÎÏÒÓÔÕÖØÙÚÛÜÝŒ")


def as_said(sentence: str, language: str) -> str:
    """Return a sentence as the language (BCP 47) says it; pronunciations `[word](/ipa/)` stay as they are.

    A language without a table in spoken_signs.py has its addresses read, and keeps its digits for its own reader.
    """
    base = language.split("-", maxsplit=1)[0]
    signs = SIGNS.get(base)
    pieces = re.split(rf"({PRONOUNCED.pattern})", sentence)
    # Two groups inside the pattern: of each match come the whole and its two parts.
    said = [_said(piece, base, language, signs) if at % 4 == 0 else piece for at, piece in enumerate(pieces)]
    return "".join(piece for at, piece in enumerate(said) if at % 4 in (0, 1))


def _said(text: str, base: str, language: str, signs: Signs | None) -> str:
    text = ADDRESS.sub(partial(_address, signs=signs), _calm(text))
    text = MAIL.sub(partial(_mail, signs=signs), text)
    if signs is None or base == "en":
        return text
    for pattern, say in _rules(base, language):
        text = pattern.sub(say, text)
    for sign, name in signs.others:
        text = text.replace(sign, f" {name} ")
    if base in ("ja", "zh"):
        return re.sub(r"\s+", "", text) if not re.search("[A-Za-z]", text) else " ".join(text.split())
    return re.sub(r" +(?=[,.;:!?)])", "", re.sub(r"[ \t]+", " ", text)).strip()


def _address(found: re.Match[str], signs: Signs | None) -> str:
    """Host and path; what comes after ? or # is for machines."""
    address = re.sub(r"^(https?://)?(www\.)?", "", found[0], flags=re.IGNORECASE)
    return _dotted(re.split(r"[?#]", address)[0].rstrip("/"), signs)


def _mail(found: re.Match[str], signs: Signs | None) -> str:
    at = (signs or SIGNS["en"]).at
    return f"{_dotted(found[1], signs)} {at} {_dotted(found[2], signs)}"


def _dotted(name: str, signs: Signs | None) -> str:
    signs = signs or SIGNS["en"]
    for sign, word in ((".", signs.dot), ("/", signs.slash), ("-", " "), ("_", " ")):
        name = name.replace(sign, f" {word} ")
    return " ".join(name.split())


def _calm(text: str) -> str:
    """Read a sentence in capitals as words, not letter by letter; what has no vowel stays an abbreviation."""
    letters = [sign for sign in MAIL.sub("", ADDRESS.sub("", text)) if sign.isalpha()]
    capitals = sum(sign.isupper() for sign in letters)
    if len(letters) < SHOUTED_LETTERS or capitals < SHOUTED_SHARE * len(letters):
        return text
    return CAPITALS.sub(lambda word: word[0].capitalize() if VOWELS & set(word[0]) else word[0], text)


@cache
def _rules(base: str, language: str) -> tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...]:
    """What to replace, in order, by what."""
    locale, signs = _locale(language, base), SIGNS[base]
    decimal = re.escape(signs.decimal_sign)
    gaps = f".'’\u00a0\u202f{' ' if base == 'fr' else ''}" if signs.decimal_sign == "," else ","
    grouped = rf"\d{{1,3}}(?:[{gaps}]\d{{3}})+(?!\d)"
    number = rf"(?:{grouped}|\d+)(?:{decimal}\d+)?"
    names = "|".join(map(re.escape, sorted(CURRENCIES, key=len, reverse=True)))
    units = "|".join(map(re.escape, sorted(UNITS, key=len, reverse=True)))
    read = partial(_number, base=base, signs=signs)
    money = partial(_money, locale=locale, read=read, signs=signs)
    return (
        (ISO_DATE, partial(_iso_date, locale=locale, base=base)),
        (DATE, partial(_date, locale=locale, base=base)),
        (RANGE, lambda found: f" {signs.to} "),
        (EASTERN_DATE, partial(_eastern_date, base=base)),
        *([(GERMAN_DAY, _german_day), (GERMAN_YEAR, _german_year)] if base == "de" else []),
        (MINUS, lambda found: f" {signs.minus} "),
        (PERCENT, lambda found: f"{signs.percent}{read(found[1])}" if signs.percent else found[0]),
        (CLOCK, partial(_clock, read=read, signs=signs)),
        (re.compile(rf"({names})\s?({number})(?!\w)"), lambda found: money(found[2], found[1])),
        (re.compile(rf"({number})\s?({names})(?!\w)"), lambda found: money(found[1], found[2])),
        (re.compile(rf"({number})\s?({units})(?![\w²³])"), partial(_unit, locale=locale, read=read)),
        (re.compile(r"\b(\d{1,3})(?:er|re|ère|e|ème|º|ª|ᵉ)(?!\w)"), partial(_ordinal, base=base)),
        (re.compile(number), lambda found: read(found[0])),
        (re.compile(r"\d+"), lambda found: _digits(found[0], base)),
    )


def _locale(language: str, base: str) -> Locale:
    try:
        return Locale.parse(language.replace("-", "_"))
    except UnknownLocaleError:
        return Locale.parse(base)


@cache
def _names(base: str) -> RbnfEngine:
    return RbnfEngine.for_language(base)


def _cardinal(number: int, base: str, ruleset: str = "spellout-numbering") -> str:
    said = _names(base).format_number(number).text_by_ruleset
    return str(said.get(ruleset) or said["spellout-numbering"]).replace("\u00ad", "")  # soft hyphens


def _digits(number: str, base: str) -> str:
    return " ".join(_cardinal(int(digit), base) for digit in number)


def _number(written: str, base: str, signs: Signs) -> str:
    """A number as it is written in the language, spelled out."""
    decimal = signs.decimal_sign
    digits, _, part = written.partition(decimal)
    whole = re.sub(r"\D", "", digits)
    long = len(whole) > (LONGEST_NUMBER if digits == whole else 15) or (len(whole) > 1 and whole.startswith("0"))
    said = _digits(whole, base) if long else _cardinal(int(whole), base)
    if not part:
        return f" {said} "
    tail = _cardinal(int(part), base) if len(part) < 3 and part[0] != "0" and signs.reads_decimals_whole else ""
    return f" {said} {signs.decimal} {tail or _digits(part, base)} "


def _money(amount: str, sign: str, locale: Locale, read: Callable[[str], str], signs: Signs) -> str:
    code = "CNY" if sign == "¥" and locale.language == "zh" else CURRENCIES[sign]
    whole, _, cents = amount.partition(signs.decimal_sign)
    count = int(re.sub(r"\D", "", whole))
    if cents and (len(cents) != 2 or not signs.reads_cents):
        return f"{read(amount)}{get_currency_name(code, 2, locale)} "
    name = get_currency_name(code, count, locale)
    tail = read(str(int(cents))) if cents and int(cents) else ""
    joined = f" {signs.and_cents} " if tail else ""
    said = _cardinal(count, locale.language, "spellout-cardinal-masculine") if count < 10**15 else read(whole)
    return f" {said} {name}{joined}{tail} "


def _unit(found: re.Match[str], locale: Locale, read: Callable[[str], str]) -> str:
    count = 1 if found[1] == "1" else 2
    pattern = str(format_unit(count, UNITS[found[2]], length="long", locale=locale))
    said = read(found[1])
    return f" {re.sub(str(count), said, pattern, count=1)} " if str(count) in pattern else f" {said} {pattern} "


def _ordinal(found: re.Match[str], base: str) -> str:
    said = _names(base).format_number(int(found[1]), purpose=FormatPurpose.ORDINAL).text_by_ruleset
    feminine = found[0].endswith(("ª", "re", "ère"))
    return str(said.get(f"spellout-ordinal-{'feminine' if feminine else 'masculine'}") or next(iter(said.values())))


def _clock(found: re.Match[str], read: Callable[[str], str], signs: Signs) -> str:
    hour, minute = str(int(found[1])), str(int(found[2]))
    return f"{read(hour)}{signs.hour} {read(minute) if minute != '0' else signs.full_hour}{signs.minute} "


def _iso_date(found: re.Match[str], locale: Locale, base: str) -> str:
    return _day(int(found[1]), int(found[2]), int(found[3]), locale, base, found)


def _date(found: re.Match[str], locale: Locale, base: str) -> str:
    return _day(int(found[4]), int(found[3]), int(found[1]), locale, base, found)


def _day(year: int, month: int, day: int, locale: Locale, base: str, found: re.Match[str]) -> str:
    date = day_month_year(year, month, day)
    if date is None:
        return found[0]
    return _eastern(format_date(date, "long", locale), base)


def _german_day(found: re.Match[str]) -> str:
    """ "am 22. November": the ending follows from the word before."""
    said = _names("de").format_number(int(found[2]), purpose=FormatPurpose.ORDINAL).text_by_ruleset
    return f"{found[1]} {said['spellout-ordinal-n']} " if found[1] else f"{said['spellout-ordinal-r']} "


def _german_year(found: re.Match[str]) -> str:
    """1990: neunzehnhundertneunzig."""
    hundreds, rest = divmod(int(found[0]), 100)
    return f"{_cardinal(hundreds, 'de')}hundert{_cardinal(rest, 'de') if rest else ''}"


def _eastern_date(found: re.Match[str], base: str) -> str:
    return _eastern(found[0], base)


def _eastern(date: str, base: str) -> str:
    """Chinese reads a year digit by digit."""
    if base != "zh":
        return date
    return re.sub(r"\d{4}(?=年)", lambda year: _digits(year[0], base).replace(" ", ""), date)
