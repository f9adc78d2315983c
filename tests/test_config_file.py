"""The YAML file: all faults at once, each at its line, and no secret told."""

import pytest

from worker.config import Settings
from worker.config_file import InvalidConfig, load_settings, parse_settings
from worker.errors import ConfigError

SECRET = "hunter2-swordfish"


def faults(text):
    with pytest.raises(InvalidConfig) as caught:
        parse_settings(text)
    return [(fault.line, fault.key, fault.message) for fault in caught.value.faults]


def fault(text):
    (found,) = faults(text)
    return found


# -- what is read


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n", "~", "{}", "\ufeff"])
def test_an_empty_file_means_the_defaults(text):
    assert parse_settings(text) == Settings()


def test_a_section_whose_keys_are_commented_out_means_its_defaults():
    assert parse_settings("kafka:\n  # client_id: x\n  consumer:\npool:\n") == Settings()


def test_units_are_read():
    settings = parse_settings("pool: {page_timeout: 1.5m, max_rss: 2GiB}\ncommit: {interval: 250ms}\n")
    assert (settings.pool.page_timeout, settings.pool.max_rss, settings.commit.interval) == (90.0, 2 << 30, 0.25)


def test_an_alias_repeats_what_it_names():
    settings = parse_settings("kafka: {bootstrap_servers: &hosts [a:1, b:2]}\ndedup: {redis: {nodes: *hosts}}\n")
    assert settings.kafka.bootstrap_servers == settings.dedup.redis.nodes == ("a:1", "b:2")


def test_a_file_is_read_from_its_path(tmp_path):
    path = tmp_path / "winnow.yaml"
    path.write_text("output: {topic: news}\n")
    assert load_settings(path).output.topic == "news"


# -- faults


def test_every_fault_is_named_at_once_with_its_line_key_and_expectation():
    text = """\
input:
  topics: [pages.raw]
  format: jsn
pool:
  page_timeout: 20
  processes: many
  proceses: 4
limits:
  inflight_bytes: 1MiB
  payload_bytes: 16MiB
kafka:
  bootstrap_servers: [kafka]
  consumer:
    session_timeout_ms: 3000
metrics: {}
output: news
"""
    found = faults(text)
    assert [(line, key) for line, key, _ in found] == [
        (3, "input.format"),
        (5, "pool.page_timeout"),
        (6, "pool.processes"),
        (7, "pool.proceses"),
        (8, "limits"),
        (12, "kafka.bootstrap_servers"),
        (13, "kafka.consumer"),
        (15, "metrics"),
        (16, "output"),
    ]
    said = {key: message for _, key, message in found}
    assert "'auto', 'envelope' or 'bare'" in said["input.format"]
    assert "such as 30s" in said["pool.page_timeout"]
    assert said["pool.proceses"] == "unknown key; did you mean 'processes'?"
    assert "payload_bytes must not exceed inflight_bytes" in said["limits"]
    assert "host:port" in said["kafka.bootstrap_servers"]
    assert "a third of session_timeout_ms" in said["kafka.consumer"]
    assert said["metrics"].startswith("unknown key; expected one of commit, ")


def test_the_message_lists_the_faults_under_the_files_name(tmp_path):
    path = tmp_path / "winnow.yaml"
    path.write_text("pool: {processes: -1}\nhttp: {port: 70000}\n")
    with pytest.raises(ConfigError) as caught:
        load_settings(path)
    first, *lines = str(caught.value).splitlines()
    assert first == f"{path} has 2 faults:"
    assert [line.partition(": ")[0] for line in lines] == ["  line 1", "  line 2"]


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        ("kafka:\n  bootstrap_server: a:1\n", 2, "kafka.bootstrap_server"),
        ("dedup:\n  redis:\n    node: a:1\n", 3, "dedup.redis.node"),
        ("proccessing_guarantee: at_least_once\n", 1, "proccessing_guarantee"),
    ],
)
def test_a_misspelt_key_suggests_the_right_one(text, line, key):
    found = fault(text)
    assert found[:2] == (line, key)
    assert found[2].startswith("unknown key; did you mean ")


def test_a_key_that_stands_twice_is_a_fault_at_its_second_line():
    assert fault("pool:\n  processes: 1\n  processes: 2\n") == (3, "pool.processes", "stands twice")
    assert fault("pool: {}\nhttp: {}\npool: {}\n") == (3, "pool", "stands twice")


def test_topics_that_would_go_round_are_a_fault_of_the_whole():
    ((_, key, message),) = faults("input: {topics: [a]}\noutput: {topic: a}\n")
    assert key == ""
    assert "for ever: a" in message


@pytest.mark.parametrize(
    ("text", "key", "message"),
    [
        ("pool: {page_timeout: 0s}", "pool.page_timeout", "expected 1ms to 3650d, found 0s"),
        ("commit: {interval: 0ms}", "commit.interval", "expected 1ms to 3650d, found 0ms"),
        ("dedup: {redis: {timeout: 0s}}", "dedup.redis.timeout", "expected 1ms to 3650d, found 0s"),
        ("dedup: {window: 999999999999d}", "dedup.window", "expected 1s to 3650d, found 999999999999d"),
        ("dead_letters: {window: 999ms}", "dead_letters.window", "expected 1s to 3650d, found 999ms"),
        ("pool: {max_rss: 1MiB}", "pool.max_rss", "expected 64MiB to 1024GiB, found 1MiB"),
        ("limits: {payload_bytes: 0B}", "limits.payload_bytes", "expected 1B to 1024GiB, found 0B"),
        ("limits: {decoded_bytes: 0.5B}", "limits.decoded_bytes", "expected 1B to 1024GiB, found 0.5B"),
    ],
)
def test_a_quantity_that_nothing_could_work_with_is_refused(text, key, message):
    assert fault(text) == (1, key, message)


def test_a_drain_may_end_at_once():
    assert parse_settings("shutdown: {drain_timeout: 0s}").shutdown.drain_timeout == 0


@pytest.mark.parametrize("address", ["host", "host:", ":9092", "host:0", "host:65536", "host:99999", "ho st:1"])
def test_an_address_has_a_host_and_a_port_that_exists(address):
    assert fault(f"kafka: {{bootstrap_servers: 'a:1,{address}'}}")[1:] == (
        "kafka.bootstrap_servers",
        f"expected host:port, found {address}",
    )
    assert parse_settings("dedup: {redis: {nodes: '[::1]:1,h:65535'}}").dedup.redis.nodes == ("[::1]:1", "h:65535")


@pytest.mark.parametrize("name", ["", " ", "pages raw", ".", "..", "a/b", "é", "a" * 250])
@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("input: {topics: [ok, 'NAME']}", "input.topics.1"),
        ("output: {topic: 'NAME'}", "output.topic"),
        ("dead_letters: {topic: 'NAME'}", "dead_letters.topic"),
        ("kafka: {consumer: {group_instance_id: 'NAME'}}", "kafka.consumer.group_instance_id"),
    ],
)
def test_a_name_that_brokers_refuse_is_refused(text, key, name):
    line, found, message = fault(text.replace("NAME", name))
    assert (line, found) == (1, key)
    assert message.startswith("expected 1 to 249 of a-z")
    assert message.endswith(f"found {name!r}")


def test_names_that_brokers_take_are_taken():
    names = ("a", "...", "Pages_raw-2.x", "a" * 249)
    assert parse_settings(f"input: {{topics: [{', '.join(names)}]}}").input.topics == names


def test_an_empty_topic_of_duplicates_is_none():
    assert parse_settings("duplicates: {topic: ''}").duplicates.topic is None
    assert fault("duplicates: {topic: a b}")[1] == "duplicates.topic"


@pytest.mark.parametrize(
    ("text", "key", "message"),
    [
        ("kafka: {sasl_plain_username: x, sasl_plain_password: x}", "kafka", "SASL_SSL or SASL_PLAINTEXT, found PLAINTEXT"),
        ("kafka: {security_protocol: SSL, sasl_plain_username: x}", "kafka", "SASL_SSL or SASL_PLAINTEXT, found SSL"),
        ("kafka: {sasl_oauth: {token_file: /run/token}}", "kafka", "SASL_SSL or SASL_PLAINTEXT, found PLAINTEXT"),
        ("kafka: {ssl_cafile: /ca.pem}", "kafka", "SSL or SASL_SSL, found PLAINTEXT"),
        (
            "kafka: {security_protocol: SASL_PLAINTEXT, sasl_plain_username: x, sasl_plain_password: x, ssl_certfile: /x.pem}",
            "kafka",
            "SSL or SASL_SSL, found SASL_PLAINTEXT",
        ),
        ("kafka: {security_protocol: SSL, ssl_keyfile: /key.pem}", "kafka", "ssl_keyfile needs ssl_certfile"),
        ("dedup: {store: redis, redis: {password: x, tls_cafile: /ca.pem}}", "dedup.redis", "need tls: true"),
        ("dedup: {store: redis, redis: {mode: cluster, database: 3}}", "dedup", "where redis.mode is cluster, found 3"),
        ("dedup: {store: redis, redis: {nodes: 'a:1,b:2'}}", "dedup", "where redis.mode is standalone, found a:1, b:2"),
        ("kafka: {consumer: {fetch_max_wait_ms: 40000}}", "kafka.consumer", "fetch_max_wait_ms must be below request_timeout_ms"),
        (
            "kafka: {sasl_oauth: {token_endpoint: 'https://x:x@h/', client_id: x, client_secret: x}}",
            "kafka.sasl_oauth",
            "expected a token_endpoint without a login",
        ),
    ],
)
def test_settings_that_do_not_go_together_are_refused(text, key, message):
    line, found, said = fault(text)
    assert (line, found) == (1, key)
    assert message in said


def test_what_the_environment_leaves_empty_counts_as_not_given(monkeypatch):
    monkeypatch.setenv("WINNOW_TEST_EMPTY", "")
    keys = "sasl_plain_username, sasl_plain_password, ssl_cafile, ssl_certfile, ssl_keyfile, ssl_password"
    given = ", ".join(f"{key}: '${{WINNOW_TEST_EMPTY}}'" for key in keys.split(", "))
    files = ", ".join(f"{key}: '${{WINNOW_TEST_EMPTY}}'" for key in ("tls_cafile", "tls_certfile", "tls_keyfile"))
    settings = parse_settings(
        f"kafka: {{{given}, sasl_oauth: {{token_file: '${{WINNOW_TEST_EMPTY}}'}}}}\ndedup: {{redis: {{{files}}}}}"
    )
    assert settings.kafka.security_protocol == "PLAINTEXT"
    assert not settings.dedup.redis.tls


@pytest.mark.parametrize("text", ["just words", "[1, 2]", "42"])
def test_a_file_that_is_no_mapping_is_refused(text):
    assert fault(text) == (1, "", "expected a mapping of settings")


@pytest.mark.parametrize(
    "text", ["pool: [", "pool: {\n", "a: b: c", "\tpool: 1", "pool: *missing", "a: 1\n---\nb: 2\n", "pool: 'x", "\x00"]
)
def test_what_is_not_yaml_is_refused(text):
    _, key, message = fault(text)
    assert key == ""
    assert message.startswith("is not YAML")


@pytest.mark.parametrize(
    "value",
    [
        "!!python/object/apply:os.system ['touch /tmp/owned']",
        "!!python/name:os.system",
        "!!python/object:worker.config.Settings {}",
        "!secret x",
        "!!int x",
        "!!int ''",
        "!!float ''",
        "!!bool maybe",
        "!!timestamp yesterday",
        "!!binary é",
        "2026-13-45",
        "[[1]]",
        ".nan",
        "{a: b}",
    ],
)
def test_a_value_of_another_kind_is_a_fault_and_nothing_is_run(value):
    line, key, _ = faults(f"pool: {{}}\noutput:\n  topic: {value}\n")[0]
    assert (line, key.startswith("output.topic")) == (3, True)


@pytest.mark.parametrize("text", ["? [a, b]\n: c\n", "? {a: b}\n: c\n", "pool:\n  ? [processes]\n  : 1\n"])
def test_a_key_that_is_no_name_is_a_fault(text):
    assert [message for _, _, message in faults(text)] == ["a key must be a name"]


@pytest.mark.parametrize(
    "text", ["pool: &a\n  processes: *a\n", "&a [*a, *a]", "&a {kafka: *a, pool: *a}", "[" * 5000 + "]" * 5000]
)
def test_what_holds_itself_or_is_endlessly_deep_is_a_fault_like_others(text):
    _, _, message = fault(text)
    assert "alias holds itself" in message


def test_a_file_that_can_not_be_read_is_a_fault(tmp_path):
    for path, why in ((tmp_path / "missing.yaml", "No such file"), (tmp_path, "directory")):
        with pytest.raises(InvalidConfig, match=why):
            load_settings(path)
    (tmp_path / "latin.yaml").write_bytes(b"output: {topic: caf\xe9}")
    with pytest.raises(InvalidConfig, match="not UTF-8"):
        load_settings(tmp_path / "latin.yaml")


# -- references


def test_references_are_resolved(monkeypatch, tmp_path):
    monkeypatch.setenv("WINNOW_TEST_HOST", "kafka-1")
    monkeypatch.setenv("WINNOW_TEST_PORT", "9999")
    (tmp_path / "password").write_text(f"{SECRET}\n")
    settings = parse_settings(
        f"""\
kafka:
  bootstrap_servers: ["${{WINNOW_TEST_HOST}}:9092", "${{WINNOW_TEST_HOST}}:9093"]
  security_protocol: SASL_SSL
  sasl_plain_username: winnow
  sasl_plain_password: ${{file:{tmp_path}/password}}
  client_id: a $${{literal}} $5 $HOME
http: {{port: "${{WINNOW_TEST_PORT}}"}}
"""
    )
    assert settings.kafka.bootstrap_servers == ("kafka-1:9092", "kafka-1:9093")
    assert settings.kafka.sasl_plain_password.get_secret_value() == SECRET
    assert settings.kafka.client_id == "a ${literal} $5 $HOME"
    assert settings.http.port == 9999


def test_what_a_reference_brings_is_not_resolved_again(monkeypatch):
    monkeypatch.setenv("WINNOW_TEST_PASSWORD", "pa${HOME}ss$${")
    assert parse_settings("kafka: {client_id: '${WINNOW_TEST_PASSWORD}'}").kafka.client_id == "pa${HOME}ss$${"


def test_only_the_last_newline_of_a_mounted_file_is_dropped(tmp_path):
    (tmp_path / "password").write_text(" a\n\n")
    settings = parse_settings(f"dedup: {{redis: {{password: '${{file:{tmp_path}/password}}'}}}}")
    assert settings.dedup.redis.password.get_secret_value() == " a\n"


def test_a_reference_to_nothing_is_one_fault_at_its_line(tmp_path):
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    found = faults(
        f"""\
kafka:
  bootstrap_servers: ${{WINNOW_TEST_UNSET}}
  sasl_plain_password: ${{file:{tmp_path}/missing}}
  ssl_password: ${{file:{tmp_path}/binary}}
  client_id: ${{not-a-name}}
  sasl_plain_username: "${{file:a\\0b}}"
"""
    )
    assert [(line, key) for line, key, _ in found] == [
        (2, "kafka.bootstrap_servers"),
        (3, "kafka.sasl_plain_password"),
        (4, "kafka.ssl_password"),
        (5, "kafka.client_id"),
        (6, "kafka.sasl_plain_username"),
    ]
    messages = [message for _, _, message in found]
    assert messages[0] == "the environment variable WINNOW_TEST_UNSET is not set"
    assert "can't be read: No such file" in messages[1]
    assert "no UTF-8" in messages[2]
    assert "written $${" in messages[3]


# -- secrets


WITH_SECRETS = """\
kafka:
  security_protocol: SASL_SSL
  sasl_plain_username: winnow
  sasl_plain_password: ${WINNOW_TEST_SECRET}
  ssl_password: ${WINNOW_TEST_SECRET}
  sasl_oauth: {token_endpoint: https://x, client_id: x, client_secret: "${WINNOW_TEST_SECRET}"}
dedup:
  redis: {password: "${WINNOW_TEST_SECRET}", sentinel_password: "${WINNOW_TEST_SECRET}"}
"""


def test_no_secret_is_shown_by_the_settings(monkeypatch):
    monkeypatch.setenv("WINNOW_TEST_SECRET", SECRET)
    settings = parse_settings(WITH_SECRETS)
    shown = f"{settings} {settings!r} {settings.model_dump()} {settings.model_dump_json()}"
    assert SECRET not in shown
    assert settings.kafka.sasl_plain_password.get_secret_value() == SECRET


@pytest.mark.parametrize(
    "text",
    [
        "kafka:\n  sasl_plain_password: [SECRET]\n",
        "kafka:\n  sasl_plain_password: {SECRET: SECRET}\n",
        "kafka:\n  security_protocol: SASL_SSL\n  sasl_plain_password: SECRET\n",
        "kafka:\n  sasl_oauth: {client_secret: SECRET, token_endpoint: x}\n",
        "http: {port: SECRET}\n",
        "dedup: {window: SECRET}\n",
        "dedup: {redis: {nodes: 'redis://:SECRET@host/0'}}\n",
        "kafka: {bootstrap_servers: 'user:SECRET@host'}\n",
        "kafka: {bootstrap_servers: 'user:SECRET,more@host:1'}\n",
        "kafka: {bootstrap_servers: 'user:more,SECRET@host:1'}\n",
        "kafka: {sasl_oauth: {token_endpoint: 'https://x:SECRET@host/', client_id: x, client_secret: x}}\n",
        "kafka: {sasl_plain_username: x, sasl_plain_password: SECRET}\n",
    ],
)
def test_no_secret_is_shown_by_a_fault(text):
    for given in (text.replace("SECRET", SECRET), text):
        with pytest.raises(InvalidConfig) as caught:
            parse_settings(given)
        assert SECRET not in f"{caught.value} {caught.value!r} {caught.value.faults}"
        assert caught.value.__cause__ is None


@pytest.mark.parametrize("password", ["!hunter22", "!hun!ter22", "*hunter22", "!<hunter22", "'hunter22"])
def test_a_password_that_is_not_text_to_yaml_is_not_shown(password):
    with pytest.raises(ConfigError) as raised:
        parse_settings(f"dedup:\n  redis:\n    password: {password}\n")
    assert "hun" not in str(raised.value)
