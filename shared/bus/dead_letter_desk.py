"""The operator's command for dead letters: list them, replay one or all."""

import argparse
import sys
from collections.abc import Sequence

from shared.bus.receiver import Receiver
from shared.db import dead_letters
from shared.db.engine import reading


def main(receiver: Receiver, arguments: Sequence[str]) -> None:
    """`dead-letters` lists what died and why; `--replay ID` or `--replay all` handles it again."""
    runner = receiver.runner
    parser = argparse.ArgumentParser(prog=f"python -m services.{runner.service} dead-letters")
    parser.add_argument("--replay", metavar="ID", help="a message's id, or 'all'")
    wanted: str | None = parser.parse_args(arguments).replay
    with reading(runner.sessions) as session:
        letters = dead_letters.listed(session)
    for letter in letters:
        said = f"{letter.died_at:%Y-%m-%d %H:%M:%S}Z  {letter.message_id}  {letter.type}  from {letter.origin}: {letter.reason}"
        if wanted in (letter.message_id, "all"):
            said += f"  -> {receiver.replay(dead_letters.message_of(letter))}"
        sys.stdout.write(said + "\n")
    sys.stdout.write(f"{runner.service}: {len(letters)} dead letters\n")
