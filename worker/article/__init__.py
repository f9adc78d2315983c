"""Pure: bytes in, Article out.  No event loop, no Kafka, no clock."""

from worker.article import extract
from worker.article.evidence import extend_lexicon
from worker.article.extract import extract_article
from worker.records import Article

COMPILED = not str(extract.__file__).endswith(".py")
"""Whether the modules run as C (the build had a compiler) or interpreted, which costs more and gives the same articles."""

__all__ = ["COMPILED", "Article", "extend_lexicon", "extract_article"]
