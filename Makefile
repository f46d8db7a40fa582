# `make run` and `make test` do all their own set-up: they need Python 3.11 or later and make, nothing else.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
FILE ?= examples/todo.md
ARGS ?=

.PHONY: run test lint bench docs lock clean

run: $(VENV)/.run
	@$(BIN)/asbuilt run $(FILE) $(ARGS)

test: $(VENV)/.dev
	$(BIN)/pytest -n auto $(ARGS)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.dev
	$(BIN)/python benches/run.py $(ARGS)

docs: $(VENV)/.dev
	$(BIN)/python -m asbuilt.manual docs

# Writes the locks anew from pyproject.toml.
lock: $(VENV)/.dev
	$(BIN)/uv pip compile pyproject.toml -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--custom-compile-command "make lock" -o requirements/run.lock
	$(BIN)/uv pip compile pyproject.toml -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--custom-compile-command "make lock" --group dev -o requirements/dev.lock

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "asbuilt needs Python 3.11 or later; name one with: make PYTHON=python3.12 ..."; exit 1; }
	@echo "preparing $(VENV) ..."
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements/run.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --disable-pip-version-check --require-hashes -r requirements/run.lock
	$(BIN)/pip install --disable-pip-version-check --no-deps --quiet -e .
	@$(BIN)/python -m compileall -q src
	@touch $@

$(VENV)/.dev: requirements/dev.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --disable-pip-version-check --require-hashes -r requirements/dev.lock
	$(BIN)/pip install --disable-pip-version-check --no-deps --no-build-isolation --quiet -e .
	@$(BIN)/python -m compileall -q src
	@touch $@ $(VENV)/.run

clean:
	rm -rf $(VENV) dist
