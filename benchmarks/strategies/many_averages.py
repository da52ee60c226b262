import talib.abstract as ta
from freqtrade.strategy import IntParameter, IStrategy
from pandas import DataFrame


class ManyAverages(IStrategy):
    """Averages of all lengths that a hyperopt may ask for, two of which cross."""

    INTERFACE_VERSION = 3
    timeframe = "5m"
    minimal_roi = {"0": 0.04}  # noqa: RUF012
    stoploss = -0.08
    startup_candle_count = 200
    fast = IntParameter(3, 30, default=8, space="buy", optimize=True)
    slow = IntParameter(31, 90, default=50, space="buy", optimize=True)

    def populate_indicators(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        for length in range(3, 31):
            dataframe[f"fast_{length}"] = ta.EMA(dataframe, timeperiod=length)
        for length in range(31, 91):
            dataframe[f"slow_{length}"] = ta.SMA(dataframe, timeperiod=length)
        dataframe["atr"] = ta.ATR(dataframe, timeperiod=14)
        dataframe["adx"] = ta.ADX(dataframe)
        dataframe["volume_mean"] = dataframe["volume"].rolling(20).mean()
        return dataframe

    def populate_entry_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        fast, slow = dataframe[f"fast_{self.fast.value}"], dataframe[f"slow_{self.slow.value}"]
        dataframe.loc[
            (fast > slow)
            & (fast.shift(1) <= slow.shift(1))
            & (dataframe["adx"] > 20)
            & (dataframe["volume"] > dataframe["volume_mean"]),
            "enter_long",
        ] = 1
        return dataframe

    def populate_exit_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        fast, slow = dataframe[f"fast_{self.fast.value}"], dataframe[f"slow_{self.slow.value}"]
        dataframe.loc[(fast < slow) & (fast.shift(1) >= slow.shift(1)), "exit_long"] = 1
        return dataframe
