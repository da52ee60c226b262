"""Refuses names that Python can't import."""

import keyword
import sys

names = {
    "strategy": "{{ cookiecutter.strategy }}",
    "strategy_file": "{{ cookiecutter.strategy_file }}",
    "kernels": "{{ cookiecutter.kernels }}",
}
for what, name in names.items():
    if not (name.isidentifier() and name.isascii()) or keyword.iskeyword(name):
        sys.exit(f"{what}={name!r} is no name for Python: a-z, 0-9 and _ only")
if names["strategy_file"] == names["kernels"]:
    sys.exit(f"strategy_file and kernels are both {names['kernels']!r}")
