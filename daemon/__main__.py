"""The command line's door; `python -m daemon` and `comove` are the same."""

from __future__ import annotations

import os
import sys

for _library in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    # Our matrices are small: threads would only compete. To be said before numpy is loaded.
    os.environ.setdefault(_library, "1")


def main() -> None:
    """Run the command that the arguments name, and exit with its code."""
    from daemon.cli.app import run  # noqa: PLC0415  # after the environment is set

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
