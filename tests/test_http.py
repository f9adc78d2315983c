"""The endpoints, as a probe, a scrape and a person ask them."""

import asyncio

import aiohttp
import pytest
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families

from worker.config import HttpSettings
from worker.http import HttpServer
from worker.metrics import Metrics, language_label
from worker.records import SourceRef


class Patient:
    def __init__(self):
        self.life = []
        self.readiness = []

    def faults_of_life(self):
        return self.life

    def faults_of_readiness(self):
        return self.life + self.readiness

    def status(self):
        return {"version": "1", "partitions": {0: SourceRef("pages", 0, 7)}}


@pytest.fixture
def patient():
    return Patient()


@pytest.fixture
def metrics():
    return Metrics("1.2.3")


@pytest.fixture
async def get(patient, metrics):
    server = HttpServer(HttpSettings(host="127.0.0.1", port=0), health=patient, registry=metrics.registry)
    await server.start()
    async with aiohttp.ClientSession(f"http://127.0.0.1:{server.port}") as session:

        async def get(path, **options):
            async with session.get(path, **options) as response:
                return response.status, await response.text(), response.content_type

        get.port = server.port
        yield get
    await server.stop()


async def test_a_worker_that_is_well_lives_and_is_ready(get):
    assert (await get("/livez"))[:2] == (200, "ok\n")
    assert (await get("/readyz"))[:2] == (200, "ok\n")


async def test_a_worker_that_is_not_ready_lives_and_says_why(get, patient):
    patient.readiness = ["starting", "no partitions"]
    assert (await get("/livez"))[0] == 200
    assert (await get("/readyz"))[:2] == (503, "starting\nno partitions\n")


async def test_a_worker_that_does_not_live_is_not_ready_either(get, patient):
    patient.life = ["stuck"]
    assert (await get("/livez"))[:2] == (503, "stuck\n")
    assert (await get("/readyz"))[:2] == (503, "stuck\n")


async def test_the_status_page_is_json_whatever_it_holds(get):
    status, text, kind = await get("/")
    assert (status, kind) == (200, "application/json")
    assert "7" in text


async def test_another_path_is_not_found(get):
    assert (await get("/nothing"))[0] == 404


async def test_a_port_that_is_taken_is_an_oserror(get, patient, metrics):
    second = HttpServer(HttpSettings(host="127.0.0.1", port=get.port), health=patient, registry=metrics.registry)
    with pytest.raises(OSError, match="in use"):
        await second.start()
    await second.stop()


async def test_a_client_that_does_not_read_does_not_hold_up_the_end(patient, metrics):
    patient.status = lambda: "x" * (32 << 20)  # more than sockets hold
    server = HttpServer(HttpSettings(host="127.0.0.1", port=0), health=patient, registry=metrics.registry)
    await server.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    await reader.readexactly(1)  # the answer is under way
    async with asyncio.timeout(5):
        await server.stop()
    writer.close()


def measures(metrics):
    return [metric for metric in vars(metrics).values() if isinstance(metric, MetricWrapperBase)]


def touch(metrics):
    """Give each labelled metric a series, as the worker's first records do."""
    for metric in measures(metrics):
        if metric._labelnames:
            metric.labels(*("x" for _ in metric._labelnames))


async def test_every_metric_has_its_name_and_can_be_parsed(get, metrics):
    touch(metrics)
    _, text, kind = await get("/metrics")
    assert kind == "text/plain"
    samples = {sample.name: sample for family in text_string_to_metric_families(text) for sample in family.samples}
    names = [sample.name for metric in measures(metrics) for family in metric.collect() for sample in family.samples]
    assert [name for name in names if name not in samples or not name.startswith("winnow_")] == []
    assert samples["winnow_build_info"].labels["version"] == "1.2.3"
    assert "process_resident_memory_bytes" in samples


async def test_openmetrics_is_spoken_to_those_who_ask_for_it(get, metrics):
    touch(metrics)
    _, text, kind = await get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})
    assert kind == "application/openmetrics-text"
    assert "winnow_records_consumed" in {family.name for family in openmetrics.text_string_to_metric_families(text)}


def test_no_label_can_hold_a_page_or_an_error(metrics):
    labels = {label for metric in measures(metrics) for label in metric._labelnames}
    assert labels == {"topic", "partition", "outcome", "path", "state", "reason", "kind", "result", "stage", "language", "group"}


@pytest.mark.parametrize(
    ("language", "label"), [("fr", "fr"), ("pt-BR", "pt"), ("EN", "en"), ("yue", "other"), ("{{lang}}", "other"), (None, "unknown")]
)
def test_languages_are_few_labels(language, label):
    assert language_label(language) == label
