"""The column types that both engines share: ids, words, instants."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import BigInteger, Dialect, Integer, Text
from sqlalchemy.types import TypeDecorator

# On SQLite only INTEGER PRIMARY KEY is the row's own id; anything else costs a second tree.
ID = BigInteger().with_variant(Integer, "sqlite")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class Word(TypeDecorator[str]):
    """Text without what an engine refuses: PostgreSQL knows no NUL, and neither knows a lone surrogate."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Drop NUL and put ? for a lone surrogate."""
        if value is None or (value.isascii() and "\0" not in value):
            return value
        return value.encode("utf-8", "replace").decode().replace("\0", "")


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime, kept as integer milliseconds."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Give milliseconds; raises TypeError for a datetime without a zone."""
        return None if value is None else (value - _EPOCH) // _MILLISECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Give the datetime in UTC."""
        return None if value is None else _EPOCH + value * _MILLISECOND


class Minute(Instant):
    """An instant kept in clear beside a case: to the minute only, whatever was given."""

    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Give milliseconds of the minute's beginning."""
        return super().process_bind_param(value and value.replace(second=0, microsecond=0), dialect)
