"""Everything that can go wrong, as one tree.

WinnowError
├── ConfigError                  the configuration file can't be used
├── DamagedInput                 a file ends before its end, or is not what its name says
├── NotTracked                   an offset was settled that its tracker does not hold
├── ClaimStoreUnavailable        the dedup store did not answer
├── PublishFailed                the output did not take a record; trying again may help
├── PoolBroken                   children die faster than they can be replaced
├── FatalError                   the worker can't go on and must be restarted
└── PageError                    this page will never become an article: it earns a dead letter
    ├── PayloadTooLarge          payload_too_large
    ├── EmptyPayload             empty_payload
    ├── BadEnvelope              bad_envelope
    │   └── MissingBody          missing_body
    ├── UndecodablePage          undecodable
    │   ├── BadContentEncoding   bad_content_encoding
    │   └── DecodedTooLarge      decoded_too_large
    ├── UnsupportedContent       unsupported_content
    ├── NoMainText               no_main_text
    ├── ExtractionFailed         extraction_failed
    ├── PageTimeout              timeout
    ├── PageCrash                crash
    ├── PageMemory               memory
    └── OutputTooLarge           output_too_large

A `PageError` crosses the process boundary as its `reason` and its message: `page_error` puts it together again.
"""

from __future__ import annotations

from typing import ClassVar


class WinnowError(Exception):
    """Base of every error that this package raises on purpose."""


class ConfigError(WinnowError):
    """The configuration can't be used; the message names every fault."""


class DamagedInput(WinnowError):
    """A file of pages can't be read to its end; what came before the damage was read."""


class NotTracked(WinnowError):
    """An offset was settled that is not pending: never registered here, or settled before."""

    def __init__(self, offset: int) -> None:
        super().__init__(f"offset {offset} is not pending in this tracker")


class ClaimStoreUnavailable(WinnowError):
    """The dedup store did not answer, or refused; nothing is known of the claims that were asked for."""


class PublishFailed(WinnowError):
    """The output did not take a record within its time; the record is still held and can be sent again."""


class PoolBroken(WinnowError):
    """Extraction processes die faster than they can be replaced."""


class FatalError(WinnowError):
    """The worker can't go on; a restart resolves what is not known now."""


class PageError(WinnowError):
    """A page that will never become an article, however often it is tried.

    `reason` is a short fixed word: it labels the dead letter and the metric.  `stage` says where the page failed.
    """

    reason: ClassVar[str] = "page_error"
    stage: ClassVar[str] = "extract"


class PayloadTooLarge(PageError):
    """The record's value exceeds `limits.payload_bytes`."""

    reason = "payload_too_large"
    stage = "input"


class EmptyPayload(PageError):
    """The record's value, or the page in it, has no bytes."""

    reason = "empty_payload"
    stage = "input"


class BadEnvelope(PageError):
    """The record should hold a JSON envelope and does not, or a field of it has the wrong type."""

    reason = "bad_envelope"
    stage = "input"


class MissingBody(BadEnvelope):
    """The envelope is sound and has no page in it."""

    reason = "missing_body"


class UndecodablePage(PageError):
    """The bytes are no text in any charset that was declared or could be guessed."""

    reason = "undecodable"
    stage = "decode"


class BadContentEncoding(UndecodablePage):
    """The body is not what its Content-Encoding says, is cut short, or the encoding is unknown."""

    reason = "bad_content_encoding"


class DecodedTooLarge(UndecodablePage):
    """The body unpacks to more than `limits.decoded_bytes`."""

    reason = "decoded_too_large"


class UnsupportedContent(PageError):
    """The body is a picture, a PDF, an archive or another thing that is no page."""

    reason = "unsupported_content"
    stage = "decode"


class NoMainText(PageError):
    """The page was read and holds no article."""

    reason = "no_main_text"


class ExtractionFailed(PageError):
    """The extractor raised something that it does not raise on purpose."""

    reason = "extraction_failed"


class PageTimeout(PageError):
    """Extraction passed `pool.page_timeout` twice, the second time alone in a fresh process."""

    reason = "timeout"


class PageCrash(PageError):
    """Extraction ended its process twice, the second time alone in a fresh one."""

    reason = "crash"


class PageMemory(PageError):
    """Extraction needed more than `pool.max_rss`, twice."""

    reason = "memory"


class OutputTooLarge(PageError):
    """The article is larger than the broker takes."""

    reason = "output_too_large"
    stage = "publish"


def _leaves(kind: type[PageError]) -> dict[str, type[PageError]]:
    found = {kind.reason: kind}
    for child in kind.__subclasses__():
        found |= _leaves(child)
    return found


_BY_REASON = _leaves(PageError)

REASONS: tuple[str, ...] = tuple(sorted(_BY_REASON.keys() - {PageError.reason}))
"""Every reason that a dead letter can carry."""

STAGES: tuple[str, ...] = tuple(sorted({kind.stage for kind in _BY_REASON.values()}))
"""Every stage that a dead letter can carry."""


def page_error(reason: str, message: str) -> PageError:
    """The error that `reason` names, with its message; an unknown reason is an `ExtractionFailed`."""
    return _BY_REASON.get(reason, ExtractionFailed)(message)
