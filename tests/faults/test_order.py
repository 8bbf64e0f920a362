"""Order within a chat, over random schedules."""

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from bot.core.content import Content
from tests.faults.conftest import Report
from tests.faults.order import Schedule

SCHEDULES = 60
STEPS = 25


def _schedule(content: Content) -> Schedule:
    class Here(Schedule):
        pass

    Here.content = content
    return Here()


def test_what_a_dead_process_showed_comes_before_what_follows(content: Content) -> None:
    """The schedule that once brought an old question back over the new one."""
    schedule = _schedule(content)
    schedule.open()
    schedule.writes(1, "/start")
    schedule.decides()
    schedule.writes(1, "help")
    schedule.crashes()
    schedule.teardown()


def test_order_holds_over_random_schedules(content: Content, report: Report) -> None:
    """Whatever comes, ends, fails or dies in whatever order: each chat is led on in order, and hide hides."""

    chosen = settings(
        max_examples=SCHEDULES,
        stateful_step_count=STEPS,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(lambda: _schedule(content), settings=chosen)
    report(f"order: {SCHEDULES} random schedules of up to {STEPS} steps")
