# The two commands of a newcomer are `make report` and `make test`.
# Set-up happens once: a target below .venv is a stamp that depends on the lock files.

PYTHON ?= python3
BIN := .venv/bin
RUN_ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help report test lab dask lint bench soak format clean

help:  ## show the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

.venv/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo 'Kreisblick needs Python 3.11 or newer; "$(PYTHON)" is older. Try: make PYTHON=python3.12 ...'; exit 1; }
	$(PYTHON) -m venv .venv

.venv/installed: .venv/pyvenv.cfg requirements.lock pyproject.toml
	@echo 'Setting up .venv from requirements.lock (once, a few minutes) ...'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv/test-installed: .venv/installed requirements-test.lock tests/browser/package-lock.json
	@echo 'Setting up what the tests need ...'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-test.lock
	@if command -v npm >/dev/null; then npm ci --ignore-scripts --loglevel=error --prefix tests/browser >/dev/null; \
		else echo 'npm is missing: the tests of accessibility will be skipped (install Node.js, then: touch requirements-test.lock).'; fi
	@touch $@

.venv/dask-installed: .venv/installed requirements-dask.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --requirement requirements-dask.lock
	@touch $@

report: .venv/installed  ## make all reports and the index page
	@$(BIN)/kreisblick run $(RUN_ARGS)

test: .venv/test-installed  ## run all tests
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

lab: .venv/installed  ## open JupyterLab on the workspace
	@$(BIN)/kreisblick lab

dask: .venv/dask-installed  ## set up what runs on several machines need (docs/verteilt.md)

lint: .venv/test-installed  ## check code and notebooks
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

bench: .venv/test-installed  ## measure speed as ratios (half an hour)
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python tests/bench.py

soak: .venv/test-installed  ## kill runs at random moments, attack 10,000 random tables (an hour and a half at most)
	@PYTHONPATH=tests $(BIN)/python tests/soak.py
	@$(BIN)/python tests/soak_disclosure.py

format: .venv/test-installed  ## format code and notebooks
	@$(BIN)/ruff check --fix . && $(BIN)/ruff format .

clean:  ## remove generated reports, figures and logs (never data)
	rm -rf output figures logs
