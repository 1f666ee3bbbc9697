"""The command line's door; `python -m daemon` and `comove` are the same."""

from __future__ import annotations

import sys

from daemon.cli.app import run


def main() -> None:
    """Run the command that the arguments name, and exit with its code."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
