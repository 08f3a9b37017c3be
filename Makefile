# Sets up, runs, tests and checks the project. `make help` lists the targets.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:

PYTHON ?= python3
DATA_DIR ?= data
PYTEST_FLAGS ?=
TEST_PROCESSES ?= 2
BENCH_FLAGS ?=
ONLY ?=
PAGES_FLAGS ?=
CHECK_PAGES_FLAGS ?=
RELIABILITY_FLAGS ?=
SMALL_OFFICE_FLAGS ?=
LOCK_FLAGS ?=

BIN := .venv/bin
DONE := .venv/.done
AIRFLOW_DONE := .venv-airflow/.done
PIP_FLAGS := --quiet --disable-pip-version-check
NOTEBOOKS := $(wildcard notebooks/*.ipynb)
LOCK := $(BIN)/uv pip compile --quiet --python-version 3.11 --generate-hashes --no-header \
	--no-annotate --no-emit-index-url --no-emit-find-links $(LOCK_FLAGS)

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

##### Set-up: each step leaves a stamp when it is done, so a second call does nothing and a broken one goes on

.PHONY: setup
setup: java system-packages $(DONE)/project $(DONE)/jars $(DONE)/compiled ## Make the environment .venv with all packages and jars (PYTHON=... to choose)

.PHONY: java
java: ## Check that Java 17 is installed, or install it if allowed
	@setup/java.sh

.PHONY: system-packages
system-packages: ## Check that a headless browser and the text layout library are installed, or install them if allowed
	@setup/system_packages.sh

$(DONE)/venv:
	@$(call make_venv,.venv)
	@mkdir -p $(@D) && touch $@

$(DONE)/packages: requirements.lock requirements-bootstrap.lock | $(DONE)/venv
	@echo "Installing the packages of requirements.lock (about a minute)"
	@$(call install_locked,.venv,requirements.lock,--compile-bytecode)
	@touch $@

$(DONE)/project: pyproject.toml $(DONE)/packages
	@$(BIN)/python -m pip install $(PIP_FLAGS) --no-deps --no-build-isolation --editable .
	@touch $@

$(DONE)/jars: ais_indicators/io/jars.py $(DONE)/project | java
	@$(BIN)/python -m ais_indicators.io.jars
	@touch $@

$(DONE)/compiled: $(wildcard ais_indicators/fold/*.py ais_indicators/geo/*.py ais_indicators/sources/nmea/*.py ais_simulator/radio/*.py ais_simulator/radio/formats/*.py) $(DONE)/project
	@$(BIN)/python -m compileall -q ais_indicators ais_simulator
	@$(BIN)/python -m ais_indicators.compile_fold
	@touch $@

.PHONY: airflow-setup
airflow-setup: $(AIRFLOW_DONE)/packages ## Make Airflow's own environment .venv-airflow

$(AIRFLOW_DONE)/venv:
	@$(call make_venv,.venv-airflow)
	@mkdir -p $(@D) && touch $@

$(AIRFLOW_DONE)/packages: requirements-airflow.lock requirements-bootstrap.lock | $(AIRFLOW_DONE)/venv
	@echo "Installing the packages of requirements-airflow.lock"
	@$(call install_locked,.venv-airflow,requirements-airflow.lock)
	@touch $@

# Makes the environment $(1), or repairs a half-made one.
define make_venv
$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	echo "Python 3.11 or later is needed and '$(PYTHON)' is not; choose one: make setup PYTHON=python3.11" >&2; \
	exit 1; }; \
$(PYTHON) -m venv $(1)
endef

# Brings the environment $(1) to the lock file $(2); one that was broken off half-way is emptied first. Every file
# is checked against the lock's hashes, whether uv (itself hash-pinned, several times as fast) or, where uv cannot,
# pip installs it. $(3) are further options of uv: bytecode made once spares every later start some seconds, even
# where Python may not write any.
define install_locked
if [[ -e $(1)/.done/begun ]]; then \
	$(PYTHON) -m venv --clear $(1); mkdir -p $(1)/.done; touch $(1)/.done/venv; fi; \
touch $(1)/.done/begun; \
$(1)/bin/python -m pip install $(PIP_FLAGS) --no-deps --require-hashes -r requirements-bootstrap.lock \
&& $(1)/bin/uv pip sync --quiet $(3) --python $(1)/bin/python --require-hashes $(2) requirements-bootstrap.lock \
|| { echo "uv could not; going on with pip (some minutes)" >&2; \
	$(1)/bin/python -m pip install $(PIP_FLAGS) --require-hashes -r $(2); }; \
rm $(1)/.done/begun
endef

##### Use

.PHONY: run
run: setup ## Simulated weeks end to end, compared with their ground truth, or your own files: INPUT=path [PORTS=path] WEEK=2020-W01 [DATA_DIR=data]
	@$(BIN)/ais-indicators --data-dir $(DATA_DIR) demo \
		$(if $(INPUT),--input $(INPUT)) $(if $(PORTS),--ports $(PORTS)) $(if $(WEEK),--week $(WEEK))

.PHONY: airflow
airflow: setup airflow-setup ## Start Airflow on 127.0.0.1 with all DAGs, until Ctrl-C (DATA_DIR=data, AIRFLOW_PORT=8080)
	@AIS_INDICATORS_DATA_DIR='$(DATA_DIR)' exec $(BIN)/python -m setup.start_airflow

.PHONY: cluster
cluster: setup ## Start a Spark master and two workers on 127.0.0.1, until Ctrl-C, for `--profile cluster` (DATA_DIR=data)
	@AIS_INDICATORS_DATA_DIR='$(DATA_DIR)' exec $(BIN)/python -m setup.start_cluster

.PHONY: object-store
object-store: setup ## Start an object store in memory on 127.0.0.1, until Ctrl-C, to try a lake on s3a:// (OBJECT_STORE_PORT=17555)
	@exec $(BIN)/python -m setup.start_object_store

.PHONY: bench
bench: setup ## Measure the job next to its peers, decoding and the kernel (BENCH_FLAGS=--quick, PAGES_FLAGS=--busy)
	@$(BIN)/python -m benchmarks $(BENCH_FLAGS) $(PAGES_FLAGS)
	@$(BIN)/python -m benchmarks.decoding $(PAGES_FLAGS)
	@$(BIN)/python -m benchmarks.kernel $(PAGES_FLAGS)

.PHONY: pages
pages: setup ## Make all benchmark pages again on a quiet machine, or ONLY="accuracy coverage" (PAGES_FLAGS="--list" shows times)
	@$(BIN)/python -m benchmarks.pages $(ONLY) $(PAGES_FLAGS)

.PHONY: small-office
small-office: setup ## Run a country's week in 4 GiB and two cores, and write how much it took (SMALL_OFFICE_FLAGS="--sample")
	@$(BIN)/python -m benchmarks.small_office $(SMALL_OFFICE_FLAGS)

.PHONY: handbook
handbook: setup ## Build the handbook into build/handbook
	@$(BIN)/python -m setup.handbook

.PHONY: reliability
reliability: setup ## Test reliability: several ways to compute the same weeks, killed runs, faults, 20 data sets to publish (RELIABILITY_FLAGS="--kills 20")
	@$(BIN)/python -m benchmarks.reliability $(RELIABILITY_FLAGS)

##### Work on the project

# Test modules are rewritten by pytest when they are loaded, which byte code spares every later start.
PYTEST = PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder $(PYTEST_FLAGS)

.PHONY: test
test: setup airflow-setup ## Run the tests (PYTEST_FLAGS="-k name", TEST_PROCESSES=0 for one process)
	@$(PYTEST)

.PHONY: test-all
test-all: setup airflow-setup ## Run the tests with many random examples of each property, as for a release
	@HYPOTHESIS_PROFILE=full $(PYTEST)

.PHONY: airflow-test
airflow-test: setup airflow-setup ## Send two simulated weeks through a real scheduler (some minutes)
	@exec $(BIN)/python -m tests.dags.whole_week

STATIC_CHECKS := check-format check-lint check-types check-imports check-docs check-pages check-notebooks check-handbook audit

.PHONY: check
check: setup $(STATIC_CHECKS) test ## All that a change must pass

.PHONY: check-all
check-all: setup $(STATIC_CHECKS) test-all ## All that a release must pass: check, with test-all

.PHONY: check-format check-lint check-types check-imports check-docs check-pages check-notebooks check-handbook
check-format: setup
	@$(BIN)/ruff format --check .

check-lint: setup
	@$(BIN)/ruff check .

check-types: setup
	@$(BIN)/mypy

check-imports: setup
	@$(BIN)/lint-imports

check-docs: setup
	@$(BIN)/python -m ais_indicators.checks.docs --check
	@$(BIN)/python -m setup.commands_page --check
	@$(BIN)/python -m benchmarks.values --check

check-pages: setup ## List the benchmark pages whose code has changed since, as a warning (CHECK_PAGES_FLAGS="--strict" or "--json")
	@$(BIN)/python -m benchmarks.check_pages $(CHECK_PAGES_FLAGS)

check-notebooks: setup
	@$(if $(NOTEBOOKS),$(BIN)/nbstripout --verify $(NOTEBOOKS),:)

check-handbook: setup
	@$(BIN)/python -m setup.handbook --check

.PHONY: audit
audit: setup ## Look the locked packages up in the database of known vulnerabilities
	@$(BIN)/python -m setup.audit_packages

.PHONY: docs
docs: setup ## Write the documents that come from schemas/ and quality/, and the values that come from benchmark pages
	@$(BIN)/python -m ais_indicators.checks.docs
	@$(BIN)/python -m setup.commands_page
	@$(BIN)/python -m benchmarks.values --write

.PHONY: format
format: setup ## Format the code, fix what ruff can, strip the notebooks
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .
	@$(if $(NOTEBOOKS),$(BIN)/nbstripout $(NOTEBOOKS))

.PHONY: lock
lock: setup ## Write the lock files again (LOCK_FLAGS=--upgrade for newer versions)
	@$(LOCK) pyproject.toml --all-extras --output-file requirements.lock >/dev/null
	@$(LOCK) --universal requirements-airflow.in --output-file requirements-airflow.lock >/dev/null
	@echo uv | $(LOCK) - --output-file requirements-bootstrap.lock >/dev/null

.PHONY: clean
clean: ## Remove caches and build results; environments and data stay
	@rm -rf .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache build dist *.egg-info \
		spark-warehouse metastore_db derby.log
	@find . -name __pycache__ -type d -not -path './.venv*' -prune -exec rm -rf {} +
