"""What reaches standard error."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from aiokafka.errors import ProducerFenced

from worker.config import KafkaSettings, LoggingSettings
from worker.logs import configure_logging


@pytest.fixture(autouse=True)
def _undisturbed() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


async def test_what_the_client_told_nobody_in_particular_is_left_out_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(LoggingSettings(format="json"))
    for error in (ProducerFenced(), ValueError("ours")):
        asyncio.get_running_loop().create_future().set_exception(error)
    gc.collect()
    (line,) = lines(capsys)
    assert "ours" in str(line["exception"])


def test_every_line_is_json_with_its_time_level_and_logger_even_an_exception(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(LoggingSettings(format="json"))
    try:
        int("seven")
    except ValueError:
        structlog.get_logger("worker.x").exception("it failed", ref=("a", 1))
    logging.getLogger("urllib3").warning("careful: %s", object)
    first, second = lines(capsys)
    assert {"timestamp", "level", "logger", "event", "exception"} <= first.keys()
    assert "seven" in str(first["exception"])
    assert second["level"] == "warning"


def test_no_traceback_shows_what_variables_hold_not_even_at_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(LoggingSettings(format="console"))

    def connect(sasl_plain_password: str) -> None:
        raise ValueError(len(sasl_plain_password))

    try:
        connect("hunter" + str(2))
    except ValueError:
        structlog.get_logger("worker.v").exception("it failed")
    shown = capsys.readouterr().err
    assert "in connect" in shown
    assert "hunter2" not in shown


def test_debug_is_silent_unless_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(LoggingSettings(format="json"))
    structlog.get_logger("worker.y").debug("detail")
    configure_logging(LoggingSettings(format="json", level="debug"))
    structlog.get_logger("worker.z").debug("detail")
    assert [line["event"] for line in lines(capsys)] == ["detail"]


def test_the_kafka_client_says_the_same_thing_once_in_an_outage(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(LoggingSettings(format="json"))
    for node in range(100):
        logging.getLogger("aiokafka").error("Unable to connect to node %s", node)
    logging.getLogger("aiokafka.consumer").error("Something else")
    logging.getLogger("worker").error("ours")
    logging.getLogger("worker").error("ours")
    assert [line["event"] for line in lines(capsys)] == ["Unable to connect to node 0", "Something else", "ours", "ours"]


def test_a_secret_is_not_logged_with_the_settings_that_hold_it(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(LoggingSettings(format="json"))
    settings = KafkaSettings.model_validate(
        {"security_protocol": "SASL_SSL", "sasl_plain_username": "winnow", "sasl_plain_password": "open sesame"}
    )
    structlog.get_logger("worker.x").info("settings", settings=settings)
    assert "open sesame" not in json.dumps(lines(capsys))
