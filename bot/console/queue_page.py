"""The list of cases: urgent first, then the oldest; live, as long as the page is open."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response, StreamingResponse

from bot.console.guard import Refused
from bot.console.visits import Visit
from bot.core.values import URGENCIES
from bot.service.casebook import SEARCHED
from bot.service.consoling import COUNT_LIMIT, Wanted
from bot.service.office import alarms_lately

ROWS = 40
LONGEST_SEARCH = 100
AT_LEAST = timedelta(seconds=30)
"""So often an open list is looked at anew: what is on it grows older."""
PAUSE = timedelta(milliseconds=300)
"""Between two looks, in a flood."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


async def queue(visit: Visit) -> Response:
    """Show the list."""
    values = await _list(visit)
    countries = visit.means.speaker.content.countries.values()
    return visit.page("queue.html", urgencies=URGENCIES, countries=countries, **values)


async def search(visit: Visit) -> Response:
    """Find cases by what was told in them. The words come in a form: addresses are kept in too many places."""
    visitor, words = visit.visitor, visit.form.get("words", "").strip()
    if not 1 < len(words) <= LONGEST_SEARCH:
        raise Refused(400, "malformed")
    items = await visit.means.casebook.search(visitor, visit.means.shifts.secret(visitor), words)
    names = {one.id: one.name for one in await visit.means.desk.operators()}
    return visit.page("search.html", items=items, names=names, words=words, most=SEARCHED)


async def live(visit: Visit) -> Response:
    """Send the list anew whenever it changes."""
    _wanted(visit)
    return StreamingResponse(_changes(visit), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


async def _changes(visit: Visit) -> AsyncIterator[str]:
    """Give the list as server-sent events while the visitor may see it; an open list keeps no session alive."""
    means, token, shown = visit.means, visit.visitor.token, ""
    while not means.cases.over:
        coming = means.cases.next()
        visitor = await means.shifts.enter(token, touch=False)
        if visitor is None or not visitor.may("queue"):
            break
        page = means.speaker.text("list.html", visitor.language, visitor=visitor, **await _list(visit))
        if page != shown:
            shown = page
            yield "".join(f"data: {line}\n" for line in page.splitlines()) + "\n"
        else:
            yield ":\n\n"  # so that a connection that is gone is noticed
        await means.cases.wait(coming, AT_LEAST)
        await means.cases.pause(PAUSE)


async def _list(visit: Visit) -> dict[str, Any]:
    store, operator = visit.means.store, visit.visitor.operator
    wanted, after = _wanted(visit)
    items = await store.part(wanted, limit=ROWS + 1, after=after)
    alarms = await alarms_lately(visit.means.desk, visit.means.clock.now())
    query = {key: value for key, value in visit.request.query_params.items() if key != "after" and value}
    following = ""
    if len(items) > ROWS:
        last = items[ROWS - 1].case
        place = f"{last.urgency}.{(last.created - _EPOCH) // timedelta(milliseconds=1)}.{last.id}"
        following = "?" + urlencode({**query, "after": place})
    return {
        "items": items[:ROWS],
        "names": {one.id: one.name for one in await visit.means.desk.operators()},
        "alarms": [one for one in alarms if f"alarm_{one[0]}" in visit.means.speaker.content.phrases],
        "counted": await store.counted(operator.id),
        "most": COUNT_LIMIT,
        "following": following,
        "paged": after is not None,
        "query": query,
        "address": f"/queue/live?{visit.request.url.query}",
    }


def _wanted(visit: Visit) -> tuple[Wanted, tuple[str, datetime, str] | None]:
    """Read what part of the list is asked for; raises Refused for what no page of ours asks."""
    asked: Mapping[str, str] = visit.request.query_params
    urgency, country, whose = asked.get("urgency") or None, asked.get("country") or None, asked.get("whose", "")
    content = visit.means.speaker.content
    wrong = urgency not in (None, *URGENCIES) or country not in (None, *content.countries)
    if wrong or whose not in ("", "mine", "untaken"):
        raise Refused(400, "malformed")
    known = next((one for one in URGENCIES if one == urgency), None)
    mine = visit.visitor.operator.id if whose == "mine" else None
    wanted = Wanted(urgency=known, country=country, assignee=mine, untaken=whose == "untaken")
    return wanted, _place(asked.get("after", ""))


def _place(after: str) -> tuple[str, datetime, str] | None:
    """Read the place behind which a page begins."""
    if not after:
        return None
    urgency, _, rest = after.partition(".")
    moment, _, case = rest.partition(".")
    if urgency not in URGENCIES or not (moment.isascii() and moment.isdecimal() and len(moment) < 15) or len(case) > 64:
        raise Refused(400, "malformed")
    return urgency, _EPOCH + timedelta(milliseconds=int(moment)), case
