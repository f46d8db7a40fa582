# `make run` and `make test` do all their own set-up: they need Python 3.11 or later and make, nothing else.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
FILE ?= examples/todo.md
FOREIGN := tests/live/foreign
NODE_MODULES := $(FOREIGN)/fastify_pg/node_modules
ARGS ?=

.PHONY: run test foreign proof mutants lint bench docs lock clean

run: $(VENV)/.run
	@$(BIN)/asbuilt run $(FILE) $(ARGS)

test: $(VENV)/.dev foreign
	$(BIN)/pytest -n auto $(ARGS)

# What the servers that tests drive are written in, in places of its own: none of it is a dependency of asbuilt.
foreign: $(VENV)-foreign/.installed $(if $(shell command -v npm),$(NODE_MODULES)/.installed)

# What `verify` says of the six servers written by hand: nothing is refuted.
proof: $(VENV)/.dev foreign
	PYTHONPATH=tests:tests/live $(BIN)/python -m foreign.proving

# How many planted faults `verify` finds; writes docs/mutants.md.
mutants: $(VENV)/.dev foreign
	PYTHONPATH=tests:tests/live $(BIN)/python -m foreign.hunt --keep $(ARGS)

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
	$(BIN)/uv pip compile $(FOREIGN)/requirements.in -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--custom-compile-command "make lock" -o $(FOREIGN)/requirements.lock
	npm install --prefix $(FOREIGN)/fastify_pg --package-lock-only --silent

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

$(VENV)-foreign/.installed: $(FOREIGN)/requirements.lock | $(VENV)/.dev
	$(BIN)/python -m venv --clear --without-pip $(VENV)-foreign
	$(BIN)/uv pip install -q --python $(VENV)-foreign/bin/python --compile-bytecode --require-hashes -r $<
	@touch $@

$(NODE_MODULES)/.installed: $(FOREIGN)/fastify_pg/package-lock.json
	npm ci --prefix $(FOREIGN)/fastify_pg --silent --ignore-scripts --no-audit --no-fund
	@touch $@

clean:
	rm -rf $(VENV) $(VENV)-foreign $(NODE_MODULES) dist
