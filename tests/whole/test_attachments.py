"""What people send as files: streamed into sealed blobs, opened with the key, counted until a human heard or saw it."""

import hashlib
from datetime import timedelta

from bot.sandbox import Fault, Person
from bot.sandbox.refusals import bad
from tests.whole.house import House


async def test_a_voice_note_is_sealed_and_opens_with_the_key(house: House) -> None:
    """Its bytes come back whole; its digest was sealed beside it, and nothing tells Telegram's reference any more."""
    voice = b"".join(f"frame {number} of a long voice note. ".encode() for number in range(9000))
    sokha = house.person()
    await house.after(sokha.says("/start"), sokha.sends_voice(voice))

    case = await house.only_case()
    (item,) = [item for item in case.items if item.body["kind"] == "media"]
    assert item.file == voice
    assert item.described == {"sha256": hashlib.sha256(voice).hexdigest(), "bytes": len(voice)}
    assert "file" not in item.body["file"]
    assert await house.store.desk.due_fetches(house.clock.now() + timedelta(days=30), 10) == []


async def test_what_nobody_heard_makes_a_case_urgent(house: House) -> None:
    """A voice note, a photo or a file that no human has opened is at least P2 and carded at once, with their count."""
    sokha = house.person()
    await house.after(sokha.says("/start"), sokha.sends_voice(b"a voice"))
    (case,) = await house.cases()
    assert (case["urgency"], case["unheard"]) == ("P2", 1)
    assert house.says("card_unheard", count="1") in house.card(case["number"]).text

    await house.after(sokha.sends_photo(b"a photo"))
    assert (await house.cases())[0]["unheard"] == 2


async def test_opening_a_file_counts_once(house: House) -> None:
    """Who opens a file marks it opened, however often it is opened; the urgency stays until an operator changes it."""
    sokha = house.person()
    await house.after(sokha.says("/start"), sokha.sends_voice(b"a voice"), sokha.sends_photo(b"a photo"))
    case = await house.only_case()
    voice = next(item.id for item in case.items if item.file == b"a voice")
    for _ in range(3):
        await house.heard(case.case["number"], voice)

    (row,) = await house.cases()
    assert (row["unheard"], row["urgency"]) == (1, "P2")
    opened = {item.file: item.opened for item in (await house.only_case()).items if item.file}
    assert opened == {b"a voice": True, b"a photo": False}


async def test_a_file_telegram_cannot_give_now_is_fetched_later(house: House) -> None:
    """The same reference serves later: it is tried for a day."""
    refusal = bad("wrong file_id or the file is temporarily unavailable")
    house.box.faults.plan(Fault.REFUSED, method="getfile", times=2, refusal=refusal)
    sokha = house.person()
    await sokha.says("/start")
    await sokha.sends_voice(b"a voice")
    await house.eventually(lambda: [call for call in house.box.calls if call.method == "getfile"])
    for _ in range(2):
        await house.passes(minutes=5)
        await house.until(lambda: _is_fetched_or_postponed(house))

    assert b"a voice" in [item.file for item in (await house.only_case()).items]


async def _is_fetched_or_postponed(house: House) -> bool:
    return not await house.store.desk.due_fetches(house.clock.now(), 1)


async def test_a_file_that_never_comes_is_marked_missing_after_a_day(house: House) -> None:
    """The case never fails for it; it says that something is missing."""
    house.box.faults.plan(Fault.ERROR, method="getfile", times=1000)
    sokha = house.person()
    await sokha.says("/start")
    await sokha.sends_voice(b"a voice")
    await house.eventually(lambda: [call for call in house.box.calls if call.method == "getfile"])
    await house.passes(hours=25)
    await house.until(lambda: _is_fetched_or_postponed(house))

    (item,) = [item for item in (await house.only_case()).items if item.body["kind"] == "media"]
    assert item.described == {"missing": True}


async def test_a_download_cut_short_is_begun_anew(house: House) -> None:
    """Half a file is never taken for a whole one."""
    house.box.faults.plan(Fault.TRUNCATED, method="file")
    sokha = house.person()
    await sokha.says("/start")
    await sokha.sends_voice(b"0123456789" * 50_000)
    await house.eventually(lambda: [call for call in house.box.calls if call.outcome == "truncated"])
    await house.passes(minutes=1)

    assert b"0123456789" * 50_000 in [item.file for item in (await house.only_case()).items]
    assert len(list((house.settings.data / "blobs").iterdir())) == 1


async def test_files_sent_during_the_questions_are_kept(house: House) -> None:
    """Everything sent during the questions is fetched and opens again, each in a blob of its own."""
    sokha = house.person()
    await house.asks_for_help(sokha, "yes", "yes", "TH")
    await house.after(_sends_everything(sokha))
    assert len(list((house.settings.data / "blobs").iterdir())) == 3

    case = await house.only_case()
    assert {item.file for item in case.items if item.file} == {b"a voice", b"a photo", b"a document"}


async def _sends_everything(person: Person) -> None:
    await person.sends_voice(b"a voice")
    await person.sends_photo(b"a photo")
    await person.sends_document("contract.pdf", "application/pdf", b"a document")


async def test_a_restart_goes_on_fetching(house: House) -> None:
    """A file whose download a dead process had begun is fetched by the next one; nothing half made stays."""
    house.box.faults.plan(Fault.ERROR, method="getfile")
    sokha = house.person()
    await sokha.says("/start")
    await sokha.sends_voice(b"a voice")
    await house.eventually(lambda: [call for call in house.box.calls if call.method == "getfile"])
    (house.settings.data / "blobs").mkdir(exist_ok=True)
    (house.settings.data / "blobs" / f"{'0' * 32}.part").write_bytes(b"half")
    await house.restart(clean=False)
    await house.passes(minutes=1)
    await house.until(lambda: _is_fetched_or_postponed(house))

    assert b"a voice" in [item.file for item in (await house.only_case()).items]
    assert len(list((house.settings.data / "blobs").iterdir())) == 1
