"""What profile found, as tables for a terminal and as JSON.

Imports the standard library, and rich when it shows tables.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from ..freqtrade_integration.profile_process import Call, Profile
from ..freqtrade_integration.profile_run import missing
from . import here, screen
from .profile_advice import advice
from .tables import narrow_table

if TYPE_CHECKING:
    from rich.table import Table

# Calls of a file that are shown without --all, and what is too little to be one of them.
SHOWN = 15
LEAST_SHARE = 0.001
# Of an advice.
PLACES = 6

_REPLACED = {"yes": ("would be", "is"), "partly": ("partly", "partly"), "no": ("not here",) * 2}
_OF_FREQTRADE = "informative_decorator.py"
_VERSIONS = ("freqtrade", "pandas", "TA-Lib", "technical")


def as_json(profile: Profile) -> str:
    """The whole of it; times are seconds, shares of all of them."""
    return json.dumps(
        {
            "strategy": profile.strategy,
            "file": profile.file,
            "accelerated": profile.accelerated,
            "timeframe": profile.timeframe,
            "pairs": profile.pairs,
            "candles": profile.candles,
            "versions": here.versions(),
            "kernels": here.kernels(),
            "seconds": profile.seconds,
            "methods": [
                {**asdict(method), "share": _share(profile, method.seconds)}
                for method in profile.methods
            ],
            "freqtrade": profile.freqtrade,
            "calls": [
                {**asdict(call), "share": _share(profile, call.seconds)} for call in profile.calls
            ],
            "advice": [
                {
                    "title": one.title,
                    "instead": one.instead,
                    "seconds": one.seconds,
                    "share": _share(profile, one.seconds),
                    "places": [f"{call.file}:{call.line}" for call in one.calls],
                }
                for one in advice(profile)
            ],
            "replaceable": _replaceable(profile),
            "missing": profile.missing,
            "warnings": profile.warnings,
            "status": profile.status.splitlines(),
        },
        indent=2,
    )


def show(profile: Profile, *, everything: bool = False) -> None:
    """Print the profile; of each file the calls that take longest, or ``everything``."""
    from rich.text import Text

    console = screen.console()
    console.print(screen.labelled(_about(profile)))
    console.print()
    console.print(_methods(profile))
    for file in dict.fromkeys(call.file for call in profile.calls):
        calls = [call for call in profile.calls if call.file == file]
        table = _calls(profile, file, calls, everything)
        if table is not None:
            console.print(table)
    if own := [call for call in profile.calls if _is_own(call)]:
        console.print(_own_functions(profile, own))
    screen.print_items(console, "What to write instead", _advice(profile))
    screen.print_items(console, "Not replaced here", _reasons(profile).items())
    if profile.missing:
        console.print(Text(missing(profile), style="yellow"))
    screen.print_items(console, "freqtrade warned", ((text, "") for text in profile.warnings))
    console.print(_verdict(profile))


def _about(profile: Profile) -> dict[str, str]:
    pairs = screen.plural(len(profile.pairs), "pair")
    code = "accelerated, " + here.kernels_line() if profile.accelerated else "stock"
    if profile.accelerated and profile.status.startswith("ft-numba-aot is off"):
        code = profile.status.partition("\n")[0]
    about = {
        "strategy": f"{profile.strategy}, {profile.file}",
        "candles": f"{profile.candles:,} of {pairs}, {profile.timeframe}",
        "versions": here.versions_line(_VERSIONS),
        "code": code,
    }
    if sys.version_info < (3, 12):
        about["times"] = "longer than unwatched: Python 3.12 and later watch at less cost"
    return about


def _share(profile: Profile, seconds: float) -> float:
    return seconds / profile.seconds if profile.seconds else 0.0


def _percent(profile: Profile, seconds: float) -> str:
    return f"{100 * _share(profile, seconds):.1f}%"


def _methods(profile: Profile) -> Table:
    from rich.text import Text

    table = narrow_table("By method, with all that it calls", ("", "calls", "time", "share"))
    for method in profile.methods:
        time, share = screen.duration(method.seconds), _percent(profile, method.seconds)
        table.add_row(Text(method.name), f"{method.calls:,}", time, share)
    if informative := sum(call.seconds for call in profile.calls if _of_freqtrade(call)):
        time, share = screen.duration(informative), _percent(profile, informative)
        table.add_row("freqtrade, for @informative", "", time, share, style="dim")
    rest = profile.freqtrade
    time, share = screen.duration(rest), _percent(profile, rest)
    table.add_row("freqtrade around them", "", time, share, style="dim")
    table.add_section()
    table.add_row(
        "together", "", screen.duration(profile.seconds), _percent(profile, profile.seconds)
    )
    return table


def _cells(profile: Profile, call: Call) -> list[str]:
    replaced = _REPLACED.get(call.replaced, ("-", "-"))[profile.accelerated]
    return [
        call.text,
        f"{call.calls:,}" if call.calls else "",
        screen.duration(call.seconds, ""),
        _percent(profile, call.seconds),
        f"{call.line}",
        "is" if call.imported else replaced if call.kind == "call" else "",
    ]


def _calls(profile: Profile, file: str, calls: Sequence[Call], everything: bool) -> Table | None:
    from rich.text import Text

    path = Path(file)
    title = f"By call, in {path.name}"
    if any(map(_of_freqtrade, calls)):
        title = "By call, in freqtrade, for @informative"
    table = narrow_table(title, ("", "calls", "time", "share", "line", "replaced"))
    large = [call for call in calls if _share(profile, call.seconds) >= LEAST_SHARE]
    shown = list(calls) if everything else large[:SHOWN]
    for call in shown:
        cells = [Text(cell) for cell in _cells(profile, call)]
        if call.kind == "statement":
            cells[0].stylize("dim")
        table.add_row(*cells)
    rest = [call for call in calls if call not in shown]
    if not shown:
        return None
    if rest:
        seconds = sum(call.seconds for call in rest)
        more = f"{len(rest)} more, see --all"
        time, share = screen.duration(seconds, ""), _percent(profile, seconds)
        table.add_row(Text(more), "", time, share, "", "", style="dim")
    return table


def _of_freqtrade(call: Call) -> bool:
    return Path(call.file).name == _OF_FREQTRADE


def _is_own(call: Call) -> bool:
    if _of_freqtrade(call):
        return False
    return call.kind == "call" and call.inner > 0 and not call.name.startswith("builtins:")


def _own_functions(profile: Profile, calls: Iterable[Call]) -> Table:
    from rich.text import Text

    table = narrow_table(
        "The strategy's own functions, with all that they call",
        ("", "calls", "time", "share", "line"),
    )
    for call in sorted(calls, key=lambda call: -call.inner)[:SHOWN]:
        whole = call.seconds + call.inner
        time, share = screen.duration(whole, ""), _percent(profile, whole)
        table.add_row(Text(call.text), f"{call.calls:,}", time, share, f"{call.line}")
    return table


def _advice(profile: Profile) -> list[tuple[str, str]]:
    found = []
    for one in advice(profile):
        lines = list(dict.fromkeys(_place(profile, call) for call in one.calls))
        places = ", ".join(lines[:PLACES]) + (" …" if len(lines) > PLACES else "")
        word = "line" if len(lines) == 1 else "lines"
        title = f"{one.title}: {_percent(profile, one.seconds)}, {word} {places}"
        found.append((title, one.instead))
    return found


def _place(profile: Profile, call: Call) -> str:
    return f"{call.line}" if call.file == profile.file else f"{Path(call.file).name}:{call.line}"


def _reasons(profile: Profile) -> dict[str, str]:
    """Why what has a replacement doesn't run as that, by function."""
    return {call.name.replace(":", "."): call.reason for call in profile.calls if call.reason}


def _replaceable(profile: Profile) -> float:
    """The seconds of what is replaced, or would be."""
    return sum(call.seconds for call in profile.calls if call.replaced in ("yes", "partly"))


def _verdict(profile: Profile) -> str:
    share = _percent(profile, _replaceable(profile))
    if profile.accelerated:
        whole = sum(call.seconds for call in profile.calls if call.replaced == "yes")
        share = _percent(profile, whole)
        whose = "the strategy's, pandas' and freqtrade's"
        return f"[bold]{share} of what is left is ft-numba-aot's; the rest is {whose}.[/]"
    if not _replaceable(profile):
        return "[bold]ft-numba-aot replaces nothing that this strategy calls.[/]"
    return f"[bold]ft-numba-aot replaces what takes {share} of it:[/] see --accelerated."
