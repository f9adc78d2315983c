"""Structured logs on standard error: JSON in a cluster, readable at a terminal."""

from __future__ import annotations

import json
import logging
import sys

import orjson
import structlog

from worker.config import LoggingSettings

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
_SAID_AGAIN_S = 30.0
_KINDS = 1_000  # that are remembered


def configure_logging(settings: LoggingSettings) -> None:
    """Send structlog's and the standard library's records through one renderer."""
    console = settings.format == "console" or (settings.format == "auto" and sys.stderr.isatty())
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[settings.level]),
        cache_logger_on_first_use=True,
    )
    renderer: list[structlog.typing.Processor] = (
        [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)]
        if console
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(serializer=_json)]
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer]
        )
    )
    handler.addFilter(_Sparing())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(_LEVELS[settings.level])
    logging.getLogger("aiokafka").setLevel(max(logging.ERROR, _LEVELS[settings.level]))
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)


class _Sparing(logging.Filter):
    """Lets each kind of message of the Kafka client through now and then: in an outage it repeats itself many times a second.

    A failure that it has told to every one of its futures is not told again for those that nobody waited for.
    """

    def __init__(self) -> None:
        super().__init__()
        self._last: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name == "asyncio" and record.exc_info and "never retrieved" in record.getMessage():
            return not type(record.exc_info[1]).__module__.startswith("aiokafka")
        if not record.name.startswith("aiokafka"):
            return True
        said = str(record.msg)
        if record.created - self._last.get(said, 0.0) < _SAID_AGAIN_S:
            return False
        if len(self._last) >= _KINDS:
            self._last.clear()
        self._last[said] = record.created
        return True


def _json(record: object, **_: object) -> str:
    try:
        return orjson.dumps(record, default=repr, option=orjson.OPT_NON_STR_KEYS).decode()
    except TypeError:  # a lone surrogate, from a file's name or a page: no reason to lose the line
        return json.dumps(record, default=repr)
