# Everything needs only git, make and Python 3.11 or later: no uv, no Node.js.
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
LOCK := $(BIN)/uv pip compile pyproject.toml --quiet --universal --generate-hashes --no-emit-index-url --no-header

# What the installation was made from: where one of these is newer, it is made again.
PAGE := $(shell find dashboards/live/page -name node_modules -prune -o -print 2>/dev/null)
PROJECT := pyproject.toml hatch_build.py $(PAGE)

# Processes that test at the same time: one more than there are processors, for many tests wait.
WORKERS ?= $(shell expr $$(nproc) + 1)

# How much `make score` plays: quiet sessions of each treatment, sessions for each pattern, for each fault.
QUIET ?= 200
EVENTS ?= 200
FAULTS ?= 20
# The same of what it plays twice, with numbers of devices and with numbers computed from waveforms.
TWICE := --quiet 10 --events 10 --faults 2

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install demo test lint bench score plots campaign lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

install: $(VENV)/.installed ## install Vigil and its pinned dependencies into .venv

demo: $(VENV)/.installed ## simulated sessions, the whole system, in a browser
	$(BIN)/vigil demo

test: $(VENV)/.installed-dev ## all tests, in WORKERS processes; says which real servers were missing
	$(BIN)/python -m tests.kernels
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

lint: $(VENV)/.installed-dev ## style, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.installed-dev ## measure speed and latency on this machine
	$(BIN)/python -m tests.bench

score: $(VENV)/.installed-dev ## how good the alerts are on simulated people (half an hour); writes build/score*.html
	@mkdir -p build
	$(BIN)/vigil score --quiet $(QUIET) --events $(EVENTS) --faults $(FAULTS) --html build/score.html
	$(BIN)/vigil score --waveforms $(TWICE) --html build/score-waveforms.html

plots: $(VENV)/.installed-dev ## draw what drugs do to simulated people, beside what was published
	$(BIN)/python -m simulators.plots docs/plots

campaign: $(VENV)/.installed-dev ## kill a running service at fifty random instants, and hours of Bluetooth trouble (minutes)
	$(BIN)/python -m pytest -m campaign

lock: $(BIN)/uv ## pin the newest allowed versions of all dependencies
	$(LOCK) --upgrade --extra demo --output-file requirements.lock
	$(LOCK) --upgrade --all-extras --group dev --constraint requirements.lock --output-file requirements-dev.lock

clean: ## remove what was installed and built
	rm -rf $(VENV) dashboards/live/static dashboards/live/page/node_modules build dist
	rm -rf .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

$(VENV)/.installed: requirements.lock $(PROJECT) | $(BIN)/pip
	$(PIP) install --quiet --require-hashes --requirement requirements.lock
	$(PIP) install --quiet --no-deps --editable .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(PROJECT) | $(BIN)/pip
	$(PIP) install --quiet --require-hashes --requirement requirements-dev.lock
	$(PIP) install --quiet --no-deps --editable .
	@touch $@

$(BIN)/uv: | $(BIN)/pip
	$(PIP) install --quiet uv

$(BIN)/pip:
	@for python in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
	  if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then break; fi; \
	  python=; \
	done; \
	if [ -z "$$python" ]; then \
	  echo 'Vigil needs Python 3.11 or later, and none was found. Install one, or name it: make PYTHON=/path/to/python3' >&2; \
	  exit 1; \
	fi; \
	if ! $$python -c 'import ensurepip, venv' 2>/dev/null; then \
	  echo "$$python cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv" >&2; \
	  exit 1; \
	fi; \
	echo "Installing into $(VENV) with $$($$python --version)"; \
	$$python -m venv $(VENV)
