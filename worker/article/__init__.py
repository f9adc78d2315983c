"""Pure: bytes in, Article out.  No event loop, no Kafka, no clock."""

from worker.article.evidence import extend_lexicon
from worker.article.extract import extract_article
from worker.records import Article

__all__ = ["Article", "extend_lexicon", "extract_article"]
