"""Addresses as pages and scrapers write them: joined to the page's own, and the host that they name.

Nearly all links of a page are absolute, or paths from the root, and are known by their look; a general join costs more than all
else that is asked of a link.  Nothing here fails, whatever a scraper took for an address.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final
from urllib.parse import urldefrag, urljoin

_NO_PAGES: Final = frozenset({"javascript", "mailto", "tel", "data", "whatsapp", "sms"})
_ORIGIN: Final = re.compile(r"https?://[^/?#\s]+(?=[/?#]|$)")
_MAX_KNOWN: Final = 200  # characters of an address up to its path: what is longer was written to fill memory
_HOST: Final = re.compile(r"\w+://(?:[^/?#@]*@)?([^/?#:\[\]]+)(?=[/?#:]|$)")


def resolve(href: str | None, base_url: str | None) -> str | None:
    """The absolute address of a link without its fragment, or None for what leads to no page."""
    if not href or not (href := href.strip()):
        return None
    if _needs_no_joining(href):
        return href.partition("#")[0]
    if _is_plain_path(href) and (origin := _origin(base_url or "")) is not None:
        return origin + href.partition("#")[0]
    if href[0] == "#" or href.partition(":")[0].lower() in _NO_PAGES:
        return None
    try:
        return urldefrag(urljoin(base_url or "", href))[0] or None
    except ValueError:  # a broken IPv6 host, as in http://[example
        return None


def absolute(href: str, base_url: str | None) -> str | None:
    """The same, if it is an http(s) address with a host."""
    url = resolve(href, base_url)
    return url if url and url[:8].lower().startswith(("http://", "https://")) and host_of(url) else None


def host_of(url: str | None) -> str | None:
    """The host of an absolute address in small letters, without its port; an IPv6 address is none."""
    if not url:
        return None
    end = url.find("/", url.find("://") + 3)
    place = url if end < 0 else url[: end + 1]
    return _known_host(place) if len(place) <= _MAX_KNOWN else _host_at(place)


def _host_at(place: str) -> str | None:
    found = _HOST.match(place)
    return found[1].lower() if found else None


_known_host = lru_cache(maxsize=1024)(_host_at)


def path_of(url: str) -> str:
    """The path of an absolute address, without slashes at its ends."""
    return re.split("[?#]", url, maxsplit=1)[0].partition("://")[2].partition("/")[2].strip("/")


def _needs_no_joining(href: str) -> bool:
    """Whether an address is absolute and a join would leave it as it is."""
    if not href[:8].lower().startswith(("http://", "https://")):
        return False
    place, _, rest = href.partition("://")[2].partition("/")
    if not place or "?" in place or "#" in place or "[" in place or "]" in place or len(href.split()) > 1:
        return False
    return "/." not in href or ("/./" not in f"/{rest}/" and "/../" not in f"/{rest}/")


def _is_plain_path(href: str) -> bool:
    """Whether an address is a path from the root that only wants the site before it."""
    return (
        href[0] == "/" and href[1:2] != "/" and "/." not in href and "?" not in href and ";" not in href and len(href.split()) == 1
    )


@lru_cache(maxsize=64)
def _origin(base_url: str) -> str | None:
    """Scheme and host of an absolute address."""
    found = _ORIGIN.match(base_url)
    return found[0] if found else None
