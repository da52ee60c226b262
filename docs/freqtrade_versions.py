"""Writes the tables of freqtrade-versions.md: ``python docs/freqtrade_versions.py``.

Needs freqtrade with its hyperopt. A test checks that the tables are current.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ft_numba_aot.freqtrade_integration import environment, fingerprints, write_fingerprints
from ft_numba_aot.freqtrade_integration.known_sources import KNOWN

PAGE = Path(__file__).with_name("freqtrade-versions.md")
BEGIN, END = (
    "<!-- begin of the tables: python docs/freqtrade_versions.py -->\n",
    "<!-- end of the tables -->",
)


def versions(package: str) -> list[str]:
    """The versions of a package that have a known object, the latest first."""
    listed = {
        version
        for name, entries in KNOWN.items()
        if name.startswith(package)
        for of in entries.values()
        for version in of.split()
    }
    return sorted(listed, key=write_fingerprints.by_number, reverse=True)


def having(name: str) -> set[str]:
    """The versions in which an object is known."""
    return {version for of in KNOWN.get(name, {}).values() for version in of.split()}


def parts() -> dict[str, set[str]]:
    """Each part, and the releases of freqtrade in which all that it relies on is known.

    Some may do without an object, but not without all that a part replaces.
    """
    found: dict[str, set[str]] = {}
    there: dict[str, set[str]] = {}
    for replacement in write_fingerprints.replacements():
        names, absent = write_fingerprints.read(write_fingerprints.wanted([replacement]))
        known = found.setdefault(replacement.part, set(versions("freqtrade.")))
        without = KNOWN.get(replacement.original, {}).get(fingerprints.ABSENT, "").split()
        there.setdefault(replacement.part, set()).update(set(versions("freqtrade.")) - {*without})
        for name in (*names, *absent):
            if name.startswith("freqtrade."):
                known &= having(name)
    return {part: known & there[part] for part, known in found.items()}


def lines() -> Iterator[str]:
    """What the page says of versions, in Markdown."""
    releases = versions("freqtrade.")
    first, last = ((f"{major}.{minor}") for major, minor in environment.PYTHON)
    yield f"- freqtrade {', '.join(reversed(releases))}\n"
    yield f"- pandas {' and '.join(f'{major}.x' for major in environment.PANDAS)}\n"
    yield f"- Python {first} to {last}\n"
    yield f"- ccxt {', '.join(reversed(versions('ccxt.')))}\n"
    yield f"- SQLAlchemy {', '.join(reversed(versions('sqlalchemy.')))}\n"
    yield f"- technical {', '.join(reversed(versions('technical.')))}\n"
    yield f"\n| part | {' | '.join(releases)} |\n|---|{'---|' * len(releases)}\n"
    for part, known in parts().items():
        cells = ("yes" if release in known else "stock" for release in releases)
        yield f"| {part} | {' | '.join(cells)} |\n"


def current(page: str) -> str:
    """The page with the tables as they are now."""
    before, _, rest = page.partition(BEGIN)
    return f"{before}{BEGIN}\n{''.join(lines())}\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    PAGE.write_text(current(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
