from freqtrade.strategy import IStrategy
from pandas import DataFrame
from technical import qtpylib
from technical.consensus import Consensus


class Agreement(IStrategy):
    """Asks a dozen indicators, and goes with most of them."""

    INTERFACE_VERSION = 3
    timeframe = "5m"
    minimal_roi = {"0": 0.04}  # noqa: RUF012
    stoploss = -0.08
    startup_candle_count = 100

    def populate_indicators(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        consensus = Consensus(dataframe)
        consensus.evaluate_rsi()
        consensus.evaluate_stoch()
        consensus.evaluate_macd_cross_over()
        consensus.evaluate_macd()
        consensus.evaluate_hull()
        consensus.evaluate_tema(period=12)
        consensus.evaluate_ema(period=24)
        consensus.evaluate_sma(period=12)
        consensus.evaluate_laguerre()
        consensus.evaluate_osc()
        consensus.evaluate_cmf()
        consensus.evaluate_cci()
        consensus.evaluate_cmo()
        consensus.evaluate_ichimoku()
        consensus.evaluate_ultimate_oscilator()
        consensus.evaluate_williams()
        consensus.evaluate_momentum()
        consensus.evaluate_adx()
        score = consensus.score(smooth=3)
        dataframe["buy_score"] = score["buy"]
        dataframe["sell_score"] = score["sell"]
        return dataframe

    def populate_entry_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        crossed = qtpylib.crossed_above(dataframe["buy_score"], 45)
        dataframe.loc[crossed & (dataframe["volume"] > 0), "enter_long"] = 1
        return dataframe

    def populate_exit_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        crossed = qtpylib.crossed_above(dataframe["sell_score"], 45)
        dataframe.loc[crossed & (dataframe["volume"] > 0), "exit_long"] = 1
        return dataframe
