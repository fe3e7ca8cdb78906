# Needs Python 3.11 or newer (with venv and pip), make and a POSIX shell. Everything else is installed into .venv.
# `make` alone lists the targets. Another interpreter: make PYTHON=/usr/bin/python3.12 run

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run dev test lint format bench test-duckdb2 lock clean

PYTHON ?=
ARGS ?=
DUCKDB2_VERSION ?= 2.0.0
SQL_FOLDERS := models expectations $(wildcard tests/dbt)

# Byte-compiled packages halve every start; the environment may ask Python itself not to write any.
export UV_COMPILE_BYTECODE := 1
export UV_NO_PROGRESS := 1
# A later `make` installs into our .venv, whatever environment is active in the shell.
unexport VIRTUAL_ENV PYTHONHOME PYTHONPATH

# Without a home folder uv has nowhere to keep its cache.
ifeq ($(strip $(HOME)),)
export UV_CACHE_DIR := .cache/uv
endif

# Browser tests need a Chromium; CI installs one (.ci/run), elsewhere they are left out and that is said.
CHROMIUM := $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)
SELECTED := not scale$(if $(CHROMIUM),, and not browser)

# In the order of tests/conftest.py: the longest first.
PYTEST := -m pytest -n 2 --dist loadgroup --no-loadscope-reorder

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' Makefile

run: .venv/installed ## fetch, build, check and publish a release (ARGS="--municipality 0380")
	.venv/bin/equity run $(ARGS)

dev: .venv/installed ## Dagster's web interface (ARGS="--port 3000")
	.venv/bin/equity ui $(ARGS)

test: .venv/installed ## all tests except the large-data ones
	@$(if $(CHROMIUM),:,echo "no Chromium on this machine: browser tests are left out (Debian: apt-get install chromium)")
	.venv/bin/python $(PYTEST) -m "$(SELECTED)" $(ARGS)

lint: .venv/installed ## style, types and SQL
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/python -m mypy
	.venv/bin/python -m sqlfluff lint --processes 2 $(SQL_FOLDERS)

format: .venv/installed ## rewrite Python and SQL to the project's style
	.venv/bin/ruff check --fix
	.venv/bin/ruff format
	.venv/bin/python -m sqlfluff fix --processes 2 $(SQL_FOLDERS)

bench: .venv/installed ## measure the whole pipeline (benchmarks/README.md)
	.venv/bin/python benchmarks/pipeline.py $(ARGS)

test-duckdb2: .venv-duckdb2/installed ## the tests on DuckDB 2
	.venv-duckdb2/bin/python $(PYTEST) -m "not scale and not clients and not browser" $(ARGS)

lock: .venv/installed ## resolve pyproject.toml anew into requirements.lock (ARGS=--upgrade for newer versions)
	.venv/bin/uv pip compile --universal --python-version 3.11 --group dev --no-strip-extras \
		--generate-hashes --no-emit-index-url --no-header --quiet $(ARGS) --output-file requirements.lock pyproject.toml

clean: ## remove environments, caches and dbt's target; releases and raw extracts under data/ stay
	rm -rf .venv .venv-duckdb2 .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis logs \
		dbt_project/target dbt_project/logs

# The stamp is written last, so an interrupted installation is done again.
.venv/installed: requirements.lock pyproject.toml
	@if ! .venv/bin/python -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
		for candidate in $(if $(PYTHON),"$(PYTHON)",python3 python3.14 python3.13 python3.12 python3.11 python); do \
			if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
				echo "building .venv with $$("$$candidate" --version)"; \
				"$$candidate" -m venv --clear .venv; exit $$?; \
			fi; \
		done; \
		echo "This project needs Python 3.11 or newer, and $(if $(PYTHON),$(PYTHON) is not,none was found). \
	Install one, or name it: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)" >&2; exit 1; \
	fi
	@awk '/^[^ #]/ {wanted = /^uv==/} wanted' requirements.lock > .venv/uv.lock
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary :all: -r .venv/uv.lock
	.venv/bin/uv pip sync --quiet --python .venv/bin/python --require-hashes --only-binary :all: requirements.lock
	.venv/bin/uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation -e .
	@# Once, here: the first look at the assets would otherwise wait for it. A model that cannot be parsed is told.
	-.venv/bin/equity parse
	@touch $@

.venv-duckdb2/installed: .venv/installed
	.venv/bin/uv venv --quiet --clear --python .venv/bin/python .venv-duckdb2
	.venv/bin/uv pip sync --quiet --python .venv-duckdb2/bin/python --require-hashes --only-binary :all: requirements.lock
	.venv/bin/uv pip install --quiet --python .venv-duckdb2/bin/python --no-deps --no-build-isolation -e .
	.venv/bin/uv pip install --quiet --python .venv-duckdb2/bin/python --no-deps --only-binary :all: duckdb==$(DUCKDB2_VERSION)
	@touch $@
