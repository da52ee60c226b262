"""Documents that are generated are current."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[3] / "docs"


@pytest.mark.parametrize("name", ["replacements", "freqtrade_versions", "options"])
def test_what_is_generated_is_current(name):
    pytest.importorskip("freqtrade")
    pytest.importorskip("optuna")
    path = DOCS / f"{name}.py"
    if not path.exists():
        pytest.skip("not in a checkout")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    page = script.PAGE.read_text(encoding="utf-8")
    try:
        current = script.current(page)
    except (ImportError, AttributeError, KeyError) as error:
        pytest.skip(f"this freqtrade lacks what a module needs: {error!r}")
    assert current == page, f"python docs/{name}.py"


def test_deployment_shows_the_dockerfile():
    path = DOCS.parent / "examples" / "docker" / "Dockerfile"
    if not path.exists():
        pytest.skip("not in a checkout")
    code = [
        line
        for line in path.read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    page = (DOCS / "deployment.md").read_text(encoding="utf-8")
    shown = page.partition("```dockerfile\n")[2].partition("```")[0]
    assert [line for line in shown.splitlines() if line] == code
