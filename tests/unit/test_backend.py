"""Which backend runs, and what a missing or broken extension leads to."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import ft_numba_aot
from ft_numba_aot import _backend

NATIVE = ft_numba_aot.backend_info().file
needs_native = pytest.mark.skipif(NATIVE is None, reason="no native extension here")
PROBE = """
import json, warnings
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    import ft_numba_aot, ft_numba_aot.ta as ta, numpy
info = ft_numba_aot.backend_info()
print(json.dumps({"info": info._asdict(), "backend": ft_numba_aot.backend(),
                  "warnings": [str(w.message) for w in caught],
                  "sma": ta.SMA(numpy.arange(5.0), timeperiod=2).tolist()[1:]}))
"""


def probe(path: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("FT_NUMBA_AOT_")}
    if path is not None:
        clean["PYTHONPATH"] = str(path)
    return subprocess.run(
        [sys.executable, "-P", "-c", PROBE],
        env={**clean, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def seen(path: Path | None = None, **environment: str) -> dict:  # type: ignore[type-arg]
    done = probe(path, **environment)
    assert done.returncode == 0, done.stderr
    result: dict = json.loads(done.stdout)  # type: ignore[type-arg]
    assert result["sma"] == [0.5, 1.5, 2.5, 3.5]
    return result


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A copy of the installed package, to break."""
    source = Path(ft_numba_aot.__file__).parent
    shutil.copytree(source, tmp_path / "ft_numba_aot", ignore=shutil.ignore_patterns("__pycache__"))
    kernels = tmp_path / "ft_numba_aot" / "_kernels"
    if not kernels.exists():  # an editable install keeps them elsewhere
        shutil.copytree(
            Path(_backend._pure_kernels.__globals__["__file__"]).parents[1] / "kernels", kernels
        )
    return tmp_path


def test_says_what_runs() -> None:
    info = ft_numba_aot.backend_info()
    assert info.backend == ft_numba_aot.backend()
    if info.backend == "native":
        assert info.file is not None
        assert Path(info.file).exists()
        assert info.isa in _backend.ISAS
        assert info.numba is not None
        assert info.reason is None
    else:
        assert info.reason


def test_pure_can_be_forced() -> None:
    result = seen(FT_NUMBA_AOT_BACKEND="pure")
    assert result["backend"] == "pure"
    assert result["info"]["reason"] == "FT_NUMBA_AOT_BACKEND=pure"
    assert result["warnings"] == []


@needs_native
def test_native_is_the_default() -> None:
    result = seen()
    assert result["backend"] == "native"
    assert result["warnings"] == []


@needs_native
@pytest.mark.skipif(platform.machine() not in {"x86_64", "AMD64"}, reason="two ISAs on x86-64")
@pytest.mark.parametrize("isa", ["x86-64", "x86-64-v3"])
def test_isa_can_be_forced(isa: str) -> None:
    if isa == "x86-64-v3" and not _backend._cpu_has_v3():
        pytest.skip("this CPU has no x86-64-v3")
    result = seen(FT_NUMBA_AOT_ISA=isa, FT_NUMBA_AOT_BACKEND="native")
    assert result["info"]["isa"] == isa


@pytest.mark.parametrize("variable", ["FT_NUMBA_AOT_BACKEND", "FT_NUMBA_AOT_ISA"])
def test_unknown_choice_is_named_with_the_valid_ones(variable: str) -> None:
    done = probe(**{variable: "fastest"})
    assert done.returncode != 0
    valid = _backend.BACKENDS if variable.endswith("BACKEND") else tuple(_backend.ISAS)
    assert f"{variable}='fastest': expected one of {', '.join(valid)}" in done.stderr


def remove(extension: Path) -> None:
    extension.unlink()


def truncate(extension: Path) -> None:
    os.truncate(extension, extension.stat().st_size * 2 // 3)


def nearly_empty(extension: Path) -> None:
    extension.write_bytes(extension.read_bytes()[:40])


def wrong_platform(extension: Path) -> None:
    content = bytearray(extension.read_bytes())
    content[18:20] = (40).to_bytes(2, "little")  # ELF's e_machine: 32-bit Arm
    extension.write_bytes(content)


def text(extension: Path) -> None:
    extension.write_text("not a library")


@needs_native
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="damages ELF files")
@pytest.mark.parametrize("damage", [truncate, nearly_empty, wrong_platform, text])
def test_broken_extension_falls_back_with_one_warning(installed: Path, damage) -> None:  # type: ignore[no-untyped-def]
    for extension in (installed / "ft_numba_aot").glob("_native*"):
        damage(extension)
    result = seen(installed)
    assert result["backend"] == "pure"
    assert len(result["warnings"]) == 1
    assert "pip install --force-reinstall ft-numba-aot" in result["warnings"][0]
    assert result["info"]["reason"] in result["warnings"][0]


@needs_native
def test_missing_extension_is_a_pure_wheel(installed: Path) -> None:
    for extension in (installed / "ft_numba_aot").glob("_native*"):
        remove(extension)
    assert seen(installed)["warnings"] == []
    forced = probe(installed, FT_NUMBA_AOT_BACKEND="native")
    assert forced.returncode != 0
    assert "ImportError: FT_NUMBA_AOT_BACKEND=native, but" in forced.stderr


@needs_native
def test_missing_kernel_falls_back_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    class Old:
        ema = staticmethod(print)

    monkeypatch.setattr(_backend, "_native", Old)
    assert _backend.call("ema") is print
    with pytest.warns(RuntimeWarning, match="has no kernel 'sma'"):
        assert _backend.call("sma") is not None
