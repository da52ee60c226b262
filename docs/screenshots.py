"""Makes the pictures of docs/images: ``python docs/screenshots.py FOLDER --datadir CANDLES``.

What they show is what the commands of this Python environment print, run in FOLDER as its user
would, and pages that they write, by Chromium; nothing is drawn or changed here. FOLDER's path and
the home folder are in the pictures; the environment is activated, and rolled back afterwards.
CANDLES has freqtrade's feather files, 5m. Needs freqtrade; for pages, Chromium
and pngquant.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.terminal_theme import DIMMED_MONOKAI
from rich.text import Text

IMAGES = Path(__file__).with_name("images")
WIDTH = 80

# An exchange whose markets aren't downloaded, for freqtrade and for what takes its options.
OFFLINE = "ft_numba_aot.freqtrade_integration.offline:offline_exchange"
BACKTEST = """
import sys
from freqtrade.resolvers import ExchangeResolver
from ft_numba_aot.cli.freqtrade_aot import main
from ft_numba_aot.freqtrade_integration import offline
stock = ExchangeResolver.load_exchange
def load_exchange(config, **options):
    ExchangeResolver.load_exchange = stock
    try:
        return offline.offline_exchange(config)
    finally:
        ExchangeResolver.load_exchange = load_exchange
ExchangeResolver.load_exchange = load_exchange
main(sys.argv[1:])
"""
SWEEP = """
import json, sys
import numpy as np, pandas as pd
from ft_numba_aot.pnl import sweep

def below(frame, parameters):
    average = frame["close"].rolling(48).mean()
    low = frame["close"] < average * (1 - parameters["below"])
    return {"enter_long": low, "exit_long": frame["close"] > average}

def regular(frame):
    dates = pd.date_range(frame["date"].iloc[0], frame["date"].iloc[-1], freq="5min")
    frame = frame.set_index("date").reindex(dates)
    frame["close"] = frame["close"].ffill()
    for name in ("open", "high", "low"):
        frame[name] = frame[name].fillna(frame["close"])
    return frame.fillna({"volume": 0.0}).rename_axis("date").reset_index()

pairs, datadir, page = json.loads(sys.argv[1]), *sys.argv[2:]
names = {pair: pair.replace("/", "_") for pair in pairs}
candles = {pair: regular(pd.read_feather(f"{datadir}/{n}-5m.feather")) for pair, n in names.items()}
found = sweep(
    candles,
    {
        "below": [0.01, 0.015, 0.02, 0.025, 0.03, 0.035, 0.04, 0.05],
        "stoploss": [-0.02, -0.03, -0.05, -0.07, -0.1, -0.15],
    },
    signals=below,
    rules={"minimal_roi": {0: 0.05}},
    metrics=["profit_abs", "sharpe", "max_drawdown"],
    stake_amount=0.1,
    fee=0.0005,
    starting_balance=1.0,
)
heat_map = found.heat_map("below", "stoploss", "profit_abs")
open(page, "w", encoding="utf-8").write(heat_map.html())
"""


class Screen(NamedTuple):
    """A command as its user writes it, what it takes here besides, and the lines that are shown."""

    name: str
    command: str
    hidden: tuple[str, ...] = ()
    lines: int | None = None


class Page(NamedTuple):
    """A page, and the part of it that is shown, in pixels."""

    name: str
    file: str
    width: int
    height: int


SCREENS = (
    Screen("demo", "ft-numba-aot demo"),
    Screen("status", "ft-numba-aot status -c trade.json"),
    Screen("doctor", "ft-numba-aot doctor"),
    Screen(
        "verify",
        "ft-numba-aot verify -c config.json -s SampleStrategy",
        ("--exchange-factory", OFFLINE),
    ),
    Screen(
        "profile",
        "ft-numba-aot profile -c config.json -s SampleStrategy",
        ("--exchange-factory", OFFLINE),
    ),
    Screen(
        "bench",
        "ft-numba-aot bench --quick --only "
        "'abstract.(SMA|RSI|MACD|BBANDS)$|metrics\\.(sharpe|market_change|max_drawdown)'",
    ),
    Screen("report", "ft-numba-aot report", lines=42),
    Screen("trades-report", "ft-numba-aot trades-report"),
)
PAGES = (
    Page("trades-page", "trades-report.html", 920, 1455),
    Page("heat-map", "heat_map.html", 760, 280),
)


def prepare(folder: Path, datadir: Path) -> None:
    """Give the folder a user_data with the candles and freqtrade's sample strategy."""
    import freqtrade.templates

    strategies = folder / "user_data" / "strategies"
    strategies.mkdir(parents=True, exist_ok=True)
    shutil.copy(Path(freqtrade.templates.__path__[0]) / "sample_strategy.py", strategies)
    data = folder / "user_data" / "data"
    data.mkdir(exist_ok=True)
    link = data / "binance"
    link.unlink(missing_ok=True)
    link.symlink_to(datadir.resolve(), target_is_directory=True)
    pricing = {"price_side": "same", "use_order_book": False, "order_book_top": 1}
    config = {
        "max_open_trades": 4,
        "stake_currency": "BTC",
        "stake_amount": "unlimited",
        "tradable_balance_ratio": 0.99,
        "dry_run": True,
        "dry_run_wallet": 1,
        "fee": 0.0005,
        "entry_pricing": {**pricing, "price_last_balance": 0.0},
        "exit_pricing": pricing,
        "exchange": {"name": "binance", "pair_whitelist": pairs(datadir)},
        "pairlists": [{"method": "StaticPairList"}],
    }
    write_json(folder / "config.json", config)
    block = {"optimization_phase": "progressive", "validation": "startup"}
    write_json(folder / "trade.json", config | {"performance_optimization": block})


def pairs(datadir: Path) -> list[str]:
    """Those with a file of 5m candles."""
    names = sorted(path.name.removesuffix("-5m.feather") for path in datadir.glob("*-5m.feather"))
    return [name.replace("_", "/") for name in names]


def write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=4), encoding="utf-8")


def run(arguments: list[str], folder: Path, **variables: str) -> str:
    """What a process prints, with the colours of a terminal of 80 columns."""
    kept = {key: value for key, value in os.environ.items() if "FT_NUMBA_AOT" not in key}
    terminal = {"COLUMNS": str(WIDTH), "FORCE_COLOR": "1", "TERM": "xterm-256color"}
    environment: Mapping[str, str] = {**kept, **terminal, "PYTHONIOENCODING": "utf-8", **variables}
    done = subprocess.run(arguments, cwd=folder, env=environment, capture_output=True, check=False)
    if done.returncode:
        sys.exit(f"{arguments}: status {done.returncode}\n{done.stderr.decode()}")
    return done.stdout.decode()


def as_svg(screen: Screen, output: str) -> str:
    """A terminal with what was printed. No font is downloaded by who looks at it."""
    lines = output.rstrip("\n").split("\n")
    if screen.lines is not None:
        lines = lines[: screen.lines]
    console = Console(
        width=WIDTH,
        record=True,
        file=io.StringIO(),
        force_terminal=True,
        color_system="256",
        highlight=False,
    )
    for line in lines:
        console.print(Text.from_ansi(line), no_wrap=True, overflow="ignore", crop=False)
    without_fonts = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    return console.export_svg(
        title=screen.command,
        theme=DIMMED_MONOKAI,
        code_format=without_fonts,
        unique_id=screen.name,
    )


def photograph(browser: str, page: Page, folder: Path, scheme: str) -> None:
    """A PNG of a page, in the browser's ``light`` or ``dark``."""
    target = IMAGES / f"{page.name}-{scheme}.png"
    subprocess.run(
        [
            *(browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
            f"--blink-settings=preferredColorScheme={0 if scheme == 'dark' else 1}",
            f"--window-size={page.width},{page.height}",
            f"--screenshot={target}",
            (folder / page.file).as_uri(),
        ],
        check=True,
        stderr=subprocess.DEVNULL,
    )
    subprocess.run(["pngquant", "--force", "--ext", ".png", "64", str(target)], check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--datadir", type=Path, required=True)
    parser.add_argument("--browser", default="chromium")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="of the pictures")
    options = parser.parse_args()
    folder = options.folder.absolute()
    bin_folder = Path(sys.executable).parent
    IMAGES.mkdir(exist_ok=True)

    def wanted(name: str) -> bool:
        return not options.only or name in options.only

    def command(name: str, *arguments: str) -> list[str]:
        return [str(bin_folder / name), *arguments]

    prepare(folder, options.datadir)
    backtest = [sys.executable, "-c", BACKTEST, "backtesting"]
    backtest += ["-c", "config.json", "-s", "SampleStrategy", "--cache", "none"]
    run(backtest, folder, FT_NUMBA_AOT_PERFORMANCE_BENCHMARKING="1", COLUMNS="120")
    run(command("ft-numba-aot", "enable"), folder)
    try:
        for screen in SCREENS:
            if wanted(screen.name):
                import shlex

                arguments = shlex.split(screen.command)
                output = run([*command(*arguments), *screen.hidden], folder)
                path = IMAGES / f"{screen.name}.svg"
                path.write_text(as_svg(screen, output), encoding="utf-8")
    finally:
        run(command("ft-numba-aot", "rollback"), folder)
    datadir = folder / "user_data" / "data" / "binance"
    names = json.dumps(pairs(datadir))
    run([sys.executable, "-c", SWEEP, names, str(datadir), "heat_map.html"], folder)
    for page in PAGES:
        if wanted(page.name):
            for scheme in ("light", "dark"):
                photograph(options.browser, page, folder, scheme)


if __name__ == "__main__":
    main()
