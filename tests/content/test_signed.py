"""What humans sign off: which sentences wait for it, approvals and recordings on disk, and what a change undoes."""

from datetime import date
from pathlib import Path

import pytest

from bot.content.signed import APPROVED, HEADER, VOICE, approve, missing_sign_offs, opus_seconds, read_approvals
from bot.core.errors import AuthorError
from bot.core.signing import Missing, recordings, sentences
from tests.content.conftest import KM, TODAY, Tree

FLOW = "flows/danger.yaml"


def opus(seconds: float) -> bytes:
    """Give as much of a recording in OGG/Opus as tells its length: two pages, and 312 samples to be skipped."""
    skip = 312

    def page(position: int, body: bytes) -> bytes:
        return b"OggS\0\0" + position.to_bytes(8, "little", signed=True) + bytes(12) + b"\x01\x01" + body

    head = b"OpusHead\x01\x01" + skip.to_bytes(2, "little") + bytes(7)
    return page(0, head) + page(round(seconds * 48_000) + skip, b"sound")


def missing(tree: Tree) -> Missing:
    """Find what waits for a human."""
    return missing_sign_offs(tree.load(), tree.root)


def approve_all(tree: Tree) -> None:
    """Let a reader approve everything."""
    for one in sentences(tree.load()):
        approve(tree.root, one, reader="Sophea", on=TODAY)


def test_what_waits_is_said_by_the_content(tree: Tree) -> None:
    """A whole flow but for the steps that name another kind, single steps with their labels, and phrases."""
    kinds = {one.context: one.kind for one in missing(tree).unapproved}

    assert (
        kinds["danger"] == kinds["danger.place"] == kinds["danger.place.name"] == kinds["phrases.closing"] == "danger"
    )
    assert (kinds["help.safe"], kinds["help.keep"], kinds["start.menu"]) == ("hide", "consent", "notice")
    assert {"help.country", "unpaid.passport", "phrases.trial", "start"}.isdisjoint(kinds)


def test_what_was_approved_waits_no_more(tree: Tree) -> None:
    """Each sentence by itself, with who read it and when."""
    (first, *others) = missing(tree).unapproved
    approve(tree.root, first, reader="Sophea", on=TODAY)

    assert missing(tree).unapproved == tuple(others)
    assert [(one.reader, one.on) for one in read_approvals(tree.root)] == [("Sophea", TODAY)]
    assert tree.read(APPROVED).startswith(f"{HEADER}\n")


@pytest.mark.parametrize("file", [FLOW, KM])
def test_changed_words_are_marked_for_another_look(tree: Tree, file: str) -> None:
    """A later correction of the English or of the Khmer undoes the approval of that sentence, and of no other."""
    approve_all(tree)
    khmer = tree.load().words["danger.place", "Where are you?"]
    if file == FLOW:
        tree.replace(FLOW, "ask: Where are you?", "ask: Where are you now?")
        tree.translate()
        path = tree.root / KM
        found = tree.load().words["danger.place", "Where are you now?"]
        path.write_text(path.read_text("utf-8").replace(f'"{found}"', f'"{khmer}"'), "utf-8")
    else:
        tree.replace(KM, f'msgid "Where are you?"\nmsgstr "{khmer}"', f'msgid "Where are you?"\nmsgstr "{khmer}?"')
    waits = missing(tree)

    assert [one.context for one in waits.changed] == ["danger.place"] and not waits.unapproved


def test_who_reads_it_again_takes_the_place_of_who_read_it_before(tree: Tree) -> None:
    """There is one approval for a sentence, the last."""
    (first, *_) = missing(tree).unapproved
    for reader in ("Sophea", "Rithy"):
        approve(tree.root, first, reader=reader, on=TODAY)

    assert [one.reader for one in read_approvals(tree.root)] == ["Rithy"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "context\treader\n",
        f"{HEADER}\nstart.menu\ta\n",
        f"{HEADER}\na\tb\tc\t \t2026-01-01\n",
        f"{HEADER}\na\tb\tc\td\tno\n",
    ],
    ids=["empty", "another header", "too few", "nobody", "no day"],
)
def test_an_approval_that_cannot_be_read_is_refused(tree: Tree, text: str) -> None:
    """With its line: an approval by nobody is none."""
    tree.write(APPROVED, text)
    with pytest.raises(AuthorError, match=rf"^{APPROVED}:[12]: "):
        missing(tree)


def test_a_screen_is_spoken_in_one_go_with_its_choices(tree: Tree) -> None:
    """Its file is named by its words; labels of buttons alone, titles and what is filled in are not spoken."""
    wanted = {one.context: one for one in recordings(tree.load())}

    assert set(wanted) == {
        "start.menu", "help.safe", "help.keep", "contact.contact", "contact.hours", "danger.place", "danger.submit3",
        "stop.menu",
    }  # fmt: skip
    assert wanted["help.keep"].spoken.count("\n") == 2


def test_a_recording_counts_for_the_very_words(tree: Tree) -> None:
    """Once the words are others, so is the name that is wanted."""
    before = next(one for one in missing(tree).unrecorded if one.context == "danger.place")
    tree.write(f"{VOICE}/{before.file}", opus(3.5))
    assert before not in missing(tree).unrecorded
    tree.replace(KM, f'"{before.spoken}"', f'"{before.spoken}?"')

    after = next(one for one in missing(tree).unrecorded if one.context == "danger.place")
    assert after.file != before.file and after.file.startswith("danger.place-")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"OggS",
        b"ID3" + opus(3),
        opus(0.4),
        opus(61),
        opus(3) + bytes(1 << 20),
        opus(3).replace(b"OpusHead", b"vorbis.."),
    ],
    ids=["empty", "cut", "MP3", "too short", "too long", "too large", "Vorbis"],
)
def test_what_is_no_voice_message_is_no_recording(tree: Tree, data: bytes) -> None:
    """OGG/Opus, from 1 to 60 seconds, at most 1 MiB: what Telegram plays as a voice message."""
    wanted = missing(tree).unrecorded
    tree.write(f"{VOICE}/{wanted[0].file}", data)

    assert missing(tree).unrecorded == wanted


def test_the_length_of_a_recording_is_told() -> None:
    """In seconds; what an encoder put in front does not count."""
    assert opus_seconds(opus(2.5)) == 2.5


@pytest.mark.parametrize(
    ("country", "directory", "left"),
    [
        ("", "[]", ("TH",)),
        (', no_number: {why: Not asked yet, day: "2026-11-22"}', "[]", ()),
        ("", "reported", ("TH",)),
        ("", "published", ()),
    ],
    ids=["nothing", "a reason", "a number nobody may see", "a published emergency number"],
)
def test_a_country_has_an_emergency_number_or_a_reason(
    tree: Tree, country: str, directory: str, left: tuple[str, ...]
) -> None:
    """At sea there is none to have; a number counts once people would be shown it."""
    row = f'{{id: th, country: TH, name: Police, number: "191", status: {directory}, emergency: true, source: Own}}'
    tree.replace("flows/tables/countries.yaml", ", siam]}", f", siam]{country}}}")
    tree.write("flows/tables/directory.yaml", "[]\n" if directory == "[]" else f"- {row}\n")
    tree.translate()

    assert missing(tree).countries == left


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("flows/help.yaml", "    sign_off: consent\n", "", "`keep` does `discard`, and its sentences wait for nobody"),
        ("flows/help.yaml", "sign_off: hide", "sign_off: hidden", "Did you mean `hide`?"),
        ("flows/start.yaml", "    sign_off: notice\n", "", "Nothing waits for a sign-off as `notice`"),
        ("flows/phrases.yaml", "danger: [closing]", "danger: [closin]", "Did you mean `closing`?"),
        ("flows/phrases.yaml", "danger: [closing]", "dangers: [closing]", "Did you mean `danger`?"),
        ("flows/phrases.yaml", "danger: [closing]", "danger: [closing], hide: [closing]", "`closing` is of two kinds"),
        ("flows/tables/countries.yaml", ", siam]}", ", siam], no_number: {why: Not yet}}", "`day` is missing"),
    ],
)
def test_what_should_wait_cannot_be_forgotten(tree: Tree, file: str, old: str, new: str, says: str) -> None:
    """A question that hides, keeps or deletes names its kind, and each kind has its sentences."""
    assert any(says in fault for fault in tree.check(file, old, new))


def test_shipped_approvals_can_be_read() -> None:
    """Whoever approved something is named, with a day that has come."""
    root = Path(__file__).parents[2]
    assert all(one.on <= date.today() for one in read_approvals(root))  # noqa: DTZ011 - a reader's own day
