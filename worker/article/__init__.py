"""Pure: bytes in, Article out.  No event loop, no Kafka, no clock."""

from worker.article.extract import extract_article
from worker.records import Article

__all__ = ["Article", "extract_article"]
