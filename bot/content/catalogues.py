"""Reads and writes the catalogues of words in locales/: gettext .po files, read as they are, without .mo files."""

import re
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import PoFileError, PoFileParser, write_po

from bot.content.draft import Draft, Key, Spot
from bot.content.strict_yaml import read_text
from bot.core.values import Language

MOST_BYTES = 2 * 1024 * 1024
"""The largest catalogue read. The Khmer one has a twentieth of it."""

TEMPLATE = "locales/messages.pot"
_LINE = re.compile(r'\s*(#.*|((msgctxt|msgid|msgstr|msgid_plural|msgstr\[\d+\])\s+)?"([^"\\]|\\["\\ntr])*"\s*)?')
_PASSING = re.compile(
    rb'^"(?:(?:POT-Creation-Date|Generated-By):|[A-Za-z-]+: .*(?:EMAIL@ADDRESS|YEAR-MO-DA|LL@li\.org)).*"\n',
    re.MULTILINE,
)
"""Lines of the header that change without any word changing, or that are still gettext's own placeholders."""


def path_of(language: Language) -> str:
    """Give the path of a language's catalogue below the content's root."""
    return f"locales/{language}/LC_MESSAGES/messages.po"


class _Strict(Catalog):
    """A catalogue that notices when a sentence is there twice; gettext tools would keep one of them in silence."""

    def __init__(self, file: str, draft: Draft, *, language: Language) -> None:
        super().__init__(locale=language)
        self.language = language
        self._file = file
        self._draft = draft

    def __setitem__(self, id: str | list[str] | tuple[str, ...], message: Message) -> None:
        if id and self.get(id, message.context) is not None:
            self._draft.fault(Spot(self._file, message.lineno or 1), "This sentence is here twice", "Delete one")
        super().__setitem__(id, message)


def read_catalogue(root: Path, language: Language, draft: Draft) -> Catalog:
    """Read a language's catalogue; what is wrong with the file is noted and what can be read is given."""
    file = path_of(language)
    catalogue = _Strict(file, draft, language=language)
    path = root / file
    if not path.is_file():
        draft.fault(Spot(file, 1), "The catalogue is not there", "Run ./helpline words update")
        return catalogue
    text = read_text(file, path.read_bytes(), draft, most=MOST_BYTES)
    if text is not None and _well_formed(file, text, draft):
        _parse(file, text, catalogue, draft)
        _check_header(file, text, catalogue, draft)
        _check_plurals(file, text, catalogue, draft)
    return catalogue


def _well_formed(file: str, text: str, draft: Draft) -> bool:
    """Find the lines that gettext readers would misread in silence: a lost quote costs the last letter."""
    wrong = [number for number, line in enumerate(text.split("\n"), start=1) if not _LINE.fullmatch(line)]
    for number in wrong:
        draft.fault(Spot(file, number), "This line is no line of a catalogue", 'Check msgid, msgstr, quotes and \\"')
    return not wrong


def _parse(file: str, text: str, catalogue: Catalog, draft: Draft) -> None:
    try:
        PoFileParser(catalogue, ignore_obsolete=False, abort_invalid=True).parse(text.split("\n"))
    except PoFileError as error:
        draft.fault(Spot(file, (error.lineno or 0) + 1), f"The catalogue is broken: {error}", "Mend the entry above")
    except (ValueError, AttributeError, LookupError) as error:
        draft.fault(Spot(file, 1), f"The catalogue's header is broken: {type(error).__name__}", "Copy that of the .pot")


def _check_header(file: str, text: str, catalogue: _Strict, draft: Draft) -> None:
    """Refuse a header by which other tools would read the file in another language or encoding."""
    wanted = {
        "Language": (catalogue.locale_identifier, catalogue.language),
        "Content-Type": (catalogue.charset, "utf-8"),
    }
    for name, (found, right) in wanted.items():
        if found != right:
            at = text.find(f'"{name}:')
            line = text.count("\n", 0, max(at, 0)) + 1
            draft.fault(Spot(file, line), f"The header's {name} is not that of this file", f"Write {right} in it")


def _check_plurals(file: str, text: str, catalogue: _Strict, draft: Draft) -> None:
    """Refuse plural forms that are not the language's: Khmer has one. No sentence here has a plural at all."""
    language = catalogue.language
    right = Catalog(locale=language).num_plurals
    for number, line in enumerate(text.split("\n"), start=1):
        if line.startswith('"Plural-Forms:') and catalogue.num_plurals != right:
            mend = f"Write Plural-Forms: {Catalog(locale=language).plural_forms}"
            draft.fault(Spot(file, number), f"`{language}` has {right} plural form(s)", mend)
        elif line.startswith(("msgid_plural", "msgstr[")):
            draft.fault(
                Spot(file, number), "This sentence has plural forms", "Write one msgstr; numbers are placeholders"
            )


def translations(catalogue: Catalog) -> Mapping[Key, Message]:
    """Give the sentences of a catalogue by context and English."""
    return {
        (message.context or "", message.id): message
        for message in catalogue
        if isinstance(message.id, str) and message.id
    }


def rewordings(catalogue: Catalog) -> Mapping[Key, str]:
    """Give the sentences of the English catalogue that are worded otherwise than in the flows."""
    found = translations(catalogue).items()
    return {key: message.string for key, message in found if isinstance(message.string, str) and message.string}


def new_catalogue(language: Language | None) -> Catalog:
    """Make an empty catalogue of a language, or a template for all."""
    comment = f"# The helpline's words: {language or 'template, made by ./helpline words update'}."
    return Catalog(locale=language, project="helpline", version="1", header_comment=comment, fuzzy=False)


def template_of(messages: Mapping[Key, list[Spot]]) -> Catalog:
    """Extract the sentences into a template, in the order of files and lines."""
    template = new_catalogue(None)
    for (context, english), spots in sorted(messages.items(), key=lambda item: min(item[1])):
        template.add(english, context=context, locations=[(spot.file, spot.line) for spot in sorted(spots)])
    return template


def po_bytes(catalogue: Catalog) -> bytes:
    """Write a catalogue so that it changes only when its words do: without dates, versions and line numbers."""
    buffer = BytesIO()
    write_po(buffer, catalogue, width=0, include_lineno=False)
    return _PASSING.sub(b"", buffer.getvalue()).rstrip(b"\n") + b"\n"
