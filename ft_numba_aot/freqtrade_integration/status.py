"""What is replaced and what isn't, with the reasons, as a value that prints readably.

Imports the standard library.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Part:
    """One part of freqtrade, or of a library that its strategies use, and how it runs.

    ``module`` is what it belongs to: metrics, indicators or backtesting. ``reason`` says why it
    isn't active, and is empty where it is. ``deferred`` maps the reasons for which something ran
    freqtrade's own code all the same to how often that was.
    """

    name: str
    active: bool
    reason: str
    replaced: tuple[str, ...]
    deferred: dict[str, int]
    module: str = ""


def by_library(parts: Iterable[Part]) -> list[Part]:
    """For a screen: "technical's loops" and the like as one "technical", where all is well."""
    rows: dict[str, Part] = {}
    for part in parts:
        library, of_one, _ = part.name.partition("'s ")
        if not of_one or not part.active or part.deferred:
            rows[part.name] = part
        elif library in rows:
            rows[library] = replace(rows[library], replaced=rows[library].replaced + part.replaced)
        else:
            rows[library] = replace(part, name=library)
    return list(rows.values())


@dataclass(frozen=True, slots=True)
class Status:
    """Whether the accelerator is on in this process, and each part of it.

    ``reason`` says why it is off as a whole, and is empty where it is on. ``freqtrade`` is the
    version, None as long as freqtrade isn't loaded. ``modules`` are those that are enabled.
    ``fallen`` has the functions that run as their originals after all, with the last reason,
    ``alerts`` what people were told in this process.
    """

    enabled: bool
    reason: str
    freqtrade: str | None
    backend: str
    parts: tuple[Part, ...]
    modules: tuple[str, ...] = ()
    fallen: dict[str, str] = field(default_factory=dict)
    alerts: tuple[str, ...] = ()

    @property
    def active(self) -> tuple[str, ...]:
        """The names of the active parts."""
        return tuple(part.name for part in self.parts if part.active)

    @property
    def complete(self) -> bool:
        """Whether every part is active and nothing went to freqtrade's own code."""
        whole = all(part.active and not part.deferred for part in self.parts)
        return self.enabled and whole and not self.fallen

    @property
    def headline(self) -> str:
        """Whether it is on, and with what, in a line."""
        version = "not loaded" if self.freqtrade is None else self.freqtrade
        state = "on" if self.enabled else f"off: {self.reason}"
        return f"ft-numba-aot is {state} (freqtrade {version}, {self.backend} kernels)"

    def __str__(self) -> str:
        lines = [self.headline]
        rows = by_library(self.parts)
        width = max((len(part.name) for part in rows), default=0)
        for part in rows:
            state = "active" if part.active else f"stock: {part.reason}"
            lines.append(f"  {part.name:{width}}  {state}")
            for reason, count in part.deferred.items():
                times = "once" if count == 1 else f"{count:,} times"
                lines.append(f"  {'':{width}}  {times} stock: {reason}")
        lines += [f"  {key} runs as its original: {why}" for key, why in self.fallen.items()]
        lines += [f"  alert: {message}" for message in self.alerts]
        return "\n".join(lines)
