"""What Prometheus reads: how much waits and since when, what happened, what the process uses. Nothing of any person.

Labels come from closed sets: urgencies, methods of the Bot API that we call, kinds of failure, codes of alarms.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.service.rows import Backlog, Readings
from bot.service.vitals import Counts, Vitals


async def metrics(vitals: Vitals) -> bytes:
    """Give everything in Prometheus' text format. Of a store that does not answer it tells that, and no figures."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(_Now(vitals, await vitals.readings()))
    return generate_latest(registry)


@dataclass(frozen=True, eq=False)
class _Now(Collector):
    """One moment's figures."""

    vitals: Vitals
    readings: Readings | None

    def collect(self) -> Iterable[Metric]:
        """Give them."""
        heard = self.vitals.unheard()
        if heard is not None:
            about = "Seconds since receiving from Telegram last worked"
            yield GaugeMetricFamily("helpline_received_last_seconds", about, value=heard.total_seconds())
        yield from _happened(self.vitals.counts())
        answers = self.readings is not None
        yield GaugeMetricFamily("helpline_store_answers", "1 if the store can be read", value=answers)
        if self.readings is not None:
            yield from self._waiting(self.readings)

    def _waiting(self, now: Readings) -> Iterable[Metric]:
        yield from self._backlogs("inbox", "updates, timers and orders to be decided", {"": now.inbox})
        yield from self._backlogs("outbox", "answers and cards on their way", {"": now.outbox})
        untaken = {str(urgency): backlog for urgency, backlog in now.untaken.items()}
        yield from self._backlogs("untaken", "cases that nobody has taken", untaken, labels=["urgency"])
        yield GaugeMetricFamily("helpline_inbox_aside", "Updates that could not be decided", value=now.aside)

    def _backlogs(
        self, name: str, what: str, backlogs: Mapping[str, Backlog], *, labels: Sequence[str] = ()
    ) -> Iterable[Metric]:
        waiting = GaugeMetricFamily(f"helpline_{name}_waiting", f"How many (at most 10000): {what}", labels=labels)
        oldest = GaugeMetricFamily(f"helpline_{name}_oldest_seconds", f"Age of the oldest: {what}", labels=labels)
        for label, backlog in backlogs.items():
            waiting.add_metric([label] if labels else [], backlog.count)
            oldest.add_metric([label] if labels else [], self.vitals.age(backlog).total_seconds())
        yield from (waiting, oldest)


def _happened(counts: Counts) -> Iterable[Metric]:
    yield CounterMetricFamily("helpline_updates_received", "Updates committed to the inbox", value=counts.received)
    yield CounterMetricFamily("helpline_inbox_decided", "Updates, timers and orders decided", value=counts.decided)
    calls = CounterMetricFamily("helpline_calls", "Calls of the Bot API", labels=["method", "outcome"])
    for (method, outcome), n in counts.calls.items():
        calls.add_metric([method, outcome], n)
    alarms = CounterMetricFamily("helpline_alarms", "Alarms raised", labels=["code"])
    for code, n in counts.alarms.items():
        alarms.add_metric([code], n)
    yield from (calls, alarms)
