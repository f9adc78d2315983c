"""Winnow: raw scraped news pages in, normalized and deduplicated articles out."""

from importlib.metadata import version

__version__ = version("newswinnow")
