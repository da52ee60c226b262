from freqtrade.strategy import IStrategy
from pandas import DataFrame

from {{ cookiecutter.kernels }} import trailing_line, volume_weighted


class {{ cookiecutter.strategy }}(IStrategy):
    """Buys above the volume weighted price while the trailing line is below; sells when it isn't."""

    INTERFACE_VERSION = 3
    timeframe = "{{ cookiecutter.timeframe }}"
    can_short = False
    minimal_roi = {"0": 0.1}
    stoploss = -0.1
    startup_candle_count = 100

    def populate_indicators(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        # Of a DataFrame, a kernel takes the columns that are named as its arguments.
        dataframe["weighted"] = volume_weighted(dataframe, timeperiod=20)
        dataframe["line"], dataframe["direction"] = trailing_line(dataframe["close"], 0.02)
        return dataframe

    def populate_entry_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        above = dataframe["close"] > dataframe["weighted"]
        dataframe.loc[above & (dataframe["direction"] == 1), "enter_long"] = 1
        return dataframe

    def populate_exit_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        dataframe.loc[dataframe["direction"] == -1, "exit_long"] = 1
        return dataframe
