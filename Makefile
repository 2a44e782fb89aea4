# Needs only Python >= 3.11 and make. Every target sets up what it needs in .venv/.
.DEFAULT_GOAL := help
.PHONY: help demo test test-all lint dev bench
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
export GX_ANALYTICS_ENABLED := false
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# else every process compiles our modules anew, and pytest rewrites every test
unexport PYTHONDONTWRITEBYTECODE

help: ## what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 8

demo: $(VENV)/run.ready ## both CRMs on loopback, provisioned, read, scored, checked and written back
	@$(BIN)/python -m orchestration.demo

test: lint ## lint, types and the test suite
	@$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not slow"

test-all: lint ## as test, with the slow ones: a user stopped six times in a chain, the hidden truth over the whole loop, random examples for property tests
	@$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder --hypothesis-profile=explore

lint: $(VENV)/dev.ready ## style, banned imports, types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

dev: $(VENV)/run.ready ## Dagster's pages with assets, checks and the nightly schedules on http://127.0.0.1:3000
	@$(BIN)/python -m orchestration.dev

bench: $(VENV)/dev.ready ## compare with other ways of doing the same work (minutes)
	@$(BIN)/python -m benchmarks

$(VENV)/bin/uv:
	@test -n "$(PYTHON)" || { echo "guanxi needs Python 3.11 or newer on the PATH (or: make PYTHON=/path/to/python3.11)"; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { echo "cannot create a virtual environment with $(PYTHON): install its venv module (Debian: apt install python3-venv)"; exit 2; }
	@$(BIN)/python -m pip install --quiet uv

$(VENV)/run.ready: $(VENV)/bin/uv pyproject.toml uv.lock
	@echo "installing guanxi into $(VENV) (once) ..."
	@UV_PROJECT_ENVIRONMENT=$(VENV) $(BIN)/uv sync --frozen --inexact --no-dev --compile-bytecode --quiet
	@touch $@

$(VENV)/dev.ready: $(VENV)/run.ready
	@UV_PROJECT_ENVIRONMENT=$(VENV) $(BIN)/uv sync --frozen --inexact --compile-bytecode --quiet
	@touch $@
