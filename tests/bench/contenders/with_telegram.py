"""The intake on python-telegram-bot, as its documentation and examples write a conversation that survives restarts."""

from warnings import filterwarnings

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    ConversationHandler,
    MessageHandler,
    PicklePersistence,
    filters,
)
from telegram.warnings import PTBUserWarning

from tests.bench.contenders.plan import API, CARD, FOLDER, GROUP, SCREENS, TOKEN

LAST = len(SCREENS) - 1


def keyboard(number: int) -> InlineKeyboardMarkup:
    """Give the buttons of a screen."""
    return InlineKeyboardMarkup(
        [
            [InlineKeyboardButton(label, callback_data=f"{number}:{row}:{at}") for at, label in enumerate(labels)]
            for row, labels in enumerate(SCREENS[number][1])
        ]
    )


async def start(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    """Show the first screen."""
    assert update.message and context.user_data is not None
    context.user_data.clear()
    sent = await update.message.reply_text(SCREENS[0][0], reply_markup=keyboard(0))
    context.user_data["screen"] = sent.message_id
    return 0


async def pressed(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    """Take a press and change the screen into the next."""
    query = update.callback_query
    assert query and context.user_data is not None
    await query.answer()
    number, _, answer = (query.data or "").partition(":")
    context.user_data[number] = answer
    following = int(number) + 1
    await query.edit_message_text(SCREENS[following][0], reply_markup=keyboard(following))
    return await _gone_on(following, context)


def written(number: int) -> MessageHandler[ContextTypes.DEFAULT_TYPE, object]:
    """Take words in answer to a screen: send the next one, delete the old one."""

    async def take(update: Update, context: ContextTypes.DEFAULT_TYPE) -> object:
        assert update.message and update.effective_chat and context.user_data is not None
        context.user_data[str(number)] = update.message.text
        sent = await update.message.reply_text(SCREENS[number + 1][0], reply_markup=keyboard(number + 1))
        await context.bot.delete_message(update.effective_chat.id, context.user_data["screen"])
        context.user_data["screen"] = sent.message_id
        return await _gone_on(number + 1, context)

    return MessageHandler(filters.TEXT & ~filters.COMMAND, take)


async def _gone_on(number: int, context: ContextTypes.DEFAULT_TYPE) -> int:
    if number < LAST:
        return number
    await context.bot.send_message(GROUP, CARD)
    return ConversationHandler.END


def main() -> None:
    """Poll until stopped."""
    application = (
        Application.builder()
        .token(TOKEN)
        .base_url(f"{API}/bot")
        .persistence(PicklePersistence(filepath=FOLDER / "conversations.pickle"))
        .build()
    )
    filterwarnings("ignore", category=PTBUserWarning)  # presses are tracked by chat here, as is meant
    application.add_handler(
        ConversationHandler(
            entry_points=[CommandHandler("start", start)],
            states={
                number: [CallbackQueryHandler(pressed, pattern=f"^{number}:"), written(number)]
                for number in range(LAST)
            },
            fallbacks=[CommandHandler("start", start)],
            name="intake",
            persistent=True,
        )
    )
    application.run_polling(allowed_updates=Update.ALL_TYPES)


if __name__ == "__main__":
    main()
