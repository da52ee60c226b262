"""TA-Lib's own tests, run against this package's faces instead of TA-Lib."""
