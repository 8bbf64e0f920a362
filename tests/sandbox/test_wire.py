"""Reading and measuring as Telegram does."""

from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.formatting import formatted, is_nothing, spotted
from bot.sandbox.refusals import RefusedError
from bot.sandbox.wire import encode, form_fields, units


@given(st.dictionaries(st.text(min_size=1), st.text()))
def test_a_form_reads_as_it_was_written(fields: dict[str, str]) -> None:
    """Whatever letters there are."""
    assert form_fields(urlencode(fields).encode()) == fields


@given(st.text(alphabet='a%5C2+&=កខ\\"{}[],: '))
def test_a_raw_form_reads_as_the_standard_library_reads_it(raw: str) -> None:
    """Broken escapes and odd separators included."""
    expected = {name: value for name, value in parse_qsl(raw, keep_blank_values=True) if name}

    assert form_fields(raw.encode()) == expected


@given(st.text())
def test_lengths_are_utf16(text: str) -> None:
    """One for Khmer, two for most emoji."""
    assert units(text) == sum(2 if ord(character) > 0xFFFF else 1 for character in text)


def test_a_lone_surrogate_is_written_as_an_escape() -> None:
    """It must reach the bot, not break the sandbox."""
    assert encode({"text": "\ud800ក"}) == '{"text":"\\ud800\\u1780"}'


@pytest.mark.parametrize("text", ["", " ", "\u200b", "\n\u200e\u2060 \ufeff"])
def test_some_texts_are_nothing(text: str) -> None:
    """Zero-width characters alone are no message."""
    assert is_nothing(text) and not is_nothing(text + "ក\u200b")


@pytest.mark.parametrize(
    ("html", "text", "entities"),
    [
        ("a<b>b<i>c</i></b>", "abc", [("bold", 1, 2), ("italic", 2, 1)]),
        ("&lt;&amp;&gt;&quot;&#x1780;&nope;", '<&>"ក&nope;', []),
        ("  <u>a</u> ", "a", [("underline", 0, 1)]),
        ('<a href="https://example.org/?a=1&b">x</a>', "x", [("text_link", 0, 1)]),
        ('<span class="tg-spoiler">x</span><b></b>', "x", [("spoiler", 0, 1)]),
    ],
)
def test_html_becomes_text_and_entities(html: str, text: str, entities: list[tuple[str, int, int]]) -> None:
    """As people see it."""
    read = formatted(html, "HTML")

    assert read.text == text
    assert [(one["type"], one["offset"], one["length"]) for one in read.entities] == entities


@pytest.mark.parametrize("html", ["<b>", "</b>", "<b></i>", "a < b", "<span>a</span>", "<font>a</font>"])
def test_broken_html_is_refused(html: str) -> None:
    """Telegram refuses it too, so nobody sends it unescaped for long."""
    with pytest.raises(RefusedError, match="can't parse entities"):
        formatted(html, "html")


def test_commands_and_links_are_spotted() -> None:
    """The library's filters look for these."""
    found = spotted("ក /start@bot https://example.org/a 1/2")

    assert [(one["type"], one["offset"], one["length"]) for one in found] == [("bot_command", 2, 10), ("url", 13, 21)]
