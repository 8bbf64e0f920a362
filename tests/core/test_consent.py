"""Consent is kept as it was given: to which wording, in which language, and when."""

import pytest

from bot.core.effects import Seal
from bot.core.events import Started
from bot.core.flow import Ask
from bot.core.values import Language
from tests.core.talking import Talk, shipped_content


def _kept(language: Language, english: str | None = None) -> dict[str, object]:
    """Let somebody say that what they tell may be kept; gives what is sealed of it."""
    content = shipped_content()
    if english is not None:
        help_flow = content.flows["help"]
        steps = tuple(
            step.model_copy(update={"text": step.text.model_copy(update={"english": english})})
            if isinstance(step, Ask) and step.id == "keep"
            else step
            for step in help_flow.steps
        )
        words = {**content.words, ("help.keep", english): "ថ្មី"}
        flows = {**content.flows, "help": help_flow.model_copy(update={"steps": steps})}
        content = content.model_copy(update={"flows": flows, "words": words})
    talk = Talk(content, language=language)
    talk.take(Started())
    talk.press("help", "yes", "yes")
    (kept,) = [dict(one.body) for one in talk.of(Seal) if one.body.get("question") == "keep"]
    return kept


@pytest.mark.parametrize("language", ["km", "en"])
def test_consent_to_keep_names_its_wording_its_language_and_its_time(language: Language) -> None:
    """Whoever looks years later finds what was agreed to."""
    kept = _kept(language)

    assert kept["value"] == "yes" and kept["language"] == language
    assert str(kept["at"]).startswith("2026-03-02T")
    assert len(str(kept["version"])) == 8


def test_another_wording_has_another_version() -> None:
    """It changes with any word of the question, and with nothing else."""
    assert _kept("en")["version"] == _kept("km")["version"] != _kept("en", "Shall we keep it?")["version"]
