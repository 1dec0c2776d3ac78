# The house's commands. `make run` and `make test` are all a newcomer needs.

SHELL := /bin/bash
PYTHON ?= python3
PORT ?= 8000
# honcho gives each process a PORT of its own; what the world sees is this one.
PUBLIC_BASE_URL ?= http://127.0.0.1:$(PORT)
export PORT PUBLIC_BASE_URL
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export PYTHONUNBUFFERED := 1
BIN := .venv/bin
RUNTIME := .venv/.runtime-installed
DEV := .venv/.dev-installed
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make locks"

.PHONY: run test soak check bench setup locks format docs screenshots
.DEFAULT_GOAL := run

run: $(RUNTIME)
	@$(BIN)/python manage.py demo --when-up
	@trap : INT; $(BIN)/python -m honcho --env /dev/null start || test $$? -eq 130

setup: $(DEV)

test: $(DEV)
	@$(BIN)/python -m tests $(ARGS)

check: $(DEV)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run
	@$(MAKE) --no-print-directory test

# The engine beside others; docs/benchmarks.md says how to read it. ARGS="--quick" for a short one.
bench: $(DEV)
	@$(BIN)/python -m tests.bench $(ARGS)

format: $(DEV)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Real workers, killed for minutes: make soak ARGS="--database sqlite --kills 200 --minutes 10"
soak: $(DEV)
	@$(BIN)/python -m tests.proof.soak $(ARGS)

# The pictures of README and docs, from the demo, in the browser of this machine.
screenshots: $(DEV)
	@$(BIN)/python -m tests.browser.screenshots

docs: $(DEV)
	@$(BIN)/python manage.py type_tables > docs/types.md

# UPGRADE=1 takes the newest versions; without it only what the .in files ask for changes.
locks: $(DEV)
	$(COMPILE) $(if $(UPGRADE),--upgrade) requirements/runtime.in -o requirements/runtime.lock
	$(COMPILE) $(if $(UPGRADE),--upgrade) -c requirements/runtime.lock requirements/dev.in -o requirements/dev.lock

# uv installs in a few seconds what pip installs in a minute; where it cannot, pip does. Both compile
# it, or where Python may not write bytecode each process that starts would do so, for two seconds.
define install
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing $(1) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv 2>/dev/null && \
		$(BIN)/python -m uv pip install --quiet --compile-bytecode --python $(BIN)/python \
			--require-hashes -r $(1) || \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1)
	@touch $(2)
endef

$(RUNTIME): requirements/runtime.lock
	$(call install,$<,$@)

$(DEV): requirements/dev.lock
	$(call install,$<,$@)
	@touch $(RUNTIME)
