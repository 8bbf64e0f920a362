"""What a message carries, as an event: the closed set of things we understand, and a polite word for the rest."""

from collections.abc import Callable, Mapping

from bot.core.events import Attachment, Gestured, Located, Said, Sent, Shared
from bot.core.values import MediaKind
from bot.tg.fields import Raw, amount, degrees, number, part, text

Carried = Said | Sent | Located | Shared | Gestured

# An animation comes with a document of the same file, for older programs: the order tells.
_FILES: tuple[tuple[str, MediaKind], ...] = (
    ("voice", "voice"),
    ("audio", "voice"),
    ("video", "video"),
    ("video_note", "video"),
    ("animation", "video"),
    ("document", "document"),
)

SERVICE = frozenset(
    {
        "boost_added",
        "channel_chat_created",
        "chat_background_set",
        "chat_owner_changed",
        "chat_owner_left",
        "chat_shared",
        "checklist_tasks_added",
        "checklist_tasks_done",
        "connected_website",
        "delete_chat_photo",
        "direct_message_price_changed",
        "forum_topic_closed",
        "forum_topic_created",
        "forum_topic_edited",
        "forum_topic_reopened",
        "general_forum_topic_hidden",
        "general_forum_topic_unhidden",
        "giveaway_completed",
        "giveaway_created",
        "group_chat_created",
        "left_chat_member",
        "managed_bot_created",
        "message_auto_delete_timer_changed",
        "migrate_from_chat_id",
        "migrate_to_chat_id",
        "new_chat_members",
        "new_chat_photo",
        "new_chat_title",
        "paid_message_price_changed",
        "passport_data",
        "pinned_message",
        "poll_option_added",
        "poll_option_deleted",
        "proximity_alert_triggered",
        "refunded_payment",
        "suggested_post_approval_failed",
        "suggested_post_approved",
        "suggested_post_declined",
        "suggested_post_paid",
        "suggested_post_refunded",
        "supergroup_chat_created",
        "users_shared",
        "video_chat_ended",
        "video_chat_participants_invited",
        "video_chat_scheduled",
        "video_chat_started",
        "web_app_data",
        "write_access_allowed",
    }
)
"""What Telegram writes into a chat by itself, or what comes of buttons that we have not. Source: Bot API 10.0."""


def carried(message: Raw, *, edited: bool) -> Carried | None:
    """Read what a person sent; None for what only Telegram wrote. What is new to us counts as a gesture."""
    forwarded = "forward_origin" in message
    if isinstance(message.get("text"), str):
        return Said(text=text(message, "text"), edited=edited, forwarded=forwarded)
    if "via_bot" in message:
        return _words_only(message, edited=edited, forwarded=forwarded)
    if found := attachment(message):
        return Sent(
            attachment=found,
            caption=text(message, "caption"),
            album=text(message, "media_group_id") or None,
            edited=edited,
            forwarded=forwarded,
        )
    for name, read in _OTHERS.items():
        if name in message and (event := read(message, edited)):
            return event
    return None if edited or not SERVICE.isdisjoint(message) else Gestured()


def attachment(message: Raw) -> Attachment | None:
    """Read the file a message carries; of a photo the largest size. None if it carries none."""
    for name, kind in _FILES:
        if name in message:
            return _file(part(message, name), kind)
    sizes = message.get("photo")
    if not isinstance(sizes, list):
        return None
    pictures = [size for size in sizes if isinstance(size, dict)]
    return _file(max(pictures, key=_pixels), "photo") if pictures else None


def _file(raw: Raw, kind: MediaKind) -> Attachment | None:
    reference = text(raw, "file_id")
    if not reference:
        return None
    return Attachment(
        file=reference,
        kind=kind,
        name=text(raw, "file_name") or None,
        mime=text(raw, "mime_type") or None,
        size=amount(raw, "file_size"),
        duration=amount(raw, "duration"),
    )


def _pixels(size: Raw) -> tuple[int, int]:
    return (amount(size, "width") or 0) * (amount(size, "height") or 0), amount(size, "file_size") or 0


def _words_only(message: Raw, *, edited: bool, forwarded: bool) -> Carried | None:
    """Of what was sent through another bot take the words alone: its files are not the person's."""
    words = text(message, "caption")
    if words:
        return Said(text=words, edited=edited, forwarded=forwarded)
    return None if edited else Gestured()


def _venue(message: Raw, edited: bool) -> Located | None:
    venue = part(message, "venue")
    title = ", ".join(filter(None, (text(venue, "title"), text(venue, "address"))))
    return _place(part(venue, "location"), title=title, live=edited)


def _location(message: Raw, edited: bool) -> Located | None:
    # The first message of a live location is an answer like any other; its edits are the movements.
    return _place(part(message, "location"), title="", live=edited)


def _place(location: Raw, *, title: str, live: bool) -> Located | None:
    latitude = degrees(location, "latitude", most=90)
    longitude = degrees(location, "longitude", most=180)
    if latitude is None or longitude is None:
        return None
    sharing = not live and "live_period" in location
    return Located(latitude=latitude, longitude=longitude, title=title, live=live, sharing=sharing)


def _contact(message: Raw, edited: bool) -> Shared | None:
    contact = part(message, "contact")
    digits = text(contact, "phone_number")
    if edited or not digits:
        return None
    name = " ".join(filter(None, (text(contact, "first_name"), text(contact, "last_name"))))
    sender = number(part(message, "from"), "id")
    return Shared(number=digits, name=name, own=sender is not None and number(contact, "user_id") == sender)


_OTHERS: Mapping[str, Callable[[Raw, bool], Carried | None]] = {
    "venue": _venue,
    "location": _location,
    "contact": _contact,
}
