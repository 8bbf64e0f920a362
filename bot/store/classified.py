"""What each column would tell a thief of the database. A column that is not listed here fails a test.

clear      in clear with a case or its delivery; ARCHITECTURE, What is in clear, lists these and no others
technical  opaque or no one's business: keyed indexes, ids, public keys, revisions, the helpline's own settings
statistic  counts without any path to a case or chat
sealed     opened only with a recipient's secret or passphrase, which the running bot does not have
closed     opened with the server key, which is in no backup and not in this folder
"""

from typing import Literal

Secrecy = Literal["clear", "technical", "statistic", "sealed", "closed"]

CLASSIFIED: dict[str, dict[str, Secrecy]] = {
    "inbox": {
        "id": "technical",
        "lane": "technical",
        "source": "technical",
        "key": "technical",
        "first": "technical",
        "body": "closed",
        "state": "technical",
        "tries": "technical",
        "received_at": "technical",
    },
    "conversations": {"lane": "technical", "body": "closed", "chat": "closed", "updated_at": "technical"},
    "cases": {
        "seq": "technical",
        "id": "technical",
        "number": "clear",
        "lane": "technical",
        "state": "clear",
        "mark": "clear",
        "urgency": "clear",
        "country": "clear",
        "created_at": "clear",
        "updated_at": "clear",
        "assignee": "clear",
        "contact": "clear",
        "language": "clear",
        "unheard": "clear",
        "rev": "technical",
        "public_key": "technical",
        "closed_at": "clear",
        "held_at": "clear",
    },
    "wraps": {"case_id": "technical", "recipient": "technical", "wrap": "sealed"},
    "records": {
        "seq": "technical",
        "id": "technical",
        "case_id": "technical",
        "sealed": "sealed",
        "at": "clear",
        "media": "clear",
        "opened_at": "clear",
        "blob": "technical",
        "described": "sealed",
    },
    "fetches": {
        "record": "technical",
        "case_id": "technical",
        "source": "closed",
        "due": "clear",
        "tries": "clear",
        "since": "clear",
    },
    "timers": {
        "id": "technical",
        "lane": "technical",
        "name": "clear",
        "case_id": "technical",
        "due": "clear",
        "rev": "technical",
    },
    "outbox": {
        "id": "technical",
        "key": "technical",
        "lane": "technical",
        "chat": "closed",
        "kind": "clear",
        "body": "closed",
        "due": "clear",
        "priority": "clear",
        "state": "clear",
        "initiative": "clear",
        "case_id": "technical",
        "tries": "clear",
        "lease": "technical",
        "lease_until": "technical",
        "made_at": "clear",
    },
    "ledger": {
        "id": "technical",
        "lane": "technical",
        "message": "closed",
        "at": "clear",
        "live": "clear",
        "mine": "clear",
    },
    "cards": {"chat": "technical", "message": "technical", "case_id": "technical", "token": "technical"},
    "operators": {"id": "technical", "name": "technical", "role": "technical", "started": "technical"},
    "recipients": {"id": "technical", "public_key": "technical", "wrapped": "sealed", "active": "technical"},
    "invites": {"operator": "technical", "token": "technical", "expires_at": "technical"},
    "counters": {"name": "statistic", "labels": "statistic", "day": "statistic", "n": "statistic"},
    "alarms": {"code": "technical", "raised_at": "technical", "n": "technical"},
    "facts": {"key": "technical", "value": "technical"},
}
