import talib.abstract as ta
from freqtrade.strategy import IStrategy, informative, merge_informative_pair
from pandas import DataFrame
from technical import qtpylib


class ThreeTimeframes(IStrategy):
    """Goes with the trend of 15 minutes, an hour and four, and with that of BTC."""

    INTERFACE_VERSION = 3
    timeframe = "5m"
    minimal_roi = {"0": 0.05}  # noqa: RUF012
    stoploss = -0.1
    startup_candle_count = 100
    info_timeframe = "1h"

    def informative_pairs(self) -> list:
        pairs = self.dp.current_whitelist()
        return [(pair, self.info_timeframe) for pair in pairs]

    @informative("15m")
    def populate_indicators_15m(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        dataframe["rsi"] = ta.RSI(dataframe, timeperiod=14)
        dataframe["ema_fast"] = ta.EMA(dataframe, timeperiod=12)
        dataframe["ema_slow"] = ta.EMA(dataframe, timeperiod=26)
        return dataframe

    @informative("4h")
    @informative("1h", "BTC/{stake}")
    def populate_indicators_slow(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        dataframe["rsi"] = ta.RSI(dataframe, timeperiod=14)
        macd = ta.MACD(dataframe)
        dataframe["macd"] = macd["macd"]
        dataframe["macdsignal"] = macd["macdsignal"]
        return dataframe

    def populate_indicators(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        hourly = self.dp.get_pair_dataframe(metadata["pair"], self.info_timeframe)
        hourly["sma_50"] = ta.SMA(hourly, timeperiod=50)
        hourly["sma_200"] = ta.SMA(hourly, timeperiod=200)
        hourly["atr"] = ta.ATR(hourly, timeperiod=14)
        bollinger = qtpylib.bollinger_bands(qtpylib.typical_price(hourly), window=20, stds=2)
        hourly["bb_lower"] = bollinger["lower"]
        hourly["bb_upper"] = bollinger["upper"]
        dataframe = merge_informative_pair(
            dataframe, hourly, self.timeframe, self.info_timeframe, ffill=True
        )
        dataframe["rsi"] = ta.RSI(dataframe, timeperiod=14)
        dataframe["ema_20"] = ta.EMA(dataframe, timeperiod=20)
        return dataframe

    def populate_entry_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        dataframe.loc[
            (dataframe["rsi"] < 45)
            & (dataframe["ema_fast_15m"] > dataframe["ema_slow_15m"])
            & (dataframe["close"] < dataframe["bb_upper_1h"])
            & ~(dataframe["macd_4h"] < dataframe["macdsignal_4h"]),
            "enter_long",
        ] = 1
        return dataframe

    def populate_exit_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        dataframe.loc[(dataframe["rsi"] > 75) & (dataframe["rsi_15m"] > 65), "exit_long"] = 1
        return dataframe
