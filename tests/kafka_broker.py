"""A real Apache Kafka without a container, for the tests, the demo and the bench.

Maven resolves Kafka's own jars once (`tests/broker/pom.xml`) into `.cache/kafka/`; then one node, or three, run on free ports of
127.0.0.1 with their data in a temporary folder, and go when the process that started them goes.  Where `KAFKA_BOOTSTRAP_SERVERS` is
set, that cluster is used instead.

As a script it runs a broker until it is interrupted:

    python tests/kafka_broker.py --nodes 3
"""

from __future__ import annotations

import argparse
import atexit
import base64
import contextlib
import fcntl
import hashlib
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
POM = HERE / "broker" / "pom.xml"
LOG4J = HERE / "broker" / "log4j2.properties"
CACHE = HERE.parent / ".cache" / "kafka"

STARTED = "Kafka Server started"
START_DEADLINE_S = 180.0
STOP_DEADLINE_S = 30.0

JAVA_FLAGS = ("-Xms64m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-Djava.awt.headless=true")


class KafkaUnavailable(Exception):
    """No broker can be had here; the message says what is missing."""


def _need(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        raise KafkaUnavailable(f"no {program} on the PATH (and KAFKA_BOOTSTRAP_SERVERS is not set)")
    return found


def kafka_jars() -> Path:
    """The folder of Kafka's jars, resolved by Maven where it isn't there yet."""
    _need("java")
    jars = CACHE / hashlib.sha256(POM.read_bytes()).hexdigest()[:16]
    if jars.is_dir():
        return jars
    maven = _need("mvn")
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock, tempfile.TemporaryDirectory(dir=CACHE, prefix="resolving-") as scratch:
        fcntl.flock(lock, fcntl.LOCK_EX)  # Maven's own store is not made for two at once
        if jars.is_dir():
            return jars
        fresh = Path(scratch) / "jars"
        goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={fresh}"]
        done = subprocess.run([maven, "-q", "-B", "-f", str(POM), *goal], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise KafkaUnavailable(f"mvn could not resolve Kafka's jars:\n{(done.stdout + done.stderr)[-2000:]}")
        fresh.rename(jars)
    return jars


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on, below the range that outgoing connections take theirs from: a restart finds them free."""
    found: list[int] = []
    while len(found) < count:
        port = random.randint(12_000, 30_000)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                if port not in found:
                    found.append(port)
    return found


@dataclass(frozen=True, slots=True)
class Security:
    """A SASL_SSL listener beside the plain one: who may enter, and the certificate that signs the broker's.

    Both mechanisms know the same users.  Only `admin` is a super user on this listener; `stranger` may log in and do nothing.
    """

    certificates: Path
    users: tuple[tuple[str, str], ...] = (("admin", "admin-secret"), ("stranger", "stranger-secret"))

    @property
    def ca(self) -> Path:
        return self.certificates / "ca.pem"

    @property
    def keystore(self) -> Path:
        return self.certificates / "broker.pem"

    @classmethod
    def create(cls, folder: Path) -> Security:
        """Make a certificate authority and a certificate for 127.0.0.1 in `folder`."""
        openssl = _need("openssl")
        folder.mkdir(parents=True)
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]

        def run(*arguments: str) -> None:
            subprocess.run([openssl, *arguments], cwd=folder, check=True, capture_output=True)

        run("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=test authority")
        run("req", *key, "-keyout", "broker.key", "-out", "broker.csr", "-subj", "/CN=localhost")
        (folder / "names").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
        signed_by = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "names", "-days", "2"]
        run("x509", "-req", "-in", "broker.csr", "-out", "broker.crt", *signed_by)
        (folder / "broker.pem").write_text((folder / "broker.key").read_text() + (folder / "broker.crt").read_text())
        return cls(folder)

    def properties(self) -> list[str]:
        """What the broker has to know of it."""
        login = "org.apache.kafka.common.security"
        passwords = " ".join(f'user_{name}="{password}"' for name, password in self.users)
        return [
            "ssl.keystore.type=PEM",
            f"ssl.keystore.location={self.keystore}",
            "sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER",
            f"listener.name.secure.plain.sasl.jaas.config={login}.plain.PlainLoginModule required {passwords};",
            f"listener.name.secure.scram-sha-256.sasl.jaas.config={login}.scram.ScramLoginModule required;",
            f"listener.name.secure.scram-sha-512.sasl.jaas.config={login}.scram.ScramLoginModule required;",
            # Unsigned tokens (alg none) are enough to see that a token arrives; never outside a test.
            f"listener.name.secure.oauthbearer.sasl.jaas.config={login}.oauthbearer.OAuthBearerLoginModule required"
            ' unsecuredLoginStringClaim_sub="broker";',
            "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users=User:ANONYMOUS;User:admin",
        ]

    def scram(self) -> list[str]:
        """Arguments with which StorageTool writes the SCRAM credentials."""
        return [
            part
            for mechanism in ("SCRAM-SHA-256", "SCRAM-SHA-512")
            for name, password in self.users
            for part in ("--add-scram", f"{mechanism}=[name={name},password={password}]")
        ]


class KafkaNode:
    """One combined broker and controller: a JVM that can be stopped, killed, frozen and started again on the same port."""

    def __init__(self, *, node_id: int, folder: Path, port: int, secure_port: int) -> None:
        self.node_id = node_id
        self.address = f"127.0.0.1:{port}"
        self.secure_address = f"127.0.0.1:{secure_port}"
        self.folder = folder
        self.config = folder / "server.properties"
        self.log = folder / "log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The JVM's process id; the node must have been launched."""
        assert self._process is not None, "the node is not running"
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def launch(self) -> None:
        """Start the JVM and return at once.  Call it from the main thread: the node dies with the thread that launched it."""
        # The kernel kills the broker when we die, however we die; elsewhere than on Linux atexit has to do.
        die_with_us = [setpriv, "--pdeathsig", "KILL"] if (setpriv := shutil.which("setpriv")) else []
        command = [*die_with_us, _need("java"), *JAVA_FLAGS, f"-Dlog4j2.configurationFile={LOG4J}", "-cp", f"{kafka_jars()}/*"]
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [*command, "kafka.Kafka", str(self.config)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def ready(self) -> bool:
        """Whether the broker takes requests."""
        return self.running and STARTED in self.log.read_text(errors="replace")

    def wait_ready(self) -> None:
        """Block until the broker takes requests."""
        deadline = time.monotonic() + START_DEADLINE_S
        while not self.ready:
            if not self.running or time.monotonic() > deadline:
                raise KafkaUnavailable(f"Kafka did not start; its log ends with:\n{self.log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.05)

    def terminate(self) -> None:
        """Ask the broker to stop (SIGTERM) and wait until it is gone; kill it where it takes too long."""
        if not self.running:
            return
        self.signal(signal.SIGTERM)
        assert self._process is not None
        try:
            self._process.wait(STOP_DEADLINE_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End the broker as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def freeze(self) -> None:
        """Stop the broker from answering while its connections stay open (SIGSTOP); it has stopped when this returns."""
        self.signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self.pid, os.WSTOPPED | os.WNOWAIT)  # a thread that is at work goes on for some milliseconds

    def thaw(self) -> None:
        self.signal(signal.SIGCONT)

    def signal(self, number: int) -> None:
        os.kill(self.pid, number)


class KafkaCluster:
    """One node, or three with replication 3 and min.insync.replicas 2."""

    def __init__(self, *, nodes: int = 1, secure: bool = False, within: Path | None = None) -> None:
        """`within` is a folder for its data, in place of the system's for temporary ones."""
        self._jars = kafka_jars()
        self.folder = Path(tempfile.mkdtemp(prefix="kafka-", dir=within))
        self.security = Security.create(self.folder / "certificates") if secure else None
        ports = free_ports(nodes * 3)
        self._controllers = ",".join(f"{i + 1}@127.0.0.1:{ports[3 * i + 1]}" for i in range(nodes))
        self.nodes: list[KafkaNode] = []
        cluster_id = base64.b64encode(uuid.uuid4().bytes, altchars=b"AA").decode().rstrip("=")  # a leading - would be an option
        for i in range(nodes):
            port, controller_port, secure_port = ports[3 * i : 3 * i + 3]
            node = KafkaNode(node_id=i + 1, folder=self.folder / f"node{i + 1}", port=port, secure_port=secure_port)
            node.folder.mkdir()
            node.config.write_text("\n".join(self._properties(node, controller_port, replicas=nodes)) + "\n")
            self._format(node, cluster_id)
            self.nodes.append(node)

    @property
    def bootstrap_servers(self) -> str:
        return ",".join(node.address for node in self.nodes)

    @property
    def secure_bootstrap_servers(self) -> str:
        return ",".join(node.secure_address for node in self.nodes)

    def start(self) -> None:
        """Start every node and block until each takes requests."""
        atexit.register(self.stop)
        for node in self.nodes:
            node.launch()
        for node in self.nodes:
            node.wait_ready()

    def stop(self) -> None:
        """End every node and remove its data."""
        for node in self.nodes:
            node.kill()  # nothing of it is wanted any more; a clean stop would take seconds
        shutil.rmtree(self.folder, ignore_errors=True)
        atexit.unregister(self.stop)

    def _properties(self, node: KafkaNode, controller_port: int, *, replicas: int) -> list[str]:
        plain, secure = f"PLAINTEXT://{node.address}", f",SECURE://{node.secure_address}" if self.security else ""
        in_sync = 2 if replicas > 1 else 1
        return [
            "process.roles=broker,controller",
            f"node.id={node.node_id}",
            f"controller.quorum.voters={self._controllers}",
            f"listeners={plain}{secure},CONTROLLER://127.0.0.1:{controller_port}",
            f"advertised.listeners={plain}{secure}",
            "controller.listener.names=CONTROLLER",
            "inter.broker.listener.name=PLAINTEXT",
            "listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SECURE:SASL_SSL",
            f"log.dirs={node.folder / 'data'}",
            "auto.create.topics.enable=false",
            f"default.replication.factor={replicas}",
            f"min.insync.replicas={in_sync}",
            f"offsets.topic.replication.factor={replicas}",
            "offsets.topic.num.partitions=5",
            f"transaction.state.log.replication.factor={replicas}",
            f"transaction.state.log.min.isr={in_sync}",
            "transaction.state.log.num.partitions=5",
            f"share.coordinator.state.topic.replication.factor={replicas}",
            f"share.coordinator.state.topic.min.isr={in_sync}",
            # Fast where production is patient: a test's rebalance, session and cleanup should take moments.
            "group.initial.rebalance.delay.ms=0",
            "group.min.session.timeout.ms=1000",
            "transaction.abort.timed.out.transaction.cleanup.interval.ms=1000",
            "log.cleaner.backoff.ms=1000",
            "log.retention.check.interval.ms=1000",
            "log.segment.delete.delay.ms=1000",
            "num.network.threads=2",
            "num.io.threads=2",
            "log.cleaner.dedupe.buffer.size=4194304",
            *(self.security.properties() if self.security else []),
        ]

    def _format(self, node: KafkaNode, cluster_id: str) -> None:
        tool = [
            "format",
            "--cluster-id",
            cluster_id,
            "--config",
            str(node.config),
            *(self.security.scram() if self.security else []),
        ]
        java = [_need("java"), *JAVA_FLAGS, f"-Dlog4j2.configurationFile={LOG4J}", "-cp", f"{self._jars}/*"]
        done = subprocess.run([*java, "kafka.tools.StorageTool", *tool], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise KafkaUnavailable(f"Kafka's storage could not be formatted:\n{(done.stdout + done.stderr)[-2000:]}")


@contextlib.contextmanager
def running_cluster(*, nodes: int = 1, secure: bool = False, within: Path | None = None) -> Iterator[KafkaCluster]:
    """A cluster of one's own, which may be broken at will.

    Raises:
        KafkaUnavailable: no broker can be had here.
    """
    cluster = KafkaCluster(nodes=nodes, secure=secure, within=within)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


@contextlib.contextmanager
def running_broker(within: Path | None = None) -> Iterator[str]:
    """The bootstrap servers of a broker: the one that `KAFKA_BOOTSTRAP_SERVERS` names, or one that is started for the while.

    `within` is a folder for its data, in place of the system's for temporary ones.

    Raises:
        KafkaUnavailable: no broker can be had here.
    """
    if named := os.environ.get("KAFKA_BOOTSTRAP_SERVERS"):
        yield named
        return
    with running_cluster(within=within) as cluster:
        yield cluster.bootstrap_servers


def main() -> None:
    """Run a broker until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(description="Run Apache Kafka on free ports of 127.0.0.1 until interrupted.")
    parser.add_argument("--nodes", type=int, choices=(1, 3), default=1)
    arguments = parser.parse_args()
    with running_cluster(nodes=arguments.nodes) as cluster:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        print(cluster.bootstrap_servers, flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()


if __name__ == "__main__":
    main()
