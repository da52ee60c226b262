"""What may be set, where it is read from, and what an error says."""

from __future__ import annotations

import dataclasses
import json
import logging
import pickle
import subprocess
import sys

import pytest

from ft_numba_aot.runtime import configuration
from ft_numba_aot.runtime.configuration import (
    MODULES,
    OPTIONS,
    PHASES,
    ConfigurationError,
    Settings,
    read,
    schema,
)

EXAMPLE = {
    "enable_numba_optimization": True,
    "optimization_phase": "progressive",
    "enabled_modules": ["metrics", "indicators"],
    "fallback_on_numba_error": True,
    "performance_benchmarking": False,
    "detailed_performance_logging": False,
    "validation": "startup",
    "alerts": True,
}


def test_nothing_set_is_the_default() -> None:
    assert read(None, {}) == read({}, {}) == Settings()
    assert Settings().modules == MODULES


def test_the_documented_block() -> None:
    settings = read(EXAMPLE, {})
    assert settings == Settings(
        optimization_phase="progressive", enabled_modules=("metrics", "indicators")
    )


def test_settings_are_hashable_and_frozen() -> None:
    assert len({Settings(), Settings(), Settings(alerts=False)}) == 2
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().alerts = False  # type: ignore[misc]


@pytest.mark.parametrize(
    ("phase", "modules"),
    [
        ("conservative", ("metrics",)),
        ("progressive", ("metrics", "indicators")),
        ("aggressive", ("metrics", "indicators", "backtesting")),
        ("experimental", ("metrics", "indicators", "backtesting")),
    ],
)
def test_a_phase_has_its_modules(phase: str, modules: tuple[str, ...]) -> None:
    settings = read({"optimization_phase": phase}, {})
    assert settings.modules == modules
    assert [settings.covers(module) for module in MODULES] == [m in modules for m in MODULES]


def test_the_default_phase_is_the_caller_s() -> None:
    assert read({}, {}, phase="progressive").optimization_phase == "progressive"
    block = {"optimization_phase": "conservative"}
    assert read(block, {}, phase="progressive").optimization_phase == "conservative"
    with pytest.raises(ConfigurationError, match="optimization_phase"):
        read({}, {}, phase="bold")


def test_modules_win_over_the_phase() -> None:
    block = {"optimization_phase": "conservative", "enabled_modules": ["backtesting"]}
    assert read(block, {}).modules == ("backtesting",)
    assert read({"enabled_modules": []}, {}).modules == ()
    assert read({"enabled_modules": None}, {}).modules == MODULES


def test_modules_are_in_one_order_and_once() -> None:
    block = {"enabled_modules": ["backtesting", "metrics", "backtesting"]}
    assert read(block, {}).enabled_modules == ("metrics", "backtesting")


def test_off_is_off_whatever_the_modules() -> None:
    settings = read({"enable_numba_optimization": False, "enabled_modules": ["metrics"]}, {})
    assert settings.modules == ()
    assert not settings.covers("metrics")
    assert not settings.covers("of another library")
    assert Settings(enabled_modules=()).covers("of another library")


def test_an_unknown_key_is_named_with_the_valid_ones() -> None:
    with pytest.raises(ConfigurationError) as caught:
        read({"validaton": "off"}, {})
    assert caught.value.key == "performance_optimization.validaton"
    assert caught.value.value == "off"
    assert caught.value.valid == tuple(option.name for option in OPTIONS)
    assert "did you mean validation?" in str(caught.value)
    assert "cache_persistence" in str(caught.value)
    with pytest.raises(ConfigurationError, match="no option 7"):
        read({7: "off"}, {})  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("block", "key", "valid"),
    [
        ({"validation": "sometimes"}, "validation", ("off", "startup", "sample")),
        ({"validation": False}, "validation", ("off", "startup", "sample")),
        ({"validation": None}, "validation", ("off", "startup", "sample")),
        ({"validation": ["off"]}, "validation", ("off", "startup", "sample")),
        ({"optimization_phase": "Progressive"}, "optimization_phase", tuple(PHASES)),
        ({"alerts": "yes"}, "alerts", ("true", "false")),
        ({"alerts": 1}, "alerts", ("true", "false")),
        ({"alerts": None}, "alerts", ("true", "false")),
        ({"enabled_modules": "metrics"}, "enabled_modules", MODULES),
        ({"enabled_modules": ["metric"]}, "enabled_modules", MODULES),
        ({"enabled_modules": [["metrics"]]}, "enabled_modules", MODULES),
        ({"enabled_modules": {"metrics": True}}, "enabled_modules", MODULES),
        ({"cache_persistence": "disk"}, "cache_persistence", ("true", "false")),
    ],
)
def test_a_bad_value_is_named_with_the_valid_ones(
    block: dict[str, object], key: str, valid: tuple[str, ...]
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(block, {})
    assert caught.value.key == f"performance_optimization.{key}"
    assert caught.value.valid == valid
    assert key in str(caught.value)
    assert all(value in str(caught.value) for value in valid)


@pytest.mark.parametrize("block", ["on", ["alerts"], True, 0])
def test_the_block_is_an_object(block: object) -> None:
    with pytest.raises(ConfigurationError, match="performance_optimization is"):
        read(block, {})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("variable", "text", "name", "value"),
    [
        ("ENABLE_NUMBA_OPTIMIZATION", "no", "enable_numba_optimization", False),
        ("OPTIMIZATION_PHASE", "Conservative", "optimization_phase", "conservative"),
        ("ENABLED_MODULES", "backtesting, metrics,", "enabled_modules", ("metrics", "backtesting")),
        ("FALLBACK_ON_NUMBA_ERROR", "0", "fallback_on_numba_error", False),
        ("PERFORMANCE_BENCHMARKING", "on", "performance_benchmarking", True),
        ("DETAILED_PERFORMANCE_LOGGING", " TRUE ", "detailed_performance_logging", True),
        ("VALIDATION", "sample", "validation", "sample"),
        ("ALERTS", "off", "alerts", False),
        ("CACHE_PERSISTENCE", "1", "cache_persistence", True),
    ],
)
def test_a_variable_wins_over_the_block(variable: str, text: str, name: str, value: object) -> None:
    block = {**EXAMPLE, "validation": "off"}
    settings = read(block, {f"FT_NUMBA_AOT_{variable}": text})
    assert settings == dataclasses.replace(read(block, {}), **{name: value})  # type: ignore[arg-type]


def test_each_option_has_its_variable() -> None:
    assert [option.variable for option in OPTIONS][:2] == [
        "FT_NUMBA_AOT_ENABLE_NUMBA_OPTIMIZATION",
        "FT_NUMBA_AOT_OPTIMIZATION_PHASE",
    ]


def test_an_empty_variable_is_not_set() -> None:
    assert read(EXAMPLE, {"FT_NUMBA_AOT_ENABLED_MODULES": " ", "FT_NUMBA_AOT": ""}) == read(
        EXAMPLE, {}
    )


@pytest.mark.parametrize("text", ["0", "false", "off", "No"])
def test_the_switch_turns_everything_off(text: str) -> None:
    environ = {"FT_NUMBA_AOT": text, "FT_NUMBA_AOT_ENABLE_NUMBA_OPTIMIZATION": "1"}
    assert read(EXAMPLE, environ).modules == ()


def test_the_switch_turns_nothing_on() -> None:
    assert read({"enable_numba_optimization": False}, {"FT_NUMBA_AOT": "1"}).modules == ()


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("FT_NUMBA_AOT", "maybe"),
        ("FT_NUMBA_AOT_ALERTS", "2"),
        ("FT_NUMBA_AOT_VALIDATION", "always"),
        ("FT_NUMBA_AOT_ENABLED_MODULES", "metrics;indicators"),
    ],
)
def test_a_bad_variable_is_named(variable: str, text: str) -> None:
    with pytest.raises(ConfigurationError, match=f'{variable} is "') as caught:
        read({}, {variable: text})
    assert caught.value.key == variable


def test_errors_are_pickled() -> None:
    with pytest.raises(ConfigurationError) as caught:
        read({"alerts": 3}, {})
    copied = pickle.loads(pickle.dumps(caught.value))
    assert str(copied) == str(caught.value)
    assert (copied.key, copied.value, copied.valid) == (
        caught.value.key,
        caught.value.value,
        caught.value.valid,
    )


@pytest.mark.parametrize("value", [True, False])
def test_cache_persistence_has_no_effect_and_says_so_once(
    value: bool, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(configuration, "_said", set())
    with caplog.at_level(logging.WARNING, "ft_numba_aot"):
        assert read({"cache_persistence": value}, {}).modules == MODULES
        read({"cache_persistence": value}, {})
    assert [record.getMessage() for record in caplog.records] == [
        "performance_optimization: cache_persistence has no effect: "
        "everything was compiled when this was built"
    ]


def test_the_schema_is_of_the_options() -> None:
    made = schema()
    assert json.loads(json.dumps(made)) == made
    assert made["additionalProperties"] is False
    assert list(made["properties"]) == [field.name for field in dataclasses.fields(Settings)]
    assert made["properties"]["validation"] == {
        "description": next(o.summary for o in OPTIONS if o.name == "validation"),
        "type": "string",
        "enum": ["off", "startup", "sample"],
        "default": "startup",
    }
    assert made["properties"]["enabled_modules"]["items"]["enum"] == list(MODULES)
    assert "default" not in made["properties"]["enabled_modules"]


def test_every_option_is_described() -> None:
    assert all(option.summary.endswith(".") for option in OPTIONS)
    defaults = Settings()
    assert all(getattr(defaults, option.name) == option.default for option in OPTIONS)


def test_importing_it_imports_no_numpy() -> None:
    code = (
        "import sys, ft_numba_aot.runtime.configuration as c; c.read(None, {});"
        "before = {'numpy', 'pandas', 'talib', 'freqtrade'} & set(sys.modules);"
        "import ft_numba_aot.runtime as r; r.get_numba_manager();"
        "print(sorted({'pandas', 'talib', 'freqtrade'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
