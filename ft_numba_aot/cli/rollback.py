"""``ft-numba-aot rollback`` in the list of subcommands. Imports the standard library.

The console command doesn't come here: ``_ft_numba_aot_rollback`` starts it, and does this work
before anything that may be broken is imported.
"""

from __future__ import annotations

from _ft_numba_aot_rollback import SUMMARY, add_options, run

from .command import Command

COMMAND = Command("rollback", SUMMARY, add_options, run)
