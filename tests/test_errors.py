"""The tree of errors, and its way across the process boundary."""

import inspect
import re

import pytest

from worker import errors
from worker.errors import REASONS, ExtractionFailed, PageError, WinnowError, page_error

KINDS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, WinnowError)]
PAGE_ERRORS = [kind for kind in KINDS if issubclass(kind, PageError) and kind is not PageError]


@pytest.mark.parametrize("kind", PAGE_ERRORS)
def test_a_page_error_comes_back_from_its_reason_as_it_went(kind):
    error = page_error(kind.reason, "what happened")
    assert type(error) is kind
    assert (str(error), error.reason, error.stage) == ("what happened", kind.reason, kind.stage)


def test_no_two_page_errors_share_a_reason():
    assert sorted(kind.reason for kind in PAGE_ERRORS) == list(REASONS)


def test_reasons_and_stages_are_short_words_for_a_label():
    assert all(re.fullmatch(r"[a-z_]{3,24}", reason) for reason in REASONS)
    assert {kind.stage for kind in PAGE_ERRORS} == {"input", "decode", "extract", "publish"}


def test_an_unknown_reason_is_a_failed_extraction():
    assert type(page_error("from a later version", "x")) is ExtractionFailed


@pytest.mark.parametrize("kind", KINDS)
def test_the_tree_in_the_docstring_names_each_error_and_its_reason(kind):
    line = next(line for line in errors.__doc__.splitlines() if re.search(rf"(^|\s){kind.__name__}\b", line))
    if kind in PAGE_ERRORS:
        assert line.split()[-1] == kind.reason
