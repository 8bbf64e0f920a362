"""Every method of the Bot API that the sandbox knows, by its name in lower case."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from bot.sandbox import edits, lookups, sends
from bot.sandbox.calls import Call
from bot.sandbox.refusals import RefusedError
from bot.sandbox.world import World

Method: TypeAlias = Callable[[World, Call], object]

# Receiving is not here: getUpdates and the webhook wait, and live with the queue.
METHODS: Mapping[str, Method] = {
    "getme": lookups.get_me,
    "sendmessage": sends.send_message,
    "sendphoto": sends.send_file,
    "sendvoice": sends.send_file,
    "senddocument": sends.send_file,
    "sendvideo": sends.send_file,
    "sendaudio": sends.send_file,
    "sendvideonote": sends.send_file,
    "sendlocation": sends.send_location,
    "copymessage": sends.copy_message,
    "forwardmessage": sends.forward_message,
    "sendchataction": sends.send_chat_action,
    "editmessagetext": edits.edit_message_text,
    "editmessagecaption": edits.edit_message_caption,
    "editmessagereplymarkup": edits.edit_message_reply_markup,
    "deletemessage": edits.delete_message,
    "deletemessages": edits.delete_messages,
    "answercallbackquery": edits.answer_callback_query,
    "getfile": lookups.get_file,
    "getchat": lookups.get_chat,
    "getchatmember": lookups.get_chat_member,
    "getchatadministrators": lookups.get_chat_administrators,
    "getchatmembercount": lookups.get_chat_member_count,
    "leavechat": lookups.leave_chat,
    "setmycommands": lookups.set_commands,
    "getmycommands": lookups.get_commands,
    "setmyname": lookups.set_profile,
    "getmyname": lookups.get_profile,
    "setmydescription": lookups.set_profile,
    "getmydescription": lookups.get_profile,
    "setmyshortdescription": lookups.set_profile,
    "getmyshortdescription": lookups.get_profile,
    "deletemycommands": lookups.nod,
    "setmydefaultadministratorrights": lookups.nod,
    "setchatmenubutton": lookups.nod,
    "answerinlinequery": lookups.nod,
    "setmessagereaction": lookups.nod,
    "logout": lookups.nod,
    "close": lookups.nod,
}


def perform(world: World, call: Call) -> object:
    """Do one call and give its result.

    Raises: RefusedError, as Telegram would refuse.
    """
    method = METHODS.get(call.method)
    if method is None:
        raise RefusedError(404, "Not Found: method not found")
    return method(world, call)
