"""Alarms above the list: what went wrong lately, in words."""

from datetime import timedelta

from bot.core.values import LANGUAGES
from tests.console.browsing import Console


async def test_an_alarm_of_the_last_day_stands_above_the_list(console: Console) -> None:
    """With its hour and meaning, in the reader's language; a day later it is gone, and a strange one is let be."""
    house, dara = console.house, await console.dara()
    assert "alarms" not in (await dara.get("/queue")).text
    await house.helpline.alarm("foreign_group")
    await house.store.desk.alarm("of_another_release", house.clock.now())
    shown = []
    for language in LANGUAGES:
        await dara.post("/me/language", {"language": language, "from": "queue"})
        page = (await dara.get("/queue")).text
        shown.append(house.says("alarm_foreign_group", language) in page and "12:00" in page)

    assert shown == [True, True]
    house.clock.put_forward(timedelta(hours=25))
    await dara.log_in("Dara")
    assert house.says("alarm_foreign_group") not in (await dara.get("/queue")).text
