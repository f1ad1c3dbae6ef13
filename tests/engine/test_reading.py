"""What people write is said as the language says it."""

import pytest

from engine.speech.reading import as_said
from engine.speech.sentences import paragraphs, sentences


@pytest.mark.parametrize(
    ("language", "written", "said"),
    [
        ("de-DE", "Am 22.11.2026 um 14:30 Uhr", "Am zweiundzwanzigsten November zweitausendsechsundzwanzig um "
         "vierzehn Uhr dreißig"),
        ("de-DE", "5,20 € und 20 %", "fünf Euro zwanzig und zwanzig Prozent"),
        ("de-DE", "1990–1999", "neunzehnhundertneunzig bis neunzehnhundertneunundneunzig"),
        ("de-DE", "1.234.567 km bei -5 °C", "eine Million zweihundertvierunddreißigtausendfünfhundertsiebenundsechzig "
         "Kilometer bei minus fünf Grad Celsius"),
        ("es-ES", "Cuesta $3,50 o 21 €", "Cuesta tres dólares estadounidenses con cincuenta o veintiún euros"),
        ("es-ES", "el 1º y la 2ª", "el primero y la segunda"),
        ("fr-FR", "Le 1er à 14h30", "Le premier à quatorze heures trente"),
        ("fr-FR", "1 234 personnes, 80 %", "mille deux cent trente-quatre personnes, quatre-vingts pour cent"),
        ("it-IT", "12,50 € e 100 km/h", "dodici euro e cinquanta e cento chilometri orari"),
        ("pt-BR", "R$ 1.234,56", "mil duzentos e trinta e quatro Reais brasileiros e cinquenta e seis"),
        ("hi-IN", "₹500 और 25%", "पाँच सौ भारतीय रुपए और पच्चीस प्रतिशत"),
        ("zh-CN", "2026年，50%", "二〇二六年，百分之五十"),
        ("zh-CN", "电话13912345678", "电话一三九一二三四五六七八"),
        ("ja-JP", "1,234円、3.5km", "千二百三十四円、三点五キロメートル"),
        ("en-US", "See https://www.example.com/a-b?c=1#d.", "See example dot com slash a b."),
        ("en-GB", "Write to john.doe@example.com!", "Write to john dot doe at example dot com!"),
        ("en-US", "THIS IS THE BEST DAY OF THE BBC", "This Is The Best Day Of The BBC"),
        ("en-US", "NASA is in the USA, as you know.", "NASA is in the USA, as you know."),
        ("ru-RU", "25% на https://example.com", "25% на example dot com"),
        ("de-DE", "[Wien](/viːn/) hat 2 Mio.", "[Wien](/viːn/)hat zwei Mio."),
    ],
)  # fmt: skip
def test_numbers_dates_money_and_addresses(language, written, said):
    assert as_said(written, language) == said


@pytest.mark.parametrize(
    "heap", ["1.1." * 300, "-1" * 600, "€" * 50 + "1,1" * 200, "99.99.9999", "32.13.2026", "1" * 40]
)
@pytest.mark.parametrize("language", ["de-DE", "fr-FR", "zh-CN", "hi-IN"])
def test_heaps_of_signs_end(heap, language):
    assert as_said(heap, language)


def test_a_german_ordinal_does_not_end_a_sentence():
    assert list(sentences("Am 22. November kam er. Er blieb bis 2022. Dann ging er.", "de-DE")) == [
        "Am 22. November kam er.",
        "Er blieb bis 2022.",
        "Dann ging er.",
    ]


def test_chinese_sentences_need_no_space():
    assert list(sentences("你好。我很好！你呢？", "zh-CN")) == ["你好。", "我很好！", "你呢？"]


def test_a_line_without_an_end_is_cut_between_words():
    parts = list(sentences("wort " * 400, "de-DE"))
    assert all(len(part) <= 400 for part in parts)
    assert " ".join(parts).split() == ["wort"] * 400


def test_paragraphs_stand_between_empty_lines():
    assert paragraphs("One.\nStill one.\n\n \nTwo.\n") == ["One.\nStill one.", "Two.\n".strip()]
