"""Back to stock freqtrade: ``ft-numba-aot rollback``, or ``python -m _ft_numba_aot_rollback``.

Needs the standard library alone: it works where the package is broken, or where nothing but this
file is left of it. The console command ``ft-numba-aot`` starts here for that reason.
"""

from __future__ import annotations

import argparse
import json
import os
import runpy
import site
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

DONE, FAILED = 0, 1

FILE = "ft_numba_aot.pth"
STARTUP = "_ft_numba_aot_startup"
NOTE = "rollback.json"
SUMMARY = "take the activation out and prove that freqtrade is stock, even if this is broken"

_PROOF_TIMEOUT = 300
_CODE_OF = (
    "freqtrade.optimize.backtesting:Backtesting.backtest",
    "freqtrade.optimize.backtesting:Backtesting.time_pair_generator",
    "freqtrade.strategy.interface:IStrategy.should_exit",
    "freqtrade.persistence.trade_model:LocalTrade.recalc_trade_from_orders",
    "freqtrade.data.metrics:calculate_max_drawdown",
)
# Run in a fresh process. Prints what it found as its last line.
_PROOF = """
import importlib, importlib.util, json, os, sys
file, startup, *names = sys.argv[1:]
found = {
    "startup": any(type(finder).__module__ == startup for finder in sys.meta_path),
    "activations": [
        path for path in (os.path.join(folder, file) for folder in sys.path) if os.path.isfile(path)
    ],
    "freqtrade": None, "error": None, "code": {}, "replaced": [],
}

def functions(value):
    value = getattr(value, "__func__", getattr(value, "fget", value))
    code = getattr(value, "__code__", None)
    return [] if code is None else [code.co_filename]

def ours(value):
    return type(value).__module__.startswith("ft_numba_aot") or any(
        "ft_numba_aot" in path.replace(os.sep, "/").split("/") for path in functions(value)
    )

if importlib.util.find_spec("freqtrade") is not None:
    try:
        import freqtrade
        import freqtrade.optimize.backtesting
        found["freqtrade"] = freqtrade.__version__
        for spelled in names:
            module, _, qualified = spelled.partition(":")
            value = importlib.import_module(module)
            for step in qualified.split("."):
                value = getattr(value, step, None)
            for path in functions(value):
                found["code"][spelled] = path
        root = os.path.dirname(os.path.realpath(freqtrade.__file__)) + os.sep
        found["replaced"] += [
            spelled for spelled, path in found["code"].items()
            if not os.path.realpath(path).startswith(root)
        ]
        for name, module in list(sys.modules.items()):
            if name.partition(".")[0] != "freqtrade":
                continue
            for key, value in list(vars(module).items()):
                if ours(value):
                    found["replaced"].append(f"{name}:{key}")
                if isinstance(value, type) and value.__module__ == name:
                    found["replaced"] += [
                        f"{name}:{key}.{inner}" for inner, own in vars(value).items() if ours(own)
                    ]
        found["replaced"] = list(dict.fromkeys(found["replaced"]))
    except Exception as error:
        found["error"] = f"{type(error).__name__}: {error}"
print(json.dumps(found))
"""


class Activation(NamedTuple):
    """A file of our name in a folder of this environment, ``ours`` if we wrote it."""

    file: Path
    content: str
    ours: bool


class Proof(NamedTuple):
    """What a fresh process found; ``reason`` says why it isn't ``stock``, or why there is no
    freqtrade to be."""

    stock: bool
    reason: str
    freqtrade: str | None
    code: dict[str, str]


class Rollback(NamedTuple):
    """What was removed and what couldn't be, with the reasons; the note's path or its error."""

    removed: list[Activation]
    failed: dict[Path, str]
    foreign: list[Path]
    note: Path | None
    note_error: str
    proof: Proof

    @property
    def done(self) -> bool:
        """Whether freqtrade is stock, and nothing of ours is left to change that."""
        return self.proof.stock and not self.failed


def folders() -> list[Path]:
    """The folders of this environment whose ``.pth`` files count."""
    found = [Path(sysconfig.get_path("purelib")), Path(sysconfig.get_path("platlib"))]
    # A virtual environment apart from its system has no user folder of its own.
    if site.ENABLE_USER_SITE or sys.prefix == sys.base_prefix:
        found.append(Path(site.getusersitepackages()))
    return list({os.path.realpath(folder): folder for folder in reversed(found)}.values())[::-1]


def activations() -> list[Activation]:
    """Every file of our name in this environment."""
    found = []
    for folder in folders():
        file = folder / FILE
        try:
            content = file.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            continue
        except OSError:
            # Also what nobody can read is removed, or named where it can't be.
            content = ""
        # A full disk leaves an empty one.
        found.append(Activation(file, content, STARTUP in content or not content.strip()))
    return found


def remove(found: Iterable[Activation]) -> tuple[list[Activation], dict[Path, str]]:
    """Delete those that are ours; returns the removed ones, and why not for the others."""
    removed, failed = [], {}
    for activation in found:
        if not activation.ours:
            continue
        try:
            activation.file.unlink(missing_ok=True)
        except OSError as error:
            failed[activation.file] = error.strerror or str(error)
        else:
            removed.append(activation)
    return removed, failed


def prove() -> Proof:
    """Import freqtrade in a fresh process, and look whose code it has."""
    try:
        process = fresh_process(_PROOF, FILE, STARTUP, *_CODE_OF, timeout=_PROOF_TIMEOUT)
        found = json.loads(process.stdout.splitlines()[-1])
    except subprocess.TimeoutExpired:
        return Proof(False, f"no answer of a new process in {_PROOF_TIMEOUT} s", None, {})
    except (OSError, ValueError, IndexError) as error:
        return Proof(False, f"a new process gave no answer ({error})", None, {})
    return judge(found)


def judge(found: Mapping[str, Any]) -> Proof:
    """The proof that a fresh process' answer makes."""
    stock, reason = False, ""
    if found["startup"]:
        files = ", ".join(found["activations"]) or "an unknown .pth file"
        reason = f"ft-numba-aot still starts in a new process: {files}"
    elif found["replaced"]:
        reason = f"not freqtrade's own code: {', '.join(found['replaced'][:5])}"
    elif found["error"]:
        reason = f"freqtrade can't be imported: {found['error']}"
    elif found["freqtrade"] is None:
        stock, reason = True, "freqtrade isn't installed here"
    elif _CODE_OF[0] not in found["code"]:
        reason = f"freqtrade {found['freqtrade']} has no {_CODE_OF[0]} to look at"
    else:
        stock = True
    return Proof(stock, reason, found["freqtrade"], dict(found["code"]))


def fresh_process(code: str, *arguments: str, timeout: float) -> subprocess.CompletedProcess[str]:
    """Run ``code`` in a new Python of this environment, which nothing tells to stay stock.

    ``OSError`` where it doesn't start, ``subprocess.TimeoutExpired`` after ``timeout`` seconds.
    """
    switches = {"FT_NUMBA_AOT", "FT_NUMBA_AOT_STARTUP"}
    kept = {key: value for key, value in os.environ.items() if key not in switches}
    return subprocess.run(
        [sys.executable, "-P", "-c", code, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        env={**kept, "PYTHONIOENCODING": "utf-8"},
        timeout=timeout,
        check=False,
    )


def note_folder() -> Path:
    """Where the note is left: the package's folder of caches, as long as that can be asked for."""
    try:
        # Not imported: that would import the package.
        names = runpy.run_path(str(Path(__file__).with_name("ft_numba_aot") / "runtime/folders.py"))
        folder: Path = names["cache"]()
    except Exception:
        return Path(tempfile.mkdtemp(prefix="ft-numba-aot-"))
    return folder


def rollback() -> Rollback:
    """Remove every activation, leave a note of it, and prove that freqtrade is stock."""
    found = activations()
    removed, failed = remove(found)
    proof = prove()
    note, note_error = None, ""
    # One that says that nothing was removed would hide the one that says what was.
    if removed:
        try:
            note = _write_note(removed, failed, proof)
        except OSError as error:
            note_error = str(error)
    foreign = [activation.file for activation in found if not activation.ours]
    return Rollback(removed, failed, foreign, note, note_error, proof)


def _write_note(removed: list[Activation], failed: dict[Path, str], proof: Proof) -> Path:
    folder = note_folder()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / NOTE
    note = {
        "time": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "python": sys.executable,
        **_removals(removed, failed),
        "proof": proof._asdict(),
    }
    path.write_text(json.dumps(note, indent=2) + "\n", encoding="utf-8")
    return path


def _removals(removed: list[Activation], failed: dict[Path, str]) -> dict[str, Any]:
    return {
        "removed": [{"file": str(file), "content": content} for file, content, _ in removed],
        "failed": {str(file): reason for file, reason in failed.items()},
    }


def as_json(result: Rollback) -> str:
    """The whole result."""
    return json.dumps(
        {
            "done": result.done,
            **_removals(result.removed, result.failed),
            "foreign": [str(file) for file in result.foreign],
            "note": None if result.note is None else str(result.note),
            "note_error": result.note_error or None,
            "proof": result.proof._asdict(),
        },
        indent=2,
    )


def lines(result: Rollback) -> list[tuple[str, str]]:
    """What to print, each with rich's style of it."""
    proof = result.proof
    said = [(f"Removed: {activation.file}", "") for activation in result.removed]
    if not result.removed and not result.failed:
        said.append(("There was no activation to remove.", ""))
    for file, reason in result.failed.items():
        said.append((f"Couldn't remove {file}: {reason}", "bold red"))
    if result.failed:
        said.append((removal_remedy(result.failed), ""))
    said += [(f"Left alone, not ours: {file}", "yellow") for file in result.foreign]
    if result.note is not None:
        said.append((f"Note of it: {result.note}", ""))
    if result.note_error:
        said.append((f"No note of it could be left: {result.note_error}", "yellow"))
    if proof.freqtrade is not None and proof.stock:
        names = ", ".join(name.partition(":")[2] for name in proof.code)
        said.append((f"freqtrade's own in a new process: {names}", ""))
        said.append((f"freqtrade {proof.freqtrade} is stock.", "bold green"))
    elif proof.stock:
        said.append((f"Nothing to prove: {proof.reason}.", "bold green"))
    else:
        said.append((f"Not proven: {proof.reason}", "bold red"))
    if result.removed:
        said.append(("Processes that run already stay as they are: restart them.", ""))
    return said


def removal_remedy(failed: Iterable[Path]) -> str:
    """What to do about files that can't be removed."""
    files = " ".join(f'"{file}"' for file in failed)
    remove_them = "del" if sys.platform == "win32" else "rm"
    return (
        f"Do it as a user who may write there, or where that is read-only, before it becomes so: "
        f"{remove_them} {files} is enough. Until then FT_NUMBA_AOT=0 in the environment keeps "
        "freqtrade stock."
    )


def show(said: Iterable[tuple[str, str]]) -> None:
    """Print lines, with their styles where rich is there to."""
    try:
        from rich.console import Console
    except Exception:
        # Broken counts as not installed.
        for text, _ in said:
            print(text)
        return
    console = Console(highlight=False, emoji=False)
    for text, style in said:
        console.print(text, style=style or None, markup=False)


def run(options: argparse.Namespace) -> int:
    """Roll back and print what came of it; returns the exit status."""
    result = rollback()
    if options.json:
        print(as_json(result))
    else:
        show(lines(result))
    return DONE if result.done else FAILED


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare rollback's options."""
    parser.epilog = (
        "The exit status is 0 if freqtrade is proven to be stock, 1 if not. The same where even "
        "this command is broken: python -m _ft_numba_aot_rollback"
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def main(argv: Sequence[str] | None = None) -> int:
    """Roll back, with the options in ``argv``."""
    parser = argparse.ArgumentParser(prog="ft-numba-aot rollback", description=SUMMARY)
    add_options(parser)
    return run(parser.parse_args(argv))


def console() -> int:
    """The console command; nothing that may be broken stands between it and ``rollback``."""
    if sys.argv[1:2] == ["rollback"]:
        return main(sys.argv[2:])
    try:
        from ft_numba_aot.cli import main as commands
    except Exception as error:
        return _broken(error)
    try:
        return commands()
    except ImportError as error:
        return _broken(error)


def _broken(error: Exception) -> int:
    print(
        f"ft-numba-aot is broken ({type(error).__name__}: {error}).\n"
        "Mend it:      pip install --force-reinstall --no-deps ft-numba-aot\n"
        "Take it out:  ft-numba-aot rollback && pip uninstall ft-numba-aot",
        file=sys.stderr,
    )
    return FAILED


if __name__ == "__main__":
    sys.exit(main())
