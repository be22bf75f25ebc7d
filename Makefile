# Vesper's commands. `make run` and `make test` need Python 3.11+ (with venv) and nothing else; each installs what it needs.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PAGES := services/web/static/vendor/.installed
# A file at a time per core, long ones where they stand and not last.
PARALLEL := -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

.PHONY: run demo test test-kafka test-browser test-processes check contracts bench up-local dead-letters lock clean

run: $(STAMP) $(PAGES)
	@$(BIN)/python -m infra.local run

demo: $(STAMP)
	@$(BIN)/python -m infra.local demo

test: $(STAMP) $(PAGES)
	@$(BIN)/python -m pytest -q $(PARALLEL) -m "not kafka and not browser and not processes"

test-kafka: $(STAMP)
	@$(BIN)/python -m pytest -q -m "kafka and not processes"

test-browser: $(STAMP) $(PAGES)
	@$(BIN)/python -m pytest -q -m "browser"

test-processes: $(STAMP) $(PAGES)
	@$(BIN)/python -m pytest -q -m "processes"

check: $(STAMP)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m infra.local catalog

# After a contract grew: its golden files and docs/events.yaml, to be reviewed.
contracts: $(STAMP)
	@$(BIN)/python -m tests.contracts

# All benchmarks, or one: make bench ONLY=relay
bench: $(STAMP) $(PAGES)
	@$(BIN)/python -m tests.benchmarks $(ONLY)

# The same commands as docker-compose and k8s run, as processes of this machine on a real PostgreSQL and a real Kafka.
up-local: $(STAMP) $(PAGES)
	@$(BIN)/python -m infra.local up-local

# What died and why; `make dead-letters REPLAY=all` (or a message's id) handles it again.
dead-letters: $(STAMP)
	@$(BIN)/python -m infra.local dead-letters $(if $(REPLAY),--replay $(REPLAY))

# Installs by hash from requirements.lock, with whatever package index this machine is set up for.
$(STAMP): requirements.lock infra/uv.lock.txt
	@$(PYTHON) -c 'import sys; sys.exit("Vesper needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.11") if sys.version_info < (3, 11) else None'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r infra/uv.lock.txt
	@$(BIN)/uv pip sync -q --require-hashes requirements.lock
	@touch $@

# The pages' scripts, fetched by lock file and not committed.
$(PAGES): $(STAMP) services/web/package-lock.json
	@$(BIN)/python -m services.web.assets

# After a change of pyproject.toml.
lock: $(STAMP)
	@$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --group dev pyproject.toml -o requirements.lock

clean:
	@rm -rf $(VENV) .cache .mypy_cache .ruff_cache .pytest_cache services/web/static/vendor
