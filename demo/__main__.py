"""``python -m demo``: try the made-up municipality by hand."""

import argparse
import datetime as dt
import sys
import threading
from pathlib import Path

from demo import SEED, deliveries, generate
from demo.calendar import TODAY
from demo.server import running


def _serve(port: int, seed: int, as_of: dt.date) -> None:
    with running(generate(seed, as_of), port=port) as server:
        lines = (
            f"SS 12000 server: {server.url}",
            f"token endpoint:  {server.token_url}",
            f"client id:       {server.client_id}",
            f"client secret:   {server.client_secret}",
            f"static token:    {server.token}",
            "Stop with Ctrl-C.",
        )
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()
        threading.Event().wait()


def main(arguments: list[str] | None = None) -> int:
    """Serve the municipality, or write its deliveries to a folder."""
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--as-of", type=dt.date.fromisoformat, default=TODAY)
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="run the SS 12000 server on 127.0.0.1")
    serve.add_argument("--port", type=int, default=8012)
    write = commands.add_parser("deliveries", help="write one file per kind of delivery")
    write.add_argument("folder", type=Path)
    given = parser.parse_args(arguments)
    if given.command == "serve":
        try:
            _serve(given.port, given.seed, given.as_of)
        except KeyboardInterrupt:
            return 0
    else:
        for path in deliveries.write(generate(given.seed, given.as_of), given.folder):
            sys.stdout.write(f"{path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
