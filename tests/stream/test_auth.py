"""Certificates, passwords and tokens: against a broker that asks for them, and against a token endpoint of our own."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import shutil
import ssl
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import cast
from urllib.parse import parse_qs

import pytest
from aiohttp import web
from aiokafka.errors import KafkaConnectionError
from pydantic import SecretStr

from tests.kafka_broker import KafkaCluster, Security
from worker.config import KafkaSettings, Settings
from worker.errors import ConfigError, FatalError
from worker.records import OutputRecord, SourceRef
from worker.stream import auth
from worker.stream.auth import TOKEN_RETRY_S, ClientCredentials, TokenFile, connection_arguments
from worker.stream.kafka_publisher import KafkaPublisher
from worker.stream.kafka_source import KafkaSource
from worker.stream.topics import create_topics, probe
from worker.stream.transactions import probe_transactions

SECRET = "s3cr3t-väl/ue"


def secure(kafka: KafkaCluster, **more: object) -> KafkaSettings:
    assert kafka.security is not None
    return KafkaSettings.model_validate(
        {"bootstrap_servers": kafka.secure_bootstrap_servers, "security_protocol": "SASL_SSL", "ssl_cafile": kafka.security.ca}
        | more
    )


def login(name: str, password: str) -> dict[str, object]:
    return {"sasl_plain_username": name, "sasl_plain_password": password}


def unsigned_token(subject: str) -> str:
    """A token as the test broker takes it: without a signature."""
    claims = {"sub": subject, "iat": time.time(), "exp": time.time() + 600}
    parts = (json.dumps(part).encode() for part in ({"alg": "none"}, claims))
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts) + "."


async def publish(settings: KafkaSettings, topic: str) -> None:
    """Create a topic and publish to it, as whoever the settings log in."""
    await create_topics(Settings(kafka=settings).model_copy(update={"output": _output(topic)}), partitions=1)
    publisher = KafkaPublisher(settings, KafkaSource(settings, []))
    await publisher.start()
    try:
        await publisher.publish(SourceRef("in", 0, 0), [OutputRecord(topic, None, b"x")])
    finally:
        await publisher.stop()


def _output(topic: str) -> object:
    return Settings.model_validate({"output": {"topic": topic}}).output


@pytest.mark.kafka
@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
async def test_a_password_over_tls_is_let_in(secure_kafka: KafkaCluster, fresh: str, mechanism: str) -> None:
    await publish(secure(secure_kafka, sasl_mechanism=mechanism, **login("admin", "admin-secret")), fresh)


@pytest.mark.kafka
async def test_a_token_from_a_file_is_let_in(secure_kafka: KafkaCluster, fresh: str, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(unsigned_token("admin") + "\n")
    await publish(secure(secure_kafka, sasl_mechanism="OAUTHBEARER", sasl_oauth={"token_file": file}), fresh)


@pytest.mark.kafka
@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-512"])
async def test_a_wrong_password_is_refused_and_not_shown(
    secure_kafka: KafkaCluster, fresh: str, mechanism: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = secure(secure_kafka, sasl_mechanism=mechanism, **login("admin", "not-the-secret"))
    with pytest.raises(FatalError) as refused:
        await KafkaSource(settings, [fresh]).start(_Nobody())
    shown = caplog.text + str(refused.value) + repr(settings) + "".join(capsys.readouterr())
    assert "not-the-secret" not in shown


@pytest.mark.kafka
async def test_who_may_do_nothing_is_told_so(secure_kafka: KafkaCluster, fresh: str) -> None:
    await publish(secure(secure_kafka, **login("admin", "admin-secret")), fresh)
    settings = secure(secure_kafka, **login("stranger", "stranger-secret"))
    with pytest.raises(FatalError, match=f"no right to describe it: {fresh}"):
        await KafkaSource(settings, [fresh]).start(_Nobody())
    findings = await probe(Settings(kafka=settings))
    assert [finding.ok for finding in findings if finding.subject.startswith(("topic", "group"))] == [False] * 4


@pytest.mark.kafka
async def test_a_broker_of_an_unknown_authority_is_not_trusted(secure_kafka: KafkaCluster, fresh: str) -> None:
    settings = secure(secure_kafka, ssl_cafile=None, **login("admin", "admin-secret"))
    with pytest.raises(FatalError, match="no broker"):
        await KafkaSource(settings, [fresh]).start(_Nobody())


class _Nobody:
    """A listener that is never called."""

    async def on_revoked(self, _: object) -> None:
        raise AssertionError

    async def on_assigned(self, _: object) -> None:
        raise AssertionError


def test_plaintext_needs_neither_certificate_nor_login() -> None:
    assert set(connection_arguments(KafkaSettings())) == {
        "bootstrap_servers",
        "client_id",
        "security_protocol",
        "metadata_max_age_ms",
    }


@pytest.mark.parametrize("key", ["ssl_cafile", "ssl_certfile"])
def test_a_certificate_that_is_not_there_is_named(key: str) -> None:
    settings = KafkaSettings.model_validate({"security_protocol": "SSL", key: "/nowhere/cert.pem", "ssl_password": SECRET})
    with pytest.raises(ConfigError, match=rf"{key} /nowhere/cert\.pem") as error:
        connection_arguments(settings)
    assert SECRET not in str(error.value)


async def test_certificates_are_read_anew_once_they_have_changed(tmp_path: Path) -> None:
    first, second = Security.create(tmp_path / "first"), Security.create(tmp_path / "second")
    ca = tmp_path / "ca.pem"
    shutil.copy(first.ca, ca)
    settings = KafkaSettings.model_validate({"security_protocol": "SSL", "ssl_cafile": ca})
    context = cast(ssl.SSLContext, connection_arguments(settings)["ssl_context"])

    async def connect(broker: Security) -> None:
        offered = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        offered.load_cert_chain(broker.keystore)
        server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=offered)
        async with server:
            address = server.sockets[0].getsockname()
            _, writer = await asyncio.open_connection(*address, ssl=context)
            writer.close()

    await connect(first)
    with pytest.raises(ssl.SSLCertVerificationError):
        await connect(second)
    ca.write_text("half a cert")
    await connect(first)
    shutil.copy(second.ca, ca)
    await connect(second)
    with pytest.raises(ssl.SSLCertVerificationError):
        await connect(first)


async def test_a_token_file_is_read_anew_for_each_connection(tmp_path: Path) -> None:
    file = tmp_path / "token"
    provider = TokenFile(file)
    with pytest.raises(KafkaConnectionError, match="can't be read"):
        await provider.token()
    file.write_text("")
    with pytest.raises(KafkaConnectionError, match="is empty"):
        await provider.token()
    file.write_text("first\n")
    assert await provider.token() == "first"
    file.write_text("second\n")
    assert await provider.token() == "second"


class TokenEndpoint:
    """What a token endpoint was asked, and what it will answer."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[tuple[str, dict[str, list[str]]]] = []
        self.answer: Callable[[], web.Response] = lambda: web.json_response({"access_token": "first", "expires_in": 3600})

    async def handle(self, request: web.Request) -> web.Response:
        self.asked.append((request.headers["Authorization"], parse_qs(await request.text())))
        return self.answer()

    def provider(self, scope: str | None = None) -> ClientCredentials:
        return ClientCredentials(endpoint=self.url, client_id="winnow", client_secret=SecretStr(SECRET), scope=scope)


class Clock:
    """Stands still, ahead of the machine's."""

    def __init__(self) -> None:
        self.now = time.monotonic() + 1000

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(auth, "time", clock)  # aiohttp's time goes on
    return clock


@pytest.fixture
async def endpoint() -> AsyncIterator[TokenEndpoint]:
    served = TokenEndpoint()
    app = web.Application()
    app.router.add_post("/token", served.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    served.url = f"http://{host}:{port}/token"
    yield served
    await runner.cleanup()


async def test_a_token_is_requested_once_while_it_is_good(endpoint: TokenEndpoint) -> None:
    provider = endpoint.provider(scope="kafka")
    assert [await provider.token(), await provider.token()] == ["first", "first"]
    ((authorization, form),) = endpoint.asked
    assert base64.b64decode(authorization.removeprefix("Basic ")) == b"winnow:s3cr3t-v%C3%A4l%2Fue"
    assert form == {"grant_type": ["client_credentials"], "scope": ["kafka"]}


async def test_a_token_that_expires_is_renewed(endpoint: TokenEndpoint) -> None:
    provider = endpoint.provider()
    endpoint.answer = lambda: web.json_response({"access_token": "short", "expires_in": 0})
    assert await provider.token() == "short"
    endpoint.answer = lambda: web.json_response({"access_token": "next"})
    assert await provider.token() == "next"
    assert await provider.token() == "next"
    assert len(endpoint.asked) == 2


@pytest.mark.parametrize("answer", [lambda: web.Response(status=503), lambda: web.Response(text="no json")])
async def test_a_token_is_used_to_its_end_while_the_endpoint_gives_no_other(
    endpoint: TokenEndpoint, clock: Clock, answer: Callable[[], web.Response]
) -> None:
    provider = endpoint.provider()
    assert await provider.token() == "first"  # good for 3600 s
    endpoint.answer = answer
    clock.now += 3000
    assert [await provider.token(), await provider.token()] == ["first", "first"]
    assert len(endpoint.asked) == 2  # the renewal that failed is not tried again at once
    clock.now += 597
    assert await provider.token() == "first"
    assert len(endpoint.asked) == 3
    clock.now += 3
    with pytest.raises(KafkaConnectionError, match="token endpoint"):
        await provider.token()


async def test_an_endpoint_that_comes_back_is_asked_before_the_token_has_expired(endpoint: TokenEndpoint, clock: Clock) -> None:
    provider = endpoint.provider()
    await provider.token()
    answer, endpoint.answer = endpoint.answer, lambda: web.Response(status=503)
    clock.now += 3000
    assert await provider.token() == "first"
    endpoint.answer = lambda: web.json_response({"access_token": "next", "expires_in": 3600})
    clock.now += TOKEN_RETRY_S
    assert await provider.token() == "next"
    endpoint.answer = answer
    clock.now += 2800
    assert await provider.token() == "next"


@pytest.mark.parametrize(
    "answer",
    [
        lambda: web.Response(status=401, text=SECRET),
        lambda: web.Response(text=f"no json {SECRET}"),
        lambda: web.json_response({"error": SECRET}),
        lambda: web.json_response([SECRET]),
        lambda: web.json_response({"access_token": "x", "expires_in": SECRET}),
    ],
)
async def test_a_bad_answer_is_a_connection_error_that_keeps_the_secret(
    endpoint: TokenEndpoint, answer: Callable[[], web.Response]
) -> None:
    endpoint.answer = answer
    with pytest.raises(KafkaConnectionError, match="token endpoint") as error:
        await endpoint.provider().token()
    assert SECRET not in str(error.value)
    assert error.value.__cause__ is None
    endpoint.answer = lambda: web.json_response({"access_token": "recovered"})
    assert await endpoint.provider().token() == "recovered"


async def test_no_answer_is_a_connection_error() -> None:
    provider = ClientCredentials(endpoint="http://127.0.0.1:1/token", client_id="winnow", client_secret=SecretStr(SECRET))
    with pytest.raises(KafkaConnectionError, match="did not answer"):
        await provider.token()


async def test_an_endpoint_that_can_not_be_asked_is_a_connection_error_too(endpoint: TokenEndpoint) -> None:
    url = endpoint.url.replace("//", "//someone:else@")
    with pytest.raises(KafkaConnectionError, match="ValueError"):
        await ClientCredentials(endpoint=url, client_id="winnow", client_secret=SecretStr(SECRET)).token()


@pytest.mark.kafka
async def test_a_user_who_may_not_use_the_transactional_ids_is_told_what_to_grant(secure_kafka: KafkaCluster, fresh: str) -> None:
    for user, ok in (("admin", True), ("stranger", False)):
        kafka = secure(secure_kafka, **login(user, f"{user}-secret"))
        (finding,) = await probe_transactions(kafka)
        assert finding.ok is ok
        assert finding.subject.startswith("transactional ids winnow.")
        assert ok or "grant WRITE on the prefix" in finding.message


@pytest.mark.kafka
async def test_a_token_from_an_endpoint_is_let_in(secure_kafka: KafkaCluster, endpoint: TokenEndpoint, fresh: str) -> None:
    endpoint.answer = lambda: web.json_response({"access_token": unsigned_token("admin"), "expires_in": 600})
    oauth = {"token_endpoint": endpoint.url, "client_id": "winnow", "client_secret": os.urandom(8).hex()}
    await publish(secure(secure_kafka, sasl_mechanism="OAUTHBEARER", sasl_oauth=oauth), fresh)
    assert endpoint.asked
