"""The indicators that strategies call in other packages: qtpylib, technical, pandas-ta.

Importing this package itself imports none of them; its modules do, each one's own.
"""
