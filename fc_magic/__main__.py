"""``python -m fc_magic`` is ``fc-magic``."""

import sys

from fc_magic.cli import main

if __name__ == "__main__":
    sys.exit(main())
