"""What status found, as tables for a terminal and as JSON.

Imports the standard library, freqtrade when it looks, and rich when it shows tables.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from .. import activation
from ..freqtrade_integration import inspection, table
from ..freqtrade_integration.status import Part, Status, by_library
from ..runtime import configuration, folders, talib_install
from ..runtime.alerts import Alert
from ..runtime.configuration import Settings
from ..runtime.manager import get_numba_manager
from . import here, screen
from .tables import new_table

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

EVERY_PHASE = "every phase"


@dataclass(frozen=True, slots=True)
class Report:
    """What is active with these settings, in this environment.

    ``unused`` are parts that nothing here has a use for, ``refused`` TA-Lib's functions by the
    reason for which they are TA-Lib's own.
    """

    settings: Settings
    config: Sequence[str]
    status: Status
    unused: dict[str, str]
    refused: dict[str, list[str]]
    alerts: Sequence[Alert]

    @property
    def complete(self) -> bool:
        """Whether everything that is enabled is active."""
        if not self.settings.modules:
            return True
        return self.status.complete and not self.refused


def inspect(config: Sequence[str], phase: str | None) -> Report:
    """Enable what freqtrade would be given, and look at it.

    ``ConfigurationError`` and ``UnreadableConfiguration`` say what of the configuration is wrong.
    """
    # What would be logged is in the report.
    logging.getLogger("ft_numba_aot").addHandler(logging.NullHandler())
    block = inspection.block(config)
    if phase is not None and (block is None or isinstance(block, Mapping)):
        block = {**(block or {}), "optimization_phase": phase}
        block.pop("enabled_modules", None)
    settings = configuration.read(block)
    status, unused = inspection.enable_all(settings)
    refused: dict[str, list[str]] = {}
    if status.enabled and settings.covers("indicators"):
        for name, reason in talib_install.reasons().items():
            if name != talib_install.ALL:
                refused.setdefault(reason, []).append(name)
    alerts = get_numba_manager().alerts.sent()
    return Report(settings, config, status, unused, refused, alerts)


def as_json(report: Report) -> str:
    """The whole report."""
    status = report.status
    return json.dumps(
        {
            "complete": report.complete,
            "enabled": status.enabled,
            "reason": status.reason or None,
            "versions": here.versions(),
            "kernels": here.kernels(),
            "activation": activation_state(),
            "settings": {**asdict(report.settings), "modules": report.settings.modules},
            "configuration": list(report.config),
            "environment": _variables(),
            "modules": {
                module: {
                    "enabled": status.enabled and report.settings.covers(module),
                    "parts": [_part_as_json(part) for part in parts],
                }
                for module, parts in _by_module(status).items()
            },
            "unused": report.unused,
            "talib_own": [
                {"reason": reason, "functions": names} for reason, names in report.refused.items()
            ],
            "fallen": status.fallen,
            "alerts": [asdict(alert) for alert in report.alerts],
            "folders": {
                name: {"path": str(path), "trouble": folders.why_not_writable(path)}
                for name, path in _folders().items()
            },
        },
        indent=2,
    )


def _part_as_json(part: Part) -> dict[str, Any]:
    return {
        "part": part.name,
        "active": part.active,
        "reason": part.reason or None,
        "replaced": list(part.replaced),
        "deferred": part.deferred,
    }


def _by_module(status: Status) -> dict[str, list[Part]]:
    found: dict[str, list[Part]] = {module: [] for module in configuration.MODULES}
    for part in status.parts:
        found.setdefault(part.module or EVERY_PHASE, []).append(part)
    return found


def _folders() -> dict[str, Any]:
    return {"cache": folders.cache(), "logs": folders.logs()}


def _variables() -> dict[str, str]:
    """What the environment sets, but for what this command set itself."""
    own = {"FT_NUMBA_AOT_STARTUP", "FT_NUMBA_AOT_RUN"}
    return {
        name: value
        for name, value in sorted(os.environ.items())
        if name.startswith(configuration.SWITCH) and name not in own
    }


def activation_state() -> dict[str, Any]:
    """The files of an activation, whether they are as they would be written now."""
    return {
        "active": any(one.ours for one in activation.activations()),
        "files": [
            {
                "file": str(one.file),
                "ours": one.ours,
                "current": one.content == activation.line(one.file.parent),
            }
            for one in activation.activations()
        ],
    }


def activation_line(state: Mapping[str, Any]) -> str:
    """The activation in words."""
    if not state["active"]:
        return "not enabled: plain freqtrade is stock, freqtrade-aot is accelerated"
    files = [entry for entry in state["files"] if entry["ours"]]
    said = f"plain freqtrade is accelerated: {', '.join(entry['file'] for entry in files)}"
    stale = not all(entry["current"] for entry in files)
    return f"{said} (of another version: ft-numba-aot enable)" if stale else said


def show(report: Report) -> None:
    """Print the report."""
    from rich.text import Text

    console = screen.console()
    status = report.status
    if status.enabled:
        names = ", ".join(status.modules)
        console.print(Text(f"ft-numba-aot {here.versions()['ft-numba-aot']} is on: {names}"))
    else:
        style = "bold" if not report.settings.modules else "bold red"
        console.print(Text(f"ft-numba-aot is off: {status.reason}", style=style))
    console.print(screen.labelled(_header(report)))
    if status.enabled:
        console.print(_parts(report))
        _print_details(report)
    screen.print_items(console, "Alerts", ((alert.message, "") for alert in report.alerts))
    _print_verdict(report)


def _header(report: Report) -> dict[str, str]:
    settings = report.settings
    lines = {
        "for": here.versions_line(),
        "kernels": here.kernels_line(),
        "activation": activation_line(activation_state()),
        "settings": _settings_line(settings),
    }
    if report.config:
        lines["configuration"] = ", ".join(report.config)
    if variables := _variables():
        lines["environment"] = ", ".join(f"{name}={value}" for name, value in variables.items())
    for name, path in _folders().items():
        if trouble := folders.why_not_writable(path):
            lines[name] = f"can't be kept: {trouble}"
    return lines


def _settings_line(settings: Settings) -> str:
    if not settings.enable_numba_optimization:
        return "enable_numba_optimization false"
    if settings.enabled_modules is not None:
        which = f"modules {', '.join(settings.enabled_modules) or 'none'}"
    else:
        which = f"phase {settings.optimization_phase}"
    collects = settings.performance_benchmarking or settings.detailed_performance_logging
    switches = {
        "fallback": settings.fallback_on_numba_error,
        "collecting": collects,
        "alerts": settings.alerts,
    }
    said = [f"{name} {'on' if on else 'off'}" for name, on in switches.items()]
    return ", ".join([which, f"validation {settings.validation}", *said])


def _parts(report: Report) -> Table:
    from rich.text import Text

    shown = new_table("", ("", "part", "state", "what, or why not"), text_columns=4)
    for column in (shown.columns[0], shown.columns[1], shown.columns[2]):
        column.no_wrap = True
    shown.columns[3].overflow = "fold"
    shown.title, shown.expand = None, False
    told: dict[str, str] = {}
    for module, parts in _by_module(report.status).items():
        heading = module
        if not parts and not report.settings.covers(module):
            why = f"not among the modules of {_settings_line(report.settings).partition(',')[0]}"
            shown.add_row(module, "-", Text("off", style="dim"), Text(why, style="dim"))
            shown.add_section()
            continue
        for part in by_library(parts):
            state = Text("active", style="green") if part.active else Text("stock", style="red")
            shown.add_row(heading, part.name, state, _what(part, told))
            heading = ""
            for reason, count in part.deferred.items():
                times = screen.plural(count, "time")
                shown.add_row("", "", Text("stock", style="yellow"), Text(f"{times}: {reason}"))
        for name, reason in report.unused.items():
            if table.module_of(name) == module:
                spelled = name.rpartition(".")[2].replace("_", " ")
                state = Text("unused", style="dim")
                shown.add_row(heading, spelled, state, Text(reason, style="dim"))
                heading = ""
        shown.add_section()
    return shown


def _what(part: Part, told: dict[str, str]) -> Text:
    """What of a part is replaced, or why not; ``told`` has the reasons above, by whose they are."""
    from rich.text import Text

    if not part.active:
        first = told.setdefault(part.reason, part.name)
        return Text(part.reason if first == part.name else f"as {first}")
    return Text(screen.plural(len(part.replaced), "function"), style="dim")


def _print_details(report: Report) -> None:
    console = screen.console()
    screen.print_items(
        console,
        "Functions that are TA-Lib's own",
        (
            (f"{reason} ({screen.plural(len(names), 'function')})", ", ".join(names))
            for reason, names in report.refused.items()
        ),
    )
    screen.print_items(
        console, "Functions that run as their originals after all", report.status.fallen.items()
    )


def _print_verdict(report: Report) -> None:
    console = screen.console()
    parts = report.status.parts
    if not report.settings.modules:
        console.print("Nothing is enabled: freqtrade runs its own code.")
    elif report.complete:
        console.print(f"[bold green]All {len(parts)} parts are active.[/]")
    else:
        console.print(
            f"[bold yellow]{_how_much(report)}.[/] The rest runs its own code, with the same "
            "results. ft-numba-aot doctor says what to do."
        )


def _how_much(report: Report) -> str:
    parts = report.status.parts
    active = sum(part.active for part in parts)
    if active < len(parts) or not parts:
        return f"{active} of {len(parts)} parts are active"
    return f"All {len(parts)} parts are active, but not for all that they are for"
