"""How good extraction is beside trafilatura: each page's text against what a person marked as its article.

    python -m tests.bench.quality FOLDER GOLD

FOLDER holds pages as ID.html or ID.html.gz.  GOLD is JSON lines with `id`, `url` and `text`; pages are told apart by their `set`
where they have one.  Precision and recall are of shingles of four words, averaged over the pages and then combined: the measure of
https://github.com/scrapinghub/article-extraction-benchmark.  What is written without spaces counts by the character.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import statistics
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import trafilatura

from worker.article import extract_article
from worker.errors import PageError

SHINGLE: Final = 4
_SPACELESS: Final = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD: Final = re.compile(rf"[{_SPACELESS}]|[^\W{_SPACELESS}]+")


def winnow(payload: bytes, url: str) -> str:
    try:
        return extract_article(payload, url).text
    except PageError:
        return ""


def by_trafilatura(payload: bytes, url: str) -> str:
    found = trafilatura.bare_extraction(payload, url=url, with_metadata=True, include_comments=False)
    return (found.text or "") if found is not None else ""


ENGINES: Final[dict[str, Callable[[bytes, str], str]]] = {"winnow": winnow, "trafilatura": by_trafilatura}


def precision_and_recall(wanted: str, found: str) -> tuple[float | None, float | None]:
    """Of the found shingles those that were wanted, and of the wanted those that were found; None of nothing."""
    true, seen = _shingles(wanted), _shingles(found)
    if true == seen:
        return 1.0, 1.0
    hits = (true & seen).total()
    return (hits / seen.total() if seen else None), (hits / true.total() if true else None)


def _shingles(text: str) -> Counter[tuple[str, ...]]:
    words = _WORD.findall(text)
    return Counter(tuple(words[at : at + SHINGLE]) for at in range(max(1, len(words) - SHINGLE + 1)) if words)


def _pages(folder: Path, gold: Path) -> Iterator[tuple[str, str, bytes, str]]:
    """Each page's set, address, bytes and text."""
    for line in gold.read_text("utf-8").splitlines():
        row = json.loads(line)
        packed = folder / f"{row['id']}.html.gz"
        payload = gzip.decompress(packed.read_bytes()) if packed.exists() else packed.with_suffix("").read_bytes()
        yield row.get("set", "all"), row["url"], payload, row["text"]


def main() -> None:
    """Read the arguments, compare, show."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="pages, ID.html or ID.html.gz")
    parser.add_argument("gold", type=Path, help="JSON lines with id, url and text")
    arguments = parser.parse_args()
    found: dict[tuple[str, str], list[tuple[float | None, float | None]]] = {}
    for name, url, payload, text in _pages(arguments.folder, arguments.gold):
        for engine, read in ENGINES.items():
            found.setdefault((name, engine), []).append(precision_and_recall(text, read(payload, url)))
    print("| pages | | F1 | precision | recall |\n|---|---|--:|--:|--:|")
    for (name, engine), pairs in sorted(found.items()):
        precision = statistics.mean(one for one, _ in pairs if one is not None)
        recall = statistics.mean(other for _, other in pairs if other is not None)
        f1 = 2 * precision * recall / (precision + recall)
        print(f"| {len(pairs)} {name} | {engine} | {f1:.4f} | {precision:.4f} | {recall:.4f} |")


if __name__ == "__main__":
    main()
