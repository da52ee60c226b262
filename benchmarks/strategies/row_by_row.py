import talib.abstract as ta
from freqtrade.strategy import IStrategy
from pandas import DataFrame


class RowByRow(IStrategy):
    """A stop that follows the price, computed in a loop over the rows."""

    INTERFACE_VERSION = 3
    timeframe = "5m"
    minimal_roi = {"0": 0.03}  # noqa: RUF012
    stoploss = -0.05
    startup_candle_count = 30

    def populate_indicators(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        dataframe["atr"] = ta.ATR(dataframe, timeperiod=14)
        dataframe["body"] = dataframe.apply(lambda row: abs(row["close"] - row["open"]), axis=1)
        stop, up, stops, above = 0.0, True, [], []
        for _, row in dataframe.iterrows():
            close, distance = row["close"], 3 * row["atr"]
            if distance > 0 and up:
                stop = max(stop, close - distance)
                if close <= stop:
                    stop, up = close + distance, False
            elif distance > 0:
                stop = min(stop, close + distance)
                if close >= stop:
                    stop, up = close - distance, True
            stops.append(stop)
            above.append(up)
        dataframe["stop"] = stops
        dataframe["above"] = above
        dataframe["strength"] = (
            dataframe["close"].rolling(14).apply(lambda window: (window > window.mean()).mean())
        )
        return dataframe

    def populate_entry_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        turned = dataframe["above"] & ~dataframe["above"].shift(1, fill_value=False)
        dataframe.loc[turned & (dataframe["strength"] > 0.5), "enter_long"] = 1
        return dataframe

    def populate_exit_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        dataframe.loc[~dataframe["above"] & (dataframe["body"] > 0), "exit_long"] = 1
        return dataframe
