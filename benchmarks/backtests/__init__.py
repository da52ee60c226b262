"""Whole backtests and hyperopts: stock freqtrade against accelerated freqtrade.

python -m benchmarks.backtests            measures every case and writes its section of the document
python -m benchmarks.backtests few-trades measures that case anew, and keeps the others
python -m benchmarks.backtests.profile few-trades   tells what the accelerated run spends time on
"""
