"""Alerts reach freqtrade's RPC, and through it Telegram, webhooks and the web interface."""

from __future__ import annotations

import gc
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("freqtrade")

from freqtrade.enums import RPCMessageType
from freqtrade.rpc.rpc_manager import RPCManager

import ft_numba_aot
from ft_numba_aot.freqtrade_integration import switch
from ft_numba_aot.runtime.configuration import Settings
from ft_numba_aot.runtime.manager import get_numba_manager

PROGRESSIVE = Settings(optimization_phase="progressive", validation="off")
STOCK = RPCManager.__init__


@pytest.fixture(autouse=True)
def _leave_it_off():
    ft_numba_aot.disable()
    get_numba_manager().reset()
    yield
    ft_numba_aot.disable()
    get_numba_manager().reset()


class Bot(RPCManager):
    """freqtrade's own, with one receiver."""

    def __init__(self) -> None:
        self.received: list[dict[str, Any]] = []
        super().__init__(SimpleNamespace(config={}))  # type: ignore[arg-type]
        receiver = SimpleNamespace(name="receiver", send_msg=self.received.append)
        self.registered_modules.append(receiver)


def warning(message: str) -> dict[str, Any]:
    return {"type": RPCMessageType.WARNING, "status": f"ft-numba-aot: {message}"}


def test_each_cause_is_one_warning():
    assert "alerts" in switch.use(PROGRESSIVE).active
    bot = Bot()
    alerts = get_numba_manager().alerts
    for _ in range(3):
        alerts.send("mismatch: metrics.f", "f runs as its original")
    alerts.send("cache", "the cache can't be written")
    assert bot.received == [
        warning("f runs as its original"),
        warning("the cache can't be written"),
    ]


def test_what_was_found_before_there_was_a_bot_is_told_at_once():
    sent: list[dict[str, Any]] = []

    class Early(RPCManager):
        def send_msg(self, msg: Any) -> None:
            sent.append(msg)

    switch.use(PROGRESSIVE)
    get_numba_manager().alerts.send("parts", "wallets: freqtrade's own code runs")
    Early(SimpleNamespace(config={}))  # type: ignore[arg-type]
    assert sent == [warning("wallets: freqtrade's own code runs")]


def test_a_function_that_fails_is_told_of():
    def original(value: int) -> int:
        return value

    def optimized(value: int) -> int:
        raise RuntimeError("a defect")

    switch.use(PROGRESSIVE)
    bot = Bot()
    proxy = (
        get_numba_manager()
        .register("metrics", "of_this_test", original=original, optimized=optimized)
        .proxy
    )
    assert [proxy(number) for number in range(5)] == [0, 1, 2, 3, 4]
    first, second = (message["status"] for message in bot.received)
    assert first.startswith(
        "ft-numba-aot: metrics.of_this_test failed, its original ran instead: RuntimeError: a de"
    )
    assert second.startswith("ft-numba-aot: metrics.of_this_test runs as its original for the next")


def test_alerts_can_be_left_to_the_log(caplog):
    switch.use(Settings(optimization_phase="progressive", validation="off", alerts=False))
    bot = Bot()
    get_numba_manager().alerts.send("cache", "the cache can't be written")
    assert bot.received == []
    assert "the cache can't be written" in caplog.text


def test_a_receiver_that_fails_harms_nobody(caplog):
    switch.use(PROGRESSIVE)
    bot = Bot()

    def fail(message: dict[str, Any]) -> None:
        raise ConnectionError("no network")

    bot.registered_modules.insert(0, SimpleNamespace(name="fails", send_msg=fail))  # type: ignore
    get_numba_manager().alerts.send("cache", "the cache can't be written")
    assert bot.received == [warning("the cache can't be written")]
    assert "Exception occurred within RPC module fails" in caplog.text


def test_a_bot_that_is_gone_is_no_channel():
    switch.use(PROGRESSIVE)
    alerts = get_numba_manager().alerts
    bot = Bot()
    other = Bot()
    assert len(alerts._channels) == 2
    del bot
    gc.collect()
    assert len(alerts._channels) == 1
    alerts.send("cache", "the cache can't be written")
    assert other.received == [warning("the cache can't be written")]


@pytest.mark.parametrize("phase", ["conservative", "progressive", "aggressive"])
def test_every_phase_has_them(phase):
    status = switch.use(Settings(optimization_phase=phase, validation="off"))
    assert "alerts" in status.active
    assert RPCManager.__init__ is not STOCK
    ft_numba_aot.disable()
    assert RPCManager.__init__ is STOCK
