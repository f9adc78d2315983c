"""How the clients connect: one set of arguments for consumer, producer and admin client, with TLS and SASL.

aiokafka asks a token provider whenever it opens a connection, from tasks of its own that take an error of another library for a
bug and end.  What goes wrong with a token is therefore told as a connection error of aiokafka's, which it tries again.  No message
holds a token, a secret or a server's answer.
"""

from __future__ import annotations

import asyncio
import base64
import ssl
import time
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote_plus

import aiohttp
import structlog
from aiokafka.abc import AbstractTokenProvider
from aiokafka.errors import KafkaConnectionError
from pydantic import SecretStr

from worker.config import KafkaSettings, OAuthSettings
from worker.errors import ConfigError

TOKEN_REQUEST_TIMEOUT_S: Final = 10.0
TOKEN_LIFETIME_USED: Final = 0.8  # a token is renewed when this part of its life is over
TOKEN_LIFETIME_UNSTATED_S: Final = 60.0  # RFC 6749 only recommends expires_in
TOKEN_RETRY_S: Final = 5.0  # after a renewal that failed, while the old token is still good

_log = structlog.get_logger()


def connection_arguments(settings: KafkaSettings) -> dict[str, object]:
    """Keyword arguments that each of aiokafka's clients takes.

    Raises:
        ConfigError: a certificate, key or authority can't be read.
    """
    arguments: dict[str, object] = {
        "bootstrap_servers": list(settings.bootstrap_servers),
        "client_id": settings.client_id,
        "security_protocol": settings.security_protocol,
        "metadata_max_age_ms": settings.metadata_max_age_ms,
    }
    if settings.security_protocol.endswith("SSL"):
        arguments["ssl_context"] = RenewedContext(settings)
    if settings.security_protocol.startswith("SASL"):
        arguments["sasl_mechanism"] = settings.sasl_mechanism
        if settings.sasl_mechanism == "OAUTHBEARER":
            arguments["sasl_oauth_token_provider"] = token_provider(settings.sasl_oauth)
        else:
            arguments["sasl_plain_username"] = settings.sasl_plain_username
            arguments["sasl_plain_password"] = _reveal(settings.sasl_plain_password)
    return arguments


def _reveal(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()


class RenewedContext(ssl.SSLContext):
    """Reads certificate, key and authority anew for the next connection once their files have changed.

    They last for weeks, a worker for months: with those of its start it would be let in nowhere any more, and a restart would mend
    it.
    """

    def __new__(cls, settings: KafkaSettings) -> RenewedContext:
        """Of the class of contexts that make connections."""
        return super().__new__(cls, ssl.PROTOCOL_TLS_CLIENT)

    def __init__(self, settings: KafkaSettings) -> None:
        """Raises ConfigError where a file can't be read."""
        self._settings = settings
        self._files = [path for path in (settings.ssl_cafile, settings.ssl_certfile, settings.ssl_keyfile) if path is not None]
        self._seen = self._stamps()
        self._context = _ssl_context(settings)

    def wrap_bio(self, *arguments: Any, **more: Any) -> ssl.SSLObject:
        """What each connection begins with.  Files that can't be used, being half written or gone, leave it with those before."""
        if (stamps := self._stamps()) != self._seen:
            self._seen = stamps
            try:
                self._context = _ssl_context(self._settings)
                _log.info("certificates were read anew")
            except ConfigError as error:
                _log.warning("certificates have changed and can't be used; those before them still are", error=str(error))
        return self._context.wrap_bio(*arguments, **more)

    def _stamps(self) -> list[tuple[int, ...] | None]:
        return [_stamp(path) for path in self._files]


def _stamp(path: Path) -> tuple[int, ...] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _ssl_context(settings: KafkaSettings) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=settings.ssl_cafile)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"kafka.ssl_cafile {settings.ssl_cafile} can't be used: {error}") from error
    context.check_hostname = settings.ssl_check_hostname
    if settings.ssl_certfile is not None:
        try:
            context.load_cert_chain(settings.ssl_certfile, settings.ssl_keyfile, _reveal(settings.ssl_password))
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(
                f"kafka.ssl_certfile {settings.ssl_certfile} and ssl_keyfile {settings.ssl_keyfile} can't be used"
                f" (with the ssl_password given): {error}"
            ) from error
    return context


class TokenFile:
    """The token in a mounted file, read anew for each connection: whoever mounts it may change it at any time."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def token(self) -> str:
        """The file's content without surrounding white space."""
        try:
            token = self._path.read_text(encoding="utf-8").strip()  # some hundred bytes, on tmpfs as a rule
        except (OSError, UnicodeDecodeError) as error:
            raise KafkaConnectionError(f"token file {self._path} can't be read ({type(error).__name__})") from None
        if not token:
            raise KafkaConnectionError(f"token file {self._path} is empty")
        return token

    def extensions(self) -> dict[str, str]:
        """SASL extensions: none."""
        return {}


class ClientCredentials:
    """Tokens of an OAuth 2 client-credentials request (RFC 6749, section 4.4), renewed shortly before they expire."""

    def __init__(self, *, endpoint: str, client_id: str, client_secret: SecretStr, scope: str | None = None) -> None:
        self._endpoint = endpoint
        self._client_id = client_id
        self._client_secret = client_secret
        self._scope = scope
        self._lock = asyncio.Lock()  # many connections open at once; one request is enough
        self._token = ""
        self._renew_at = self._expires_at = 0.0

    async def token(self) -> str:
        """A token that is still good for a while; one near its end where the endpoint gives no other."""
        async with self._lock:
            asked_at = time.monotonic()
            if asked_at >= self._renew_at:
                try:
                    self._token, lifetime_s = await self._request()
                except KafkaConnectionError:
                    now = time.monotonic()
                    if now >= self._expires_at:
                        raise
                    self._renew_at = min(now + TOKEN_RETRY_S, self._expires_at)
                else:
                    self._renew_at = asked_at + lifetime_s * TOKEN_LIFETIME_USED
                    self._expires_at = asked_at + lifetime_s
            return self._token

    def extensions(self) -> dict[str, str]:
        """SASL extensions: none."""
        return {}

    async def _request(self) -> tuple[str, float]:
        """A new token and its life in seconds.  Raises KafkaConnectionError."""
        try:
            return await self._post()
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:  # aiohttp takes some URLs for ValueErrors
            raise KafkaConnectionError(f"token endpoint {self._endpoint} did not answer ({type(error).__name__})") from None

    async def _post(self) -> tuple[str, float]:
        form = {"grant_type": "client_credentials"} | ({"scope": self._scope} if self._scope else {})
        login = base64.b64encode(f"{quote_plus(self._client_id)}:{quote_plus(self._client_secret.get_secret_value())}".encode())
        timeout = aiohttp.ClientTimeout(total=TOKEN_REQUEST_TIMEOUT_S)
        async with (
            aiohttp.ClientSession(timeout=timeout, headers={"Authorization": f"Basic {login.decode()}"}) as session,
            session.post(self._endpoint, data=form, allow_redirects=False) as response,
        ):
            if response.status != 200:
                raise KafkaConnectionError(f"token endpoint {self._endpoint} answered {response.status}")
            try:
                answer = await response.json(content_type=None)
                return str(answer["access_token"]), float(answer.get("expires_in", TOKEN_LIFETIME_UNSTATED_S))
            except (ValueError, KeyError, TypeError, AttributeError):
                raise KafkaConnectionError(f"token endpoint {self._endpoint} answered without an access_token") from None


# aiokafka asks isinstance; it ships no types, so that inheriting would make these classes untyped.
AbstractTokenProvider.register(TokenFile)
AbstractTokenProvider.register(ClientCredentials)


def token_provider(settings: OAuthSettings) -> TokenFile | ClientCredentials:
    """The source of tokens that the settings name.

    Raises:
        ConfigError: they name none.
    """
    if settings.token_file is not None:
        return TokenFile(settings.token_file)
    if settings.token_endpoint is None or settings.client_id is None or settings.client_secret is None:
        raise ConfigError("OAUTHBEARER needs kafka.sasl_oauth.token_file, or token_endpoint with client_id and client_secret")
    return ClientCredentials(
        endpoint=settings.token_endpoint,
        client_id=settings.client_id,
        client_secret=settings.client_secret,
        scope=settings.scope,
    )
