import talib.abstract as ta
from freqtrade.strategy import IStrategy
from pandas import DataFrame
from technical import qtpylib
from technical.indicators import RMI, SSLChannels, chaikin_money_flow, ichimoku, zema
from technical.util import resample_to_interval, resampled_merge


class Clouds(IStrategy):
    """Ichimoku's cloud of a longer timeframe, with quick averages of this one."""

    INTERFACE_VERSION = 3
    timeframe = "5m"
    minimal_roi = {"0": 0.05}  # noqa: RUF012
    stoploss = -0.08
    startup_candle_count = 240

    def populate_indicators(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        long = resample_to_interval(dataframe, 15)
        long["rsi"] = ta.RSI(long)
        dataframe = resampled_merge(dataframe, long, fill_na=True)
        cloud = ichimoku(
            dataframe,
            conversion_line_period=20,
            base_line_periods=60,
            laggin_span=120,
            displacement=30,
        )
        for name in ("tenkan_sen", "kijun_sen", "senkou_span_a", "senkou_span_b"):
            dataframe[name] = cloud[name]
        dataframe["cloud_green"] = cloud["cloud_green"]
        dataframe["zema_fast"] = zema(dataframe, period=30)
        dataframe["zema_slow"] = zema(dataframe, period=200)
        dataframe["rmi"] = RMI(dataframe, length=20, mom=5)
        dataframe["cmf"] = chaikin_money_flow(dataframe, 20)
        dataframe["ssl_down"], dataframe["ssl_up"] = SSLChannels(dataframe, 30)
        return dataframe

    def populate_entry_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        dataframe.loc[
            qtpylib.crossed_above(dataframe["zema_fast"], dataframe["zema_slow"])
            & (dataframe["close"] > dataframe["senkou_span_a"])
            & (dataframe["resample_15_rsi"] < 70),
            "enter_long",
        ] = 1
        return dataframe

    def populate_exit_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        dataframe.loc[
            qtpylib.crossed_below(dataframe["tenkan_sen"], dataframe["kijun_sen"]), "exit_long"
        ] = 1
        return dataframe
