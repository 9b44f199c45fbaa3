"""`python -m bot` is the `copy-backup` command."""

import sys

from bot.cli import main

sys.exit(main())
