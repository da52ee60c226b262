import numpy as np
import talib.abstract as ta
from freqtrade.strategy import IntParameter, IStrategy
from pandas import DataFrame
from technical.indicators import supertrend


class ThreeSupertrends(IStrategy):
    """Three supertrends, of technical and of its own, that have to agree."""

    INTERFACE_VERSION = 3
    timeframe = "5m"
    minimal_roi = {"0": 0.09}  # noqa: RUF012
    stoploss = -0.1
    startup_candle_count = 50
    multiplier = IntParameter(1, 7, default=4, space="buy")
    period = IntParameter(7, 21, default=8, space="buy")

    def populate_indicators(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        for number, (period, multiplier) in enumerate(((8, 4), (9, 7), (8, 1)), 1):
            values, direction = supertrend(dataframe, period, multiplier)
            dataframe[f"supertrend_{number}"] = values
            dataframe[f"direction_{number}"] = direction
        dataframe["own_direction"] = self.own_supertrend(
            dataframe, self.multiplier.value, self.period.value
        )
        return dataframe

    def own_supertrend(self, dataframe: DataFrame, multiplier: int, period: int) -> np.ndarray:
        """As published: the bands by label, candle by candle."""
        atr = ta.SMA(ta.TRANGE(dataframe), period)
        middle = (dataframe["high"] + dataframe["low"]) / 2
        upper = (middle + multiplier * atr).to_numpy().copy()
        lower = (middle - multiplier * atr).to_numpy().copy()
        close = dataframe["close"].to_numpy()
        direction = np.zeros(len(close))
        for i in range(period, len(close)):
            if not upper[i] < upper[i - 1] and close[i - 1] <= upper[i - 1]:
                upper[i] = upper[i - 1]
            if not lower[i] > lower[i - 1] and close[i - 1] >= lower[i - 1]:
                lower[i] = lower[i - 1]
            if close[i] > upper[i - 1]:
                direction[i] = 1
            elif close[i] < lower[i - 1]:
                direction[i] = -1
            else:
                direction[i] = direction[i - 1]
        return direction

    def populate_entry_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        dataframe.loc[
            (dataframe["direction_1"] == "up")
            & (dataframe["direction_2"] == "up")
            & (dataframe["direction_3"] == "up")
            & (dataframe["own_direction"] > 0),
            "enter_long",
        ] = 1
        return dataframe

    def populate_exit_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        dataframe.loc[dataframe["direction_1"] == "down", "exit_long"] = 1
        return dataframe
