"""The intake on aiogram: its finite-state machine with one state a question; the finished record goes to SQLite."""

import asyncio
import json

import aiosqlite
from aiogram import Bot, Dispatcher, F
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import CommandStart
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message

from tests.bench.contenders.plan import API, CARD, FOLDER, GROUP, SCREENS, TOKEN

LAST = len(SCREENS) - 1


class Intake(StatesGroup):
    """Where somebody stands."""

    s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, s12 = (State() for _ in range(13))


STATES: list[State] = [getattr(Intake, f"s{number}") for number in range(len(SCREENS))]
NAMES = [one.state for one in STATES]
dispatcher = Dispatcher()


def keyboard(number: int) -> InlineKeyboardMarkup:
    """Give the buttons of a screen."""
    return InlineKeyboardMarkup(
        inline_keyboard=[
            [InlineKeyboardButton(text=label, callback_data=f"{number}:{row}:{at}") for at, label in enumerate(labels)]
            for row, labels in enumerate(SCREENS[number][1])
        ]
    )


@dispatcher.message(CommandStart())
async def start(message: Message, state: FSMContext) -> None:
    """Show the first screen."""
    await state.set_state(STATES[0])
    sent = await message.answer(SCREENS[0][0], reply_markup=keyboard(0))
    await state.set_data({"screen": sent.message_id})


async def pressed(query: CallbackQuery, state: FSMContext, bot: Bot, database: aiosqlite.Connection) -> None:
    """Take a press and change the screen into the next; the state goes first, because quick people press at once."""
    number, _, answer = query.data.partition(":")
    following = int(number) + 1
    await state.update_data({number: answer})
    await state.set_state(STATES[following])
    await query.answer()
    await query.message.edit_text(SCREENS[following][0], reply_markup=keyboard(following))
    if following == LAST:
        await finish(state, bot, database)


async def written(message: Message, state: FSMContext, bot: Bot) -> None:
    """Take words in answer to a screen: send the next one, delete the old one."""
    number = NAMES.index(await state.get_state())
    data = await state.update_data({str(number): message.text})
    await state.set_state(STATES[number + 1])
    sent = await message.answer(SCREENS[number + 1][0], reply_markup=keyboard(number + 1))
    await state.update_data(screen=sent.message_id)
    await bot.delete_message(message.chat.id, data["screen"])


async def finish(state: FSMContext, bot: Bot, database: aiosqlite.Connection) -> None:
    """Store the record and tell the group."""
    answers = json.dumps(await state.get_data())
    await database.execute("INSERT INTO records (person, answers) VALUES (?, ?)", (state.key.user_id, answers))
    await database.commit()
    await state.clear()
    await bot.send_message(GROUP, CARD)


for at, one in enumerate(STATES):
    dispatcher.callback_query.register(pressed, one, F.data.startswith(f"{at}:"))
    dispatcher.message.register(written, one, F.text)


async def main() -> None:
    """Poll until stopped."""
    bot = Bot(TOKEN, session=AiohttpSession(api=TelegramAPIServer.from_base(API)))
    async with aiosqlite.connect(FOLDER / "records.db") as database:
        await database.execute("CREATE TABLE records (id INTEGER PRIMARY KEY, person INTEGER, answers TEXT)")
        await dispatcher.start_polling(bot, database=database)


if __name__ == "__main__":
    asyncio.run(main())
