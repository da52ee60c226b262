import pandas_ta as pta
from freqtrade.strategy import IStrategy
from pandas import DataFrame


class PandasTaHeavy(IStrategy):
    """Everything from pandas-ta, as strategies do that came from elsewhere."""

    INTERFACE_VERSION = 3
    timeframe = "5m"
    minimal_roi = {"0": 0.03}  # noqa: RUF012
    stoploss = -0.07
    startup_candle_count = 120

    def populate_indicators(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        high, low, close = dataframe["high"], dataframe["low"], dataframe["close"]
        dataframe["cti"] = pta.cti(close, length=20)
        dataframe["zlma"] = pta.zlma(close, length=50)
        dataframe["zlma_ok"] = dataframe["zlma"] > dataframe["zlma"].shift(1)
        dataframe["linreg"] = pta.linreg(close, length=24)
        dataframe["hma"] = pta.hma(close, length=50)
        dataframe["kama"] = pta.kama(close, length=14)
        dataframe["efi"] = pta.efi(close, dataframe["volume"], length=13)
        dataframe["rsi"] = pta.rsi(close, length=14)
        dataframe["willr"] = pta.willr(high, low, close, length=14)
        trend = pta.supertrend(high, low, close, length=10, multiplier=3.0)
        dataframe["trend"] = trend["SUPERTd_10_3.0"]
        dataframe["ema_fast"] = pta.ema(close, length=12)
        dataframe["ema_slow"] = pta.ema(close, length=26)
        return dataframe

    def populate_entry_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        dataframe.loc[
            (dataframe["cti"] < 0) & dataframe["zlma_ok"] & (dataframe["willr"] < -30),
            "enter_long",
        ] = 1
        return dataframe

    def populate_exit_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        dataframe.loc[(dataframe["cti"] > 0.8) | (dataframe["trend"] < 0), "exit_long"] = 1
        return dataframe
