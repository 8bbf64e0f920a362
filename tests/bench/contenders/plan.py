"""What a contender is told: address, token, the screens to show. Standard library only: each has its own packages."""

import json
import os
from pathlib import Path
from typing import Any

PLAN: dict[str, Any] = json.loads(Path(os.environ["CONTENDER_PLAN"]).read_text(encoding="utf-8"))
TOKEN: str = PLAN["token"]
API: str = PLAN["api"]
GROUP: int = PLAN["group"]
CARD: str = PLAN["card"]
SCREENS: list[tuple[str, list[list[str]]]] = [(turn["text"], turn["rows"]) for turn in PLAN["turns"]]
"""The text of each screen and its rows of labels, in order; the last one ends the intake."""
FOLDER = Path(PLAN["folder"])
"""An empty folder to keep things in."""
