"""Pages to measure on: a publisher's, made up but of the size, make and mix of real ones; or those of a folder.

A number makes a page: the same in every run, and unlike every other.  Of its bytes a third is markup and text and the rest what
real pages carry beside it: scripts, styles and data.
"""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path
from typing import Final

URL: Final = "https://news.example.org/harbour/%d"
# fmt: off
_WORDS: Final = (
    "the a of to in and that for on with as by at from was were has had will would could said after before when where while "
    "council harbour ferry minister budget winter school hospital bridge river police court company workers union strike "
    "water energy market prices election party leader report study city village region border storm flood fire rescue police "
    "train station airport museum festival season match coach player goal record island mountain forest farmer harvest "
    "fishing fleet bank loan tax reform law bill vote committee hearing judge trial verdict appeal witness evidence agency "
    "officials residents families children teachers patients doctors nurses engineers scientists researchers students "
    "visitors tourists drivers passengers new old large small early late long short public private local national foreign "
    "recent former senior heavy light clear"
).split()
# fmt: on
_NAMES: Final = ("Ada", "Nils", "Marta", "Jonas", "Edith", "Pavel", "Lucia", "Henrik", "Noor", "Tomas")
_SURNAMES: Final = ("Berg", "Okafor", "Lindqvist", "Moreau", "Silva", "Novak", "Hansen", "Rossi", "Tanaka", "Keller")


def load(count: int, *, size: int = 150_000, folder: Path | None = None) -> list[tuple[str, bytes]]:
    """So many addresses and pages of about `size` bytes; or the pages of a folder, over and over, each time with another mark."""
    if folder is None:
        return [(URL % number, page(number, size)) for number in range(count)]
    found = saved(folder)
    return [
        (URL % number, found[number % len(found)].replace(b"</p>", b" %d.</p>" % (10_000_000 + number), 1))
        for number in range(count)
    ]


def saved(folder: Path) -> list[bytes]:
    """The pages below a folder, in the order of their names."""
    files = [path for path in sorted(folder.rglob("*")) if path.name.endswith((".html", ".html.gz"))]
    if not files:
        raise SystemExit(f"{folder} has no *.html or *.html.gz")
    return [gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes() for file in files]


def page(number: int, size: int = 150_000) -> bytes:
    """Page `number`, of about so many bytes; the article is about a thirtieth of it, as on real pages."""
    dice = random.Random(number)
    headline = _sentence(dice, 8)[:-1]
    author = f"{dice.choice(_NAMES)} {dice.choice(_SURNAMES)}"
    scale = min(1.0, size / 150_000)
    body = [_sentence(dice, dice.randint(12, 28)) for _ in range(max(12, 75 * size // 150_000))]
    paragraphs = [" ".join(body[at : at + 3]) for at in range(0, len(body), 3)]
    related = "".join(_card(dice) for _ in range(4))
    middle = len(paragraphs) // 2
    data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": headline,
        "author": [{"@type": "Person", "name": author}],
        "datePublished": f"2026-03-{dice.randint(1, 28):02}T08:30:00+01:00",
        "publisher": {"@type": "Organization", "name": "The Harbour Post"},
    }
    text = f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{headline} | The Harbour Post</title>
<meta property="og:title" content="{headline}"><meta name="description" content="{paragraphs[0][:150]}">
<link rel="canonical" href="{URL % number}"><script type="application/ld+json">{json.dumps(data)}</script></head>
<body class="article-page"><header class="site-header"><nav><ul>{_links(dice, int(60 * scale))}</ul></nav></header>
<main><article class="story"><h1>{headline}</h1><div class="byline">By <a href="/people/{number}">{author}</a></div>
<div class="article-body">{"".join(f"<p>{text}</p>" for text in paragraphs[:middle])}
<aside class="related"><h3>Related stories</h3><ul>{related}</ul></aside>
{"".join(f"<p>{text}</p>" for text in paragraphs[middle:])}</div></article>
<aside class="sidebar"><h2>Most read</h2>{"".join(_teaser(dice) for _ in range(int(30 * scale)))}</aside>
<section class="more"><h2>More from The Harbour Post</h2>{"".join(_teaser(dice) for _ in range(int(40 * scale)))}</section></main>
<footer class="site-footer"><ul>{_links(dice, int(80 * scale))}</ul></footer>"""
    state = "".join(
        f'"{dice.getrandbits(64):016x}":{{"t":{dice.random():.6f},"u":"/a/{dice.getrandbits(32)}"}},' for _ in range(60)
    )
    filler = f"<script>window.__state={{{state}}};</script>\n"
    scripts = filler * max(0, (size - len(text)) // len(filler))
    return f"{text}{scripts}</body></html>".encode()


def _sentence(dice: random.Random, words: int) -> str:
    return " ".join(dice.choices(_WORDS, k=words)).capitalize() + "."


def _links(dice: random.Random, count: int) -> str:
    return "".join(
        f'<li class="item"><a href="/section/{dice.randint(1, 999)}">{dice.choice(_WORDS).title()}</a></li>' for _ in range(count)
    )


def _card(dice: random.Random) -> str:
    title = _sentence(dice, 9)[:-1]
    return f'<li class="card"><a href="/harbour/{dice.getrandbits(30)}">{title}</a><p>{_sentence(dice, 14)[:-1]}…</p></li>'


def _teaser(dice: random.Random) -> str:
    title, place = _sentence(dice, 8)[:-1], dice.getrandbits(30)
    return (
        f'<div class="teaser"><a class="teaser__image" href="/news/{place}"><img src="/i/{place}.jpg" alt=""></a>'
        f'<div class="teaser__text"><span class="kicker">{dice.choice(_WORDS).title()}</span>'
        f'<h3><a href="/news/{place}">{title}</a></h3><time>{dice.randint(2, 9)} hours ago</time></div></div>'
    )
