"""Hands build_aot.py to setuptools. Metadata is in pyproject.toml."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.modified import newer_group

HERE = Path(__file__).resolve().parent
# Where numba has wheels; elsewhere, and on request, the package is pure Python.
PLATFORMS = {
    ("linux", "x86_64"),
    ("linux", "aarch64"),
    ("darwin", "arm64"),
    ("win32", "amd64"),
}


def native() -> bool:
    here = (sys.platform, platform.machine().lower())
    musl = sys.platform == "linux" and platform.libc_ver()[0] != "glibc"
    return os.environ.get("FT_NUMBA_AOT_PURE", "0") in {"", "0"} and here in PLATFORMS and not musl


class BuildAot(build_ext):
    """Compile what is out of date, each in a process of its own: numba fixes its CPU at import."""

    def finalize_options(self) -> None:
        super().finalize_options()
        # All at once: three that are as long would leave one of two cores without work.
        self.parallel = self.parallel or len(extensions())

    def build_extension(self, ext: Extension) -> None:
        name = ext.name.rpartition(".")[2]
        path = Path(self.get_ext_fullpath(ext.name)).resolve()
        if not self.force and not newer_group(ext.depends, str(path)):
            return
        subprocess.run(
            [sys.executable, str(HERE / "build_aot.py"), name, str(path.parent)], check=True
        )


def extensions() -> list[Extension]:
    if not native():
        return []
    names = ["_native", "_native_stream"]
    if platform.machine().lower() in {"x86_64", "amd64"}:
        names = ["_native_stream", "_native_x86_64", "_native_x86_64_v3"]
    kernels = sorted((HERE / "kernels").glob("*.py"))
    depends = [
        "build_aot.py",
        "build_lanes.py",
        "ft_numba_aot/aot/_pycc.py",
        *(str(path.relative_to(HERE)) for path in kernels),
    ]
    return [Extension(f"ft_numba_aot.{name}", sources=[], depends=depends) for name in names]


setup(
    cmdclass={"build_ext": BuildAot},
    ext_modules=extensions(),
    # Here and not in pyproject.toml: a pure wheel must build where numba doesn't exist.
    setup_requires=["numba==0.68.1"] if native() else [],
)
