"""The health checks, and what they come to. Imports the standard library until they run.

Each is a function that returns findings; one that raises has failed. What is only slower than it
could be is a warning: results are freqtrade's own either way.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from .. import _backend, activation, freqtrade_integration
from ..runtime import configuration, folders, snapshot_files, talib_reference
from ..runtime.configuration import ConfigurationError
from ..runtime.manager import get_numba_manager
from ..runtime.performance_log import BACKUPS, MAX_BYTES
from . import here, identity_checks

OK, WARN, FAIL = "ok", "warn", "fail"

REINSTALL = "pip install --force-reinstall --no-deps ft-numba-aot"
UPGRADE = "pip install --upgrade ft-numba-aot"
OTHER_FOLDER = "let the user of freqtrade write there, or name another folder in {}"

# Bytes that a run with many workers may need for its files, and what isn't enough for one's.
ENOUGH_SPACE = 100_000_000
ONE_PROCESS = MAX_BYTES * (BACKUPS + 1)

# Environment variables of ours that aren't options of the configuration.
OTHER_VARIABLES = (
    configuration.SWITCH,
    "FT_NUMBA_AOT_BACKEND",
    "FT_NUMBA_AOT_CACHE",
    "FT_NUMBA_AOT_ISA",
    "FT_NUMBA_AOT_LOGS",
    snapshot_files.VARIABLE,
    "FT_NUMBA_AOT_STARTUP",
)
# Read when the package is built, of no use afterwards.
BUILD_VARIABLES = ("FT_NUMBA_AOT_PURE",)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found: ``level`` is ok, warn or fail; ``remedy`` is empty where all is well."""

    name: str
    level: str
    message: str
    remedy: str = ""

    def to_dict(self) -> dict[str, str]:
        """As JSON can hold it."""
        return asdict(self)


@dataclass(slots=True)
class Context:
    """What the checks are about: freqtrade's configuration files, and what is learnt on the way."""

    config: Sequence[str] = ()
    collects: bool = False


Check = Callable[[Context], Iterable[Finding]]


def run(context: Context, progress: Callable[[str], object] = lambda _: None) -> list[Finding]:
    """Make every check; what fails is an alert, too."""
    found: list[Finding] = []
    for name, check in CHECKS:
        progress(f"checking: {name}")
        try:
            found += check(context)
        except Exception as error:
            message = f"the check itself failed: {type(error).__name__}: {error}"
            found.append(Finding(name, FAIL, message, "please report it"))
    alerts = get_numba_manager().alerts
    for finding in found:
        if finding.level == FAIL:
            alerts.send(f"health: {finding.name}", f"{finding.name}: {finding.message}")
    return found


def binary(_: Context) -> Iterable[Finding]:
    """The native extensions: whole, and the right one loaded."""
    info = _backend.backend_info()
    installed = {isa: path for isa, module in _backend.ISAS.items() if (path := _path(module))}
    damaged = [path for path in installed.values() if _backend._truncated(path)]
    if info.backend == "native":
        yield Finding("binary", OK, here.kernels_line())
    elif info.reason == "FT_NUMBA_AOT_BACKEND=pure":
        remedy = "unset FT_NUMBA_AOT_BACKEND"
        yield Finding("binary", WARN, f"pure Python, much slower: {info.reason}", remedy)
    elif not installed:
        remedy = f"a wheel for this platform, where there is one: {REINSTALL}"
        yield Finding("binary", WARN, f"pure Python, much slower: {info.reason}", remedy)
    else:
        yield Finding("binary", FAIL, f"{info.reason}", REINSTALL)
    for path in damaged:
        if path not in (info.reason or ""):
            message = f"{path} is damaged, or for another platform"
            yield Finding("binary", FAIL, message, REINSTALL)


def _path(module: str) -> str | None:
    return _backend._path(module)


def kernels(_: Context) -> Iterable[Finding]:
    """All of them are in the native extension."""
    names = list(_backend._pure_kernels())
    if _backend.backend() != "native":
        return
    missing = [name for name in names if not hasattr(_backend._native, name)]
    if missing:
        message = f"{len(missing)} of {len(names)} run in pure Python: {', '.join(missing)}"
        yield Finding("kernels", FAIL, message, REINSTALL)
    else:
        yield Finding("kernels", OK, f"all {len(names)} are there")


def processor(_: Context) -> Iterable[Finding]:
    """The fastest kernels that it can run."""
    name, isa = here.processor(), _backend.backend_info().isa
    fastest = next(
        (
            one
            for one, module in _backend.ISAS.items()
            if _path(module) and (one != "x86-64-v3" or _backend._cpu_has_v3())
        ),
        None,
    )
    if isa is None or isa == fastest:
        yield Finding("processor", OK, name)
    else:
        message = f"{name} could run {fastest}, but {isa} is loaded"
        forced = "FT_NUMBA_AOT_ISA" in os.environ
        yield Finding("processor", WARN, message, "unset FT_NUMBA_AOT_ISA" if forced else REINSTALL)


def python(_: Context) -> Iterable[Finding]:
    """One that the replacements were tried with."""
    from ..freqtrade_integration.environment import PYTHON

    first, last = (".".join(map(str, edge)) for edge in PYTHON)
    version = here.versions()["Python"]
    if PYTHON[0] <= sys.version_info[:2] <= PYTHON[1]:
        yield Finding("Python", OK, f"{version}, tried: {first} to {last}")
    else:
        message = f"{version} was not tried, only {first} to {last}: freqtrade stays stock"
        yield Finding("Python", WARN, message, f"one of these, or {UPGRADE}")


def pandas_and_numpy(_: Context) -> Iterable[Finding]:
    """Those that the replacements were tried with."""
    from ..freqtrade_integration.environment import PANDAS

    version = here.version("pandas") or "0"
    tried = ", ".join(f"{major}.x" for major in PANDAS)
    if int(version.partition(".")[0]) in PANDAS:
        yield Finding("pandas", OK, f"{version}, tried: {tried}")
    else:
        message = f"{version} was not tried, only {tried}: freqtrade stays stock"
        yield Finding("pandas", WARN, message, f"pip install pandas=={PANDAS[-1]}.*, or {UPGRADE}")
    yield Finding("numpy", OK, f"{here.version('numpy')}, any from 1.26 on")


def talib(_: Context) -> Iterable[Finding]:
    """The one whose results are known."""
    try:
        module = importlib.import_module("talib")
    except Exception as error:
        message = f"can't be imported ({type(error).__name__}: {error}); ft_numba_aot.ta works"
        remedy = f"pip install TA-Lib=={talib_reference.REFERENCE}"
        yield Finding("TA-Lib", WARN, message, remedy)
        return
    version = getattr(module, "__version__", "unknown")
    # The rest of what unfit says is of functions, and is seen with the parts.
    if version != talib_reference.REFERENCE:
        message = talib_reference.unfit(module)
        remedy = f"pip install TA-Lib=={talib_reference.REFERENCE}, or {UPGRADE}"
        yield Finding("TA-Lib", WARN, f"{message}: its functions stay stock", remedy)
    else:
        yield Finding("TA-Lib", OK, f"{version}, the one that was compared")


def freqtrade(_: Context) -> Iterable[Finding]:
    """One that the replacements were tried with, and all of them active."""
    if not freqtrade_integration.installed():
        message = "not installed; ft_numba_aot.ta works without it"
        yield Finding("freqtrade", WARN, message, freqtrade_integration.INSTALL)
        return
    from ..freqtrade_integration import inspection
    from ..freqtrade_integration.known_sources import KNOWN

    # Whatever the environment says of it: what could be active is the question.
    status, _unused = inspection.enable_all(configuration.Settings(validation="off"))
    version = here.version("freqtrade") or "unknown"
    metric = KNOWN["freqtrade.data.metrics:calculate_max_drawdown"]
    tried = {one for text in metric.values() for one in text.split()}
    if not status.enabled:
        # Python's and pandas' checks say what to do.
        yield Finding("freqtrade", WARN, f"{version} stays stock: {status.reason}")
        return
    inactive = [part for part in status.parts if not part.active]
    if version in tried:
        yield Finding("freqtrade", OK, f"{version}, tried")
    else:
        message = f"{version} was not tried: what it changed of what is replaced stays stock"
        yield Finding("freqtrade", WARN, message, UPGRADE)
    if not inactive:
        yield Finding("parts", OK, f"all {len(status.parts)} are active")
    reasons: dict[str, list[str]] = {}
    for part in inactive:
        reasons.setdefault(part.reason, []).append(part.name)
    for reason, names in reasons.items():
        remedy = f"{UPGRADE}; other packages may have changed freqtrade, too"
        if "pure Python" in reason:
            remedy = "see binary"
        elif "TA-Lib" in reason:
            remedy = "see TA-Lib"
        yield Finding("parts", WARN, f"{', '.join(names)} stock: {reason}", remedy)


def talib_functions(_: Context) -> Iterable[Finding]:
    """Each runs ours."""
    from ..runtime import talib_install

    reasons: dict[str, list[str]] = {}
    for name, reason in talib_install.reasons().items():
        if name != talib_install.ALL:
            reasons.setdefault(reason, []).append(name)
    for reason, names in reasons.items():
        verb = "is" if len(names) == 1 else "are"
        message = f"{', '.join(names)} {verb} TA-Lib's own: {reason}"
        yield Finding("TA-Lib", WARN, message, "see which package changes TA-Lib, or its settings")


def identity(_: Context) -> Iterable[Finding]:
    """Everything gives what its original gives, on this machine."""
    registrations = identity_checks.registrations()
    if not registrations:
        message = "nothing to compare: neither freqtrade nor TA-Lib is replaced here"
        yield Finding("identity", WARN, message, "see freqtrade and TA-Lib")
        return
    findings = identity_checks.validate(registrations)
    for found in findings:
        shown = "" if found.reproducer is None else f"; python {found.reproducer} shows it"
        remedy = "please report it; its original runs, so that results are right"
        yield Finding("identity", FAIL, f"{found.key}: {found.what}{shown}", remedy)
    if not findings:
        message = f"{len(registrations)} functions give what their originals give, bit for bit"
        yield Finding("identity", OK, message)


def mismatches(_: Context) -> Iterable[Finding]:
    """What earlier processes left that shows one."""
    folder = folders.reproducers()
    with contextlib.suppress(OSError):
        files = sorted(folder.glob("*.py"), key=lambda file: file.stat().st_mtime)
        if files:
            message = f"results that weren't the original's were seen here: {files[-1]}"
            if len(files) > 1:
                message += f" and {len(files) - 1} more"
            remedy = "report it; delete the files once it is mended"
            yield Finding("mismatches", WARN, message, remedy)


def activated(_: Context) -> Iterable[Finding]:
    """The ``.pth`` file: ours, of this version, and a new process starts it."""
    found = activation.activations()
    ours = [one for one in found if one.ours]
    for one in found:
        if not one.ours:
            message = f"{one.file} isn't ours"
            yield Finding("activation", WARN, message, "see what it is, and remove it")
    if not ours:
        message = "not enabled: freqtrade-aot is accelerated, plain freqtrade is not"
        yield Finding("activation", OK, message)
        return
    shown = ", ".join(str(one.file) for one in ours)
    if (why_not := activation.why_not_active()) is not None:
        yield Finding("activation", FAIL, f"{shown}: {why_not}", "ft-numba-aot enable")
    elif any(one.content != activation.line(one.file.parent) for one in ours):
        message = f"{shown} is of another version or place"
        yield Finding("activation", WARN, message, "ft-numba-aot enable")
    else:
        yield Finding("activation", OK, f"{shown}; a new process starts it")


def configured(context: Context) -> Iterable[Finding]:
    """The configuration's block is valid."""
    if not freqtrade_integration.installed():
        return
    from ..freqtrade_integration import inspection

    shown = ", ".join(context.config) or "FREQTRADE__ variables"
    try:
        block = inspection.block(context.config)
        # Of the environment alone, another check.
        settings = configuration.read(block, {})
    except (ConfigurationError, inspection.UnreadableConfiguration) as error:
        remedy = "freqtrade won't start with it: correct it, see the configuration reference"
        yield Finding("configuration", FAIL, f"{shown}: {error}", remedy)
        return
    context.collects = settings.performance_benchmarking or settings.detailed_performance_logging
    if block is None and context.config:
        message = f"{shown}: no block {configuration.BLOCK}, so that defaults hold"
        yield Finding("configuration", OK, message)
    elif block is not None:
        modules = ", ".join(settings.modules) or "nothing"
        yield Finding("configuration", OK, f"{shown}: valid, accelerates {modules}")


def environment(context: Context) -> Iterable[Finding]:
    """Our variables: known ones, with values that they take."""
    options = [option.variable for option in configuration.OPTIONS]
    known = [*OTHER_VARIABLES, *BUILD_VARIABLES, *options]
    names = sorted(name for name in os.environ if name.startswith(configuration.SWITCH))
    found = False
    for name in names:
        if name not in known:
            found = True
            yield Finding("environment", WARN, f"there is no {name}", _meant(name, known))
    for name in names:
        if name not in (configuration.SWITCH, *options):
            continue
        try:
            configuration.read(None, {name: os.environ[name]})
        except ConfigurationError as error:
            found = True
            remedy = "nothing is accelerated with it: correct or unset it"
            yield Finding("environment", FAIL, str(error), remedy)
    with contextlib.suppress(ConfigurationError):
        settings = configuration.read(None)
        context.collects |= (
            settings.performance_benchmarking or settings.detailed_performance_logging
        )
        if not settings.enable_numba_optimization:
            found = True
            off = [
                name
                for name in names
                if name
                in (configuration.SWITCH, f"{configuration.SWITCH}_ENABLE_NUMBA_OPTIMIZATION")
            ]
            message = f"{' and '.join(off)}: freqtrade is stock in processes that inherit this"
            yield Finding("environment", WARN, message, f"unset {' '.join(off)}")
    if not found:
        own = [name for name in names if name not in ("FT_NUMBA_AOT_STARTUP",)]
        yield Finding("environment", OK, ", ".join(own) or "no variable of ours is set")


def _meant(name: str, known: Iterable[str]) -> str:
    import difflib

    near = difflib.get_close_matches(name, known, 1)
    return f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"


def cache_folder(_: Context) -> Iterable[Finding]:
    """What was compared can be remembered."""
    folder = folders.cache()
    if trouble := _not_writable(folder):
        message = f"{trouble}: every start compares anew, which takes seconds"
        yield Finding("cache folder", WARN, message, OTHER_FOLDER.format("FT_NUMBA_AOT_CACHE"))
    else:
        yield Finding("cache folder", OK, str(folder))


def logs_folder(context: Context) -> Iterable[Finding]:
    """What is collected can be written, and there is space for it."""
    folder = folders.logs()
    needed = FAIL if context.collects else WARN
    if trouble := _not_writable(folder):
        message = f"{trouble}: what is collected can't be kept for ft-numba-aot report"
        yield Finding("logs folder", needed, message, OTHER_FOLDER.format("FT_NUMBA_AOT_LOGS"))
        return
    yield Finding("logs folder", OK, str(folder))
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    message = f"{free / 1e6:,.0f} MB free for logs"
    remedy = f"free some, at least {ENOUGH_SPACE // 10**6} MB, or name a folder elsewhere in "
    remedy += "FT_NUMBA_AOT_LOGS"
    if free < ONE_PROCESS:
        yield Finding("disk space", needed, message, remedy)
    elif free < ENOUGH_SPACE:
        yield Finding("disk space", WARN, message, remedy)
    else:
        yield Finding("disk space", OK, message)


def _not_writable(folder: Path) -> str | None:
    """Why nothing can be written there: also where permissions alone don't say."""
    if (trouble := folders.why_not_writable(folder)) is not None:
        return trouble
    if folder.is_dir():
        try:
            with tempfile.TemporaryFile(dir=folder) as file:
                file.write(bytes(4096))
        except OSError as error:
            return f"{folder}: {error.strerror or error}"
    return None


CHECKS: tuple[tuple[str, Check], ...] = (
    ("binary", binary),
    ("kernels", kernels),
    ("processor", processor),
    ("Python", python),
    ("pandas", pandas_and_numpy),
    ("TA-Lib", talib),
    ("freqtrade", freqtrade),
    ("TA-Lib", talib_functions),
    ("identity", identity),
    ("mismatches", mismatches),
    ("activation", activated),
    ("configuration", configured),
    ("environment", environment),
    ("cache folder", cache_folder),
    ("logs folder", logs_folder),
)
