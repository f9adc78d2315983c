"""The commands, as a shell calls them."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).resolve().parents[1] / "config.example.yaml"
WINNOW = [sys.executable, "-m", "worker"]
PARAGRAPHS = [
    "The harbour council voted on Tuesday to rebuild the northern breakwater before the winter storms arrive in November.",
    "Engineers had warned since the spring that two of the four sections would not stand another season without repairs.",
    "The work will cost nine million and is to be paid by the region, the port and a fund for the smaller fishing towns.",
]


def winnow(*arguments: str | Path, stdin: bytes | None = None) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([*WINNOW, *map(str, arguments)], input=stdin, capture_output=True, timeout=120, check=False)
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def html(title: str, paragraphs: list[str]) -> str:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return f"<html lang=en><head><title>{title}</title></head><body><article><h1>{title}</h1>{body}</article></body></html>"


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "a.html").write_text(html("The breakwater", PARAGRAPHS))
    (folder / "b.txt").write_text("\n\n".join(reversed(PARAGRAPHS)))
    (folder / "c.html").write_text("<html><body></body></html>")
    (folder / "d.html.gz").write_bytes(gzip.compress(html("Packed", PARAGRAPHS[:2]).encode()))
    return folder


def test_extract_prints_an_article_a_line_in_the_order_of_the_input_and_names_the_page_that_failed(pages: Path) -> None:
    done = winnow("extract", pages)
    articles = [json.loads(line) for line in done.stdout.splitlines()]
    assert [article["source"]["key"] for article in articles] == ["a.html", "b.txt", "d.html.gz"]
    assert articles[0]["title"] == "The breakwater"
    assert articles[0]["text"] == "\n\n".join(PARAGRAPHS)
    assert done.returncode == 1
    (complaint,) = done.stderr.splitlines()
    assert complaint.startswith("winnow: c.html: no_main_text: ")


def test_extract_reads_standard_input_and_takes_the_address_and_type_that_it_is_given() -> None:
    page = html("Dřevěný vlnolam", PARAGRAPHS).encode("windows-1250")
    kind = "text/html; charset=windows-1250"
    done = winnow("extract", "-", "--url", "https://news.example/a", "--content-type", kind, stdin=page)
    assert done.returncode == 0, done.stderr
    article = json.loads(done.stdout)
    assert (article["url"], article["title"]) == ("https://news.example/a", "Dřevěný vlnolam")


def test_what_a_page_says_of_itself_goes_before_what_is_said_of_it(tmp_path: Path) -> None:
    page = html("The breakwater", PARAGRAPHS)
    (tmp_path / "pages.jsonl").write_text(json.dumps({"url": "https://own.example/a", "html": page}) + "\n")
    done = winnow("extract", tmp_path / "pages.jsonl", "--url", "https://given.example/a")
    assert json.loads(done.stdout)["url"] == "https://own.example/a"
    done = winnow("extract", "-", "--content-encoding", "gzip", stdin=gzip.compress(page.encode()))
    assert json.loads(done.stdout)["title"] == "The breakwater"


@pytest.mark.parametrize(
    "call", [["extract", "PAGES"], ["check", "--offline", "-c", str(EXAMPLE)], ["dlq", "--help"], ["--version"]]
)
def test_an_output_that_takes_no_more_is_an_error_in_one_line(call: list[str], pages: Path) -> None:
    command = [*WINNOW, *(str(pages) if part == "PAGES" else part for part in call)]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, timeout=120, check=False)
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr
    assert done.stderr.splitlines()[-1] == b"winnow: standard output can't be written: No space left on device"


def test_a_backfill_names_an_output_that_can_not_be_written(pages: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for arguments, why in (
        (["-o", tmp_path / "no" / "out.jsonl"], "there is no folder"),
        (["-o", tmp_path / "file" / "out.jsonl"], "there is no folder"),
        (["-o", tmp_path / "out.jsonl", "--dead-letters", tmp_path / "no" / "x.jsonl"], "there is no folder"),
        (["-o", tmp_path, "--overwrite"], "it is no regular file"),
        (["-o", "/dev/null"], "it is no regular file"),
    ):
        done = winnow("backfill", pages, *arguments)
        assert done.returncode == 2
        assert why in done.stderr
        assert len(done.stderr.splitlines()) == 1
    assert set(tmp_path.iterdir()) == {pages, tmp_path / "file"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["extract", "nowhere.html"], "no such file or folder: nowhere.html"),
        (["run", "-c", "nowhere.yaml"], "nowhere.yaml has 1 fault"),
        (["run"], "--config"),
        (["backfill", "nowhere", "-o", "out.jsonl"], "no such file or folder: nowhere"),
        (["extract", "x" * 300], "File name too long"),
        (["backfill", "README.md", "-o", "x" * 245], "File name too long"),
        (["backfill", "README.md", "-o", "."], ". can't be written: it is a folder"),
        (["nonsense"], "nonsense"),
    ],
)
def test_a_call_that_can_not_be_taken_says_why_and_ends_with_2(arguments: list[str], message: str) -> None:
    done = winnow(*arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_help_names_every_command() -> None:
    done = winnow("--help")
    assert done.returncode == 0
    verbs = re.findall(r"^  ([a-z]+)  ", done.stdout, re.MULTILINE)
    assert sorted(verbs) == ["backfill", "check", "dlq", "extract", "run", "topics"]
    assert re.fullmatch(r"winnow \d+\.\d+\.\d+ \((?:compiled|interpreted)\)\n", winnow("--version").stdout)


def test_check_says_every_fault_at_once_with_its_line(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("kafka:\n  bootstrap_server: x\npool:\n  page_timeout: 20\ndedup:\n  window: 7 weeks\n")
    done = winnow("check", "--offline", "-c", config)
    assert done.returncode == 2
    for words in ("line 2: kafka.bootstrap_server", "'bootstrap_servers'", "line 4: pool.page_timeout", "line 6: dedup.window"):
        assert words in done.stderr


def test_check_names_a_broker_and_a_store_that_do_not_answer(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("kafka:\n  bootstrap_servers: 127.0.0.1:1\ndedup:\n  store: redis\n  redis:\n    nodes: 127.0.0.1:2\n")
    done = winnow("check", "-c", config)
    assert done.returncode == 1
    brokers, store = [line for line in done.stdout.splitlines() if line.startswith("FAIL")]
    assert brokers.startswith("FAIL brokers: ")
    assert "127.0.0.1:1" in brokers
    assert store.startswith("FAIL dedup store (redis): ")
    assert "127.0.0.1:2" in store


def test_check_makes_no_claims_file_and_says_whether_there_can_be_one(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    for folder, said in ((tmp_path, "ok   dedup store (sqlite): {} is not there"), (tmp_path / "no", "FAIL dedup store (sqlite)")):
        path = folder / "claims.sqlite"
        config.write_text(f"kafka: {{bootstrap_servers: 127.0.0.1:1}}\ndedup: {{store: sqlite, sqlite: {{path: {path}}}}}\n")
        done = winnow("check", "-c", config)
        assert said.format(path) in done.stdout
        assert list(tmp_path.iterdir()) == [config]
    assert f"the folder {tmp_path / 'no'} does not exist: create it" in done.stdout


def test_what_lets_the_store_forget_is_logged_once_at_the_start(pages: Path, tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("dedup: {store: memory}\nlogging: {level: warning}\n")
    done = winnow("backfill", pages, "-o", tmp_path / "out.jsonl", "-c", config)
    assert done.returncode == 0
    assert done.stderr.count("dedup.store is memory: a restart forgets every claim") == 1


@pytest.mark.kafka
def test_topics_create_makes_what_is_missing_and_check_then_finds_nothing_wrong(kafka: str, fresh: str, tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(
        f"kafka:\n  bootstrap_servers: {kafka}\n  consumer: {{group_id: {fresh}}}\ninput:\n  topics: [{fresh}.raw]\n"
        f"output: {{topic: {fresh}.out}}\ndead_letters: {{topic: {fresh}.dead}}\ndedup: {{store: memory}}\n"
    )
    before = winnow("check", "-c", config)
    assert before.returncode == 1
    assert f"{fresh}.raw" in before.stdout
    made = winnow("topics", "create", "-c", config, "--partitions", "3")
    assert made.returncode == 0, made.stderr
    again = winnow("topics", "create", "-c", config, "--partitions", "5")
    assert again.returncode == 0, "topics that exist are left as they are"
    after = winnow("check", "-c", config)
    assert after.returncode == 0, after.stdout + after.stderr


def test_a_backfill_that_is_killed_goes_on_and_writes_what_an_undisturbed_one_writes(tmp_path: Path) -> None:
    source = tmp_path / "pages.jsonl"
    words = "harbour council bridge engine winter museum clinic island union tower".split()
    with source.open("w") as file:
        for number in range(1500):
            sentences = [
                f"The {words[(number + i) % 10]} of {words[(number * 7 + i) % 10]} counted {number * 100 + i} boats."
                for i in range(20)
            ]
            file.write(json.dumps({"url": f"https://n.example/{number}", "text": " ".join(sentences)}) + "\n")
    whole, broken = tmp_path / "whole.jsonl", tmp_path / "broken.jsonl"

    def call(output: Path) -> list[str]:
        """One that is written a little at a time, so that a kill finds much undone."""
        config = output.with_suffix(".yaml")
        config.write_text(
            f"dedup: {{sqlite: {{path: {output.with_suffix('.claims')}}}}}\npool: {{processes: 1}}\ncommit: {{max_records: 10}}\n"
        )
        return ["backfill", str(source), "-o", str(output), "-c", str(config)]

    assert winnow(*call(whole)).returncode == 0
    kills = 0
    for _ in range(2):
        run = subprocess.Popen([*WINNOW, *call(broken)], stderr=subprocess.DEVNULL)
        size = broken.stat().st_size if broken.exists() else 0
        deadline = time.monotonic() + 60
        while run.poll() is None and time.monotonic() < deadline and (not broken.exists() or broken.stat().st_size == size):
            time.sleep(0.01)
        if run.poll() is None:
            run.kill()
            kills += 1
        run.wait()
    done = winnow(*call(broken))
    assert kills == 2, "it was not interrupted"
    assert done.returncode == 0, done.stderr

    def urls(path: Path) -> list[str]:
        return [json.loads(line)["url"] for line in path.read_text().splitlines()]

    assert urls(broken) == urls(whole) == [f"https://n.example/{number}" for number in range(1500)]
    again = winnow(*call(broken))
    assert again.returncode == 2
    assert "complete" in again.stderr


def test_a_backfill_goes_on_however_many_pages_die(tmp_path: Path) -> None:
    config, source = tmp_path / "config.yaml", tmp_path / "pages.jsonl"
    config.write_text(
        "dead_letters: {max_ratio: 0.1, min_sample: 1, window: 1h}\nlimits: {inflight_records: 5}\ndedup: {store: memory}\n"
    )
    source.write_text('{"text": ""}\n' * 20)
    done = winnow("backfill", source, "-o", tmp_path / "out.jsonl", "-c", config)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out.jsonl.dead-letters.jsonl").read_text().count("\n") == 20


def test_a_backfill_does_not_overwrite_a_file_that_it_did_not_write(pages: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.jsonl"
    output.write_text("precious\n")
    done = winnow("backfill", pages, "-o", output)
    assert done.returncode == 2
    assert output.read_text() == "precious\n"
    assert winnow("backfill", pages, "-o", output, "--overwrite").returncode == 0
    letters = (tmp_path / "out.jsonl.dead-letters.jsonl").read_text().splitlines()
    assert [json.loads(letter)["headers"]["winnow-reason"] for letter in letters] == ["no_main_text"]


def test_a_backfill_whose_input_can_not_be_read_removes_nothing(tmp_path: Path) -> None:
    output = tmp_path / "out.jsonl"
    output.write_text("precious\n")
    done = winnow("backfill", "/proc/self/mem", "-o", output, "--overwrite")  # a file that even root can't read
    assert done.returncode == 2
    assert "an input can't be read" in done.stderr
    assert output.read_text() == "precious\n"


def test_a_backfill_that_starts_over_takes_no_page_for_a_duplicate_of_what_it_removed(pages: Path, tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(f"dedup: {{store: sqlite, sqlite: {{path: {tmp_path / 'claims.sqlite'}}}}}\n")
    call = ("backfill", pages, "-o", tmp_path / "out.jsonl", "-c", config, "--overwrite")
    for _ in range(2):
        assert winnow(*call).returncode == 0
        assert (tmp_path / "out.jsonl").read_text().count("\n") == 3
    (pages / "0.html").write_text(html("Another", PARAGRAPHS[1:]))
    assert winnow(*call).returncode == 0
    assert (tmp_path / "out.jsonl").read_text().count("\n") == 4


@pytest.mark.parametrize("configured", [True, False])
def test_the_same_lines_in_another_order_are_no_duplicates_of_an_output_that_was_removed(tmp_path: Path, configured: bool) -> None:
    source, output, config = tmp_path / "in.jsonl", tmp_path / "out.jsonl", tmp_path / "config.yaml"
    config.write_text(f"dedup: {{store: sqlite, sqlite: {{path: {tmp_path / 'claims.sqlite'}}}}}\n")
    lines = [json.dumps({"text": "\n".join([f"Report {number}.", *PARAGRAPHS[number:]])}) + "\n" for number in range(3)]
    for order in (lines, lines[::-1]):
        source.write_text("".join(order))
        call = ("backfill", source, "-o", output, *(("-c", config) if configured else ()))
        assert winnow(*call).returncode == 0
        assert output.read_text().count("\n") == 3
        for written in (output, tmp_path / "out.jsonl.checkpoint", tmp_path / "out.jsonl.dead-letters.jsonl"):
            written.unlink()


def test_a_backfill_writes_nothing_that_it_reads_and_nothing_that_somebody_else_wrote(pages: Path, tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text(json.dumps({"text": " ".join(PARAGRAPHS)}) + "\n\n")
    before = source.read_text()
    for arguments in (
        (source, "-o", source, "--overwrite"),
        (pages, "-o", pages / "out.jsonl"),
        (source, "-o", tmp_path / "out.jsonl", "--dead-letters", source),
        (source, "-o", tmp_path / "out.jsonl", "--dead-letters", tmp_path / "out.jsonl"),
    ):
        done = winnow("backfill", *arguments)
        assert done.returncode == 2, done.stderr
        assert source.read_text() == before
    precious = tmp_path / "precious.txt"
    precious.write_text("mine\n")
    assert winnow("backfill", source, "-o", tmp_path / "out.jsonl", "--dead-letters", precious).returncode == 2
    assert precious.read_text() == "mine\n"
    assert winnow("backfill", source, "-o", tmp_path / "out.jsonl").returncode == 0, "a blank line is no page"


def test_extract_names_a_file_that_is_damaged_and_gives_what_came_before(tmp_path: Path) -> None:
    damaged = tmp_path / "pages.jsonl.gz"
    lines = "".join(json.dumps({"text": f"{n}. " + " ".join(PARAGRAPHS), "pad": f"{n * 7919:x}" * 9}) + "\n" for n in range(900))
    damaged.write_bytes(gzip.compress(lines.encode())[:-3000])
    done = winnow("extract", damaged)
    assert done.returncode == 1
    assert done.stdout.count("\n") > 10
    assert f"{damaged} is damaged" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_streams_that_are_closed_are_done_without(pages: Path, tmp_path: Path, closed: str) -> None:
    call = ["sh", "-c", f'exec "$@" {closed}', "sh", *WINNOW, "backfill", str(pages), "-o", str(tmp_path / "out.jsonl")]
    assert subprocess.run(call, capture_output=True, timeout=120, check=False).returncode == 0
    assert (tmp_path / "out.jsonl").read_bytes().count(b"\n") == 3
