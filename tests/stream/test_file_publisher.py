"""Articles into files, and what a killed run leaves behind."""

import base64
import errno
import gzip
import io
from pathlib import Path

import orjson
import pytest
from fastwarc import ZstdReader

from worker.errors import ConfigError, FatalError
from worker.records import OutputRecord, SourceRef, TopicPartition
from worker.stream.file_publisher import Checkpoint, FilePublisher, see_that_nobody_writes
from worker.stream.file_source import Input

TP = TopicPartition("in.jsonl", 0)


def ref(offset, tp=TP):
    return SourceRef(*tp, offset)


def article(offset):
    return OutputRecord("articles", b"key", b'{"offset": %d}' % offset)


def read(path):
    if not path.exists():
        return []
    if path.suffix == ".zst":
        content = ZstdReader(str(path), fsspec_args=False).read(1 << 20)
    else:
        packed = path.read_bytes()
        content = gzip.decompress(packed) if path.suffix == ".gz" else packed
    return [orjson.loads(line)["offset"] for line in io.BytesIO(content)]


class Run:
    """One life of a backfill that writes into a folder."""

    def __init__(self, folder, suffix=""):
        self.inputs = [Input(folder / "in.jsonl")]
        if not self.inputs[0].path.exists():
            self.inputs[0].path.write_bytes(b"{}\n")
        self.output = folder / f"out.jsonl{suffix}"
        self.letters = folder / "letters.jsonl"
        self.checkpoint = Checkpoint(folder / "out.checkpoint", self.inputs)
        self.resumed = self.checkpoint.load()
        self.publisher = FilePublisher({"articles": self.output, "letters": self.letters}, self.checkpoint)

    async def __aenter__(self):
        await self.publisher.start()
        return self

    async def __aexit__(self, *_):
        await self.publisher.stop()

    async def publish(self, *offsets):
        for offset in offsets:
            await self.publisher.publish(ref(offset), [article(offset)])

    async def commit(self, end):
        await self.publisher.commit({TP: end})


async def test_what_is_published_is_held_until_its_offset_is_committed(tmp_path):
    async with Run(tmp_path) as run:
        await run.publish(2, 0, 1)
        assert read(run.output) == []
        await run.commit(2)
        assert read(run.output) == [0, 1]
        await run.commit(3)
        assert read(run.output) == [0, 1, 2]


async def test_a_record_that_publishes_nothing_moves_the_checkpoint_all_the_same(tmp_path):
    async with Run(tmp_path) as run:
        await run.commit(5)
    assert Run(tmp_path).checkpoint.offsets == {TP: 5}


async def test_a_checkpoint_knows_how_far_the_run_had_got(tmp_path):
    async with Run(tmp_path) as run:
        assert not run.resumed
        await run.publish(0, 1)
        await run.commit(1)
    again = Run(tmp_path)
    assert again.resumed
    assert again.checkpoint.offsets == {TP: 1}
    assert again.checkpoint.sizes == {str(run.output): run.output.stat().st_size, str(run.letters): 0}
    assert not again.checkpoint.complete


async def test_a_job_has_one_name_for_all_its_runs_and_no_two_jobs_have_the_same(tmp_path):
    async with Run(tmp_path) as run:
        pass
    assert Run(tmp_path).checkpoint.job_id == run.checkpoint.job_id
    run.checkpoint.path.unlink()
    assert Run(tmp_path).checkpoint.job_id != run.checkpoint.job_id


async def test_names_that_are_not_utf8_are_remembered(tmp_path):
    folder = tmp_path / "caf\udce9"
    folder.mkdir()
    place = TopicPartition(str(folder / "in.jsonl"), 0)
    async with Run(folder) as run:
        await run.publisher.publish(ref(0, place), [article(0)])
        await run.publisher.commit({place: 1})
        size = run.output.stat().st_size
    async with Run(folder) as run:
        assert run.resumed
        assert run.checkpoint.offsets == {place: 1}
        assert run.output.stat().st_size == size > 0


async def test_a_complete_run_says_so(tmp_path):
    async with Run(tmp_path) as run:
        await run.commit(1)
        run.checkpoint.finish()
    assert Run(tmp_path).checkpoint.complete


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
async def test_a_run_that_was_killed_between_append_and_checkpoint_writes_every_record_once(tmp_path, suffix):
    async with Run(tmp_path, suffix) as run:
        await run.publish(0, 1)
        await run.commit(2)
        good = run.output.read_bytes()
        with run.output.open("ab") as torn:
            torn.write(good[: len(good) // 2] + b"\x00garbage")
    async with Run(tmp_path, suffix) as run:
        assert run.output.read_bytes() == good
        await run.publish(2, 3)
        await run.commit(3)
        await run.commit(4)
    assert read(run.output) == [0, 1, 2, 3]


async def test_a_run_that_was_killed_before_its_first_commit_starts_with_an_empty_file(tmp_path):
    async with Run(tmp_path) as run:
        pass
    run.output.write_bytes(b'{"offset": 0}\n{"off')
    async with Run(tmp_path) as run:
        await run.publish(0)
        await run.commit(1)
    assert read(run.output) == [0]


@pytest.mark.parametrize("left", [b"", b'{"offset": 0}\n', None])
async def test_an_output_that_is_shorter_than_it_was_is_refused(tmp_path, left):
    async with Run(tmp_path) as run:
        await run.publish(0, 1)
        await run.commit(2)
    run.output.unlink()
    if left is not None:
        run.output.write_bytes(left)
    again = Run(tmp_path)
    with pytest.raises(ConfigError, match="--overwrite"):
        await again.publisher.start()
    assert left is None or run.output.read_bytes() == left


async def test_a_file_that_no_checkpoint_knows_is_left_as_it_is(tmp_path):
    async with Run(tmp_path) as run:
        await run.publish(0)
        await run.commit(1)
    mine = tmp_path / "mine.jsonl"
    mine.write_bytes(b"precious")
    again = Run(tmp_path)
    again.publisher = FilePublisher({"articles": again.output, "letters": mine}, again.checkpoint)
    with pytest.raises(ConfigError, match="no checkpoint says"):
        await again.publisher.start()
    assert mine.read_bytes() == b"precious"
    assert read(run.output) == [0]


async def test_an_output_that_is_named_in_another_way_is_the_same(tmp_path, monkeypatch):
    async with Run(tmp_path) as run:
        await run.publish(0)
        await run.commit(1)
    monkeypatch.chdir(tmp_path)
    again = Run(tmp_path)
    again.publisher = FilePublisher({"articles": Path("out.jsonl"), "letters": Path("letters.jsonl")}, again.checkpoint)
    async with again:
        await again.publish(1)
        await again.commit(2)
    assert read(run.output) == [0, 1]


async def test_two_runs_never_write_the_same_output(tmp_path):
    async with Run(tmp_path) as run:
        await run.publish(0)
        await run.commit(1)
        with pytest.raises(ConfigError, match="another run"):
            await Run(tmp_path).publisher.start()
        with pytest.raises(ConfigError, match="another run"):
            see_that_nobody_writes(run.output)
    see_that_nobody_writes(run.output)
    assert read(run.output) == [0]


async def test_an_output_that_may_not_be_written_is_refused(tmp_path):
    (tmp_path / "out.checkpoint.new").mkdir()
    with pytest.raises(ConfigError, match="can't be written"):
        await Run(tmp_path).publisher.start()


async def test_dead_letters_go_to_a_file_of_their_own_with_their_bytes(tmp_path):
    letter = OutputRecord("letters", b"k\xff", b"\xff\xfe page", (("winnow-reason", b"undecodable"),))
    async with Run(tmp_path) as run:
        await run.publisher.publish(ref(0), [letter])
        await run.publish(1)
        await run.commit(2)
    assert read(run.output) == [1]
    (line,) = run.letters.read_bytes().splitlines()
    told = orjson.loads(line)
    assert base64.b64decode(told["payload_base64"]) == b"\xff\xfe page"
    assert told["headers"] == {"winnow-reason": "undecodable"}
    assert told["key"] == "k\ufffd"


async def test_records_of_a_topic_without_a_file_are_left_out(tmp_path):
    async with Run(tmp_path) as run:
        await run.publisher.publish(ref(0), [OutputRecord("duplicates", b"key", b"{}"), article(0)])
        await run.commit(1)
    assert read(run.output) == [0]


async def test_what_is_discarded_is_never_written(tmp_path):
    other = TopicPartition("other.jsonl", 0)
    async with Run(tmp_path) as run:
        await run.publish(0)
        await run.publisher.publish(ref(0, other), [article(7)])
        run.publisher.discard([TP])
        await run.publisher.commit({TP: 1, other: 1})
    assert read(run.output) == [7]


async def test_a_write_that_failed_loses_nothing_and_repeats_nothing(tmp_path, monkeypatch):
    def full(_descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    async with Run(tmp_path) as run:
        await run.publish(0)
        await run.commit(1)
        await run.publish(1)
        with monkeypatch.context() as patched:
            patched.setattr("worker.stream.file_publisher.os.fsync", full)
            for _ in range(2):
                with pytest.raises(FatalError, match="No space left"):
                    await run.commit(2)
        assert Run(tmp_path).checkpoint.offsets == {TP: 1}
        await run.commit(2)
    assert read(run.output) == [0, 1]
    assert Run(tmp_path).checkpoint.offsets == {TP: 2}


async def test_a_checkpoint_that_could_not_be_written_is_not_taken_for_reached(tmp_path, monkeypatch):
    async with Run(tmp_path) as run:
        await run.publish(0)
        run.checkpoint.path.with_name("out.checkpoint.new").mkdir()
        with pytest.raises(FatalError):
            await run.commit(1)
        assert run.checkpoint.offsets == {}
        run.checkpoint.path.with_name("out.checkpoint.new").rmdir()
        await run.commit(1)
    assert read(run.output) == [0]


# -- foreign checkpoints


async def test_a_checkpoint_of_other_inputs_is_refused(tmp_path):
    async with Run(tmp_path) as run:
        await run.commit(1)
    with (tmp_path / "in.jsonl").open("ab") as grown:
        grown.write(b"{}\n")
    with pytest.raises(ConfigError, match="inputs are not those"):
        Run(tmp_path)


async def test_a_checkpoint_of_the_same_lines_in_another_order_is_refused(tmp_path):
    (tmp_path / "in.jsonl").write_bytes(b"1\n2\n3\n")
    async with Run(tmp_path) as run:
        await run.commit(1)
    (tmp_path / "in.jsonl").write_bytes(b"3\n2\n1\n")
    with pytest.raises(ConfigError, match="inputs are not those"):
        Run(tmp_path)


def test_an_input_that_can_not_be_read_is_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"an input can't be read: .*nowhere"):
        Checkpoint(tmp_path / "checkpoint", [Input(tmp_path / "nowhere")])


@pytest.mark.parametrize("content", [b"", b"not JSON", b"[]", b"null", b'{"version": 99}', b"{}"])
def test_what_is_no_checkpoint_is_refused(tmp_path, content):
    (tmp_path / "out.checkpoint").write_bytes(content)
    with pytest.raises(ConfigError, match="--overwrite"):
        Run(tmp_path)
