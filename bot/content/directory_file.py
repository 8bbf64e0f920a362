"""Builds the directory of contacts; a number is shown to a person only when it was checked as its status says."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Literal, get_args

from phonenumbers import NumberParseException, is_valid_number, parse, region_codes_for_country_code

from bot.content.draft import Draft
from bot.content.fields import Fields, read_date
from bot.content.strict_yaml import Node
from bot.content.table_files import named_rows
from bot.core.content import Contact, Country

Status = Literal["dialled", "published", "reported", "wrong"]
STATUSES: tuple[Status, ...] = get_args(Status)
_SHORT = re.compile("[0-9]{2,6}")
_DIALLERS = 2
"""How many named people must have dialled a number before people see it (ARCHITECTURE, Cases)."""


def build_directory(node: Node | None, countries: Mapping[str, Country], draft: Draft) -> tuple[Contact, ...]:
    """Build the directory; `countries` are those a contact may stand for."""
    contacts = []
    taken: dict[tuple[str, str], str] = {}
    for ident, fields in named_rows(node, "directory", "contact", draft):
        contact = _contact(ident, fields, countries)
        first = taken.setdefault((contact.country, contact.number), ident)
        if contact.number and first != ident:
            fields.fault("number", f"`{first}` has the same number", "Join the two rows")
        contacts.append(contact)
    return tuple(contacts)


def _contact(ident: str, fields: Fields, countries: Mapping[str, Country]) -> Contact:
    country = fields.one_of("country", countries)
    iso = countries[country].iso if country else None
    contact = Contact(
        id=ident,
        country=country,
        name=fields.words("name", "tables.directory"),
        number=_number(fields, iso),
        status=_status(fields),
        emergency=fields.flag("emergency"),
        source=fields.text("source"),
        checked_on=_checked_on(fields),
        checked_by=fields.texts("checked_by"),
    )
    fields.close()
    _check_dialled(contact, fields)
    return contact


def _status(fields: Fields) -> Status:
    status = fields.one_of("status", STATUSES)
    return next((one for one in STATUSES if one == status), "wrong")


def _checked_on(fields: Fields) -> date | None:
    return read_date(fields, "checked_on") if fields.optional("checked_on") else None


def _check_dialled(contact: Contact, fields: Fields) -> None:
    if contact.status != "dialled":
        return
    if len(contact.checked_by) < _DIALLERS:
        fields.fault("status", "`dialled` needs the names of two people who did", "Add `checked_by: [.., ..]`")
    if contact.checked_on is None:
        fields.fault("status", "`dialled` needs the day", 'Add `checked_on: "2026-11-22"`')


def _number(fields: Fields, iso: str | None) -> str:
    """Read a number with + and the country code, or a short code, of which the package knows only some."""
    text = fields.text("number")
    if text and not text.startswith("+"):
        if not _SHORT.fullmatch(text) or iso is None:
            fields.fault(
                "number", "`number` is no phone number", "Write it with + and the country code, or a short code"
            )
    elif text:
        _check_international(text, iso, fields)
    return text


def _check_international(text: str, iso: str | None, fields: Fields) -> None:
    try:
        parsed = parse(text, None)
    except NumberParseException:
        fields.fault("number", "`number` is no phone number", "Write it with + and the country code, or a short code")
        return
    if not is_valid_number(parsed):
        fields.fault("number", "`number` cannot be dialled", "Compare it with its source, digit by digit")
    elif iso and iso not in region_codes_for_country_code(parsed.country_code or 0):
        fields.fault("number", "`number` has another country's code", "Correct the number or the country")
