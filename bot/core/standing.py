"""Where a request stands, in fixed sentences for whoever made it: nothing of what was told is in them."""

from datetime import date

from bot.core.content import Content
from bot.core.flow import Line
from bot.core.state import Case


def standing(content: Content, case: Case, *, received: date, passed_on: date | None, owed: bool) -> tuple[Line, ...]:
    """Give the sentences in order; the days are Cambodia's. `owed`: there is something to tell the person."""

    def line(key: str, on: date | None = None) -> Line:
        return Line(words=content.phrases[f"status_{key}"], params={"time": f"{on:%d.%m.%Y}"} if on else {})

    lines = [line("received", received)]
    if case.state == "closed":
        lines.append(line("closed"))
    elif case.state == "taken":
        lines.append(line("taken"))
    elif case.seen_by is not None:
        lines.append(line("read"))
    else:
        lines.append(line("waiting"))
    if passed_on is not None:
        lines.append(line("passed_on", passed_on))
    if owed:
        lines.append(line("answer"))
    if case.state != "closed":
        lines.append(line("no_promise"))
    return tuple(lines)
