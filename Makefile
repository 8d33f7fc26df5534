# `make` alone lists every target. Needs Python 3.11 or newer and make; everything else is installed into .venv.
.DEFAULT_GOAL := help
SHELL := /bin/sh
# The system's own first: distributions build it by its own profile, and it takes up to a third less time than one built without.
FITTING := import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for each in /usr/bin/python3 python3; do "$$each" -c '$(FITTING)' 2>/dev/null && echo "$$each" && exit; done; echo python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
CONFORMANCE := tests/conformance
ENGINE_STAMP := $(CONFORMANCE)/node_modules/.installed
PEERS := tests/peers
PEERS_STAMP := $(PEERS)/node_modules/.installed
WEB := web
WEB_STAMP := $(WEB)/node_modules/.installed
PHONE := web/phone
PHONE_STAMP := $(PHONE)/node_modules/.installed
PHONE_BUILT := $(PHONE)/dist/index.html
CONSOLE := web/console
CONSOLE_STAMP := $(CONSOLE)/node_modules/.installed
CONSOLE_BUILT := $(CONSOLE)/dist/index.html
PUBLIC := web/public
PUBLIC_BUILT := $(PUBLIC)/dist/checking.js
BUILT := $(PHONE_BUILT) $(CONSOLE_BUILT) $(PUBLIC_BUILT)
CHROMIUM_STAMP := $(VENV)/.chromium
# Python's checks and those of the web have a core each; what one says is not mixed with what the other says.
TWO_AT_ONCE := $(MAKE) --no-print-directory --jobs 2 --output-sync=target
# Tests wait a third of their time, for lines that break, browsers and servers that die: three processes keep two cores busy.
TESTERS ?= 3
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# What Python compiled is kept, also where the surroundings forbid it: our modules read anew cost each process a second.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: lint-python lint-web test-web access-checks bench-draws chances defects kills places review-pace tour walk measure-forms help setup web run test lint format bench bench-slow simulate simulate-long openapi docs migrate lock clean engine-submits bench-openrosa

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | sort | awk -F'\t' '{printf "  make %-13s %s\n", $$1, $$2}'

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed (PYTHON=...)"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	@touch $@

# The phone's form engine for the conformance suite; Node comes with .venv, so none is needed on the machine.
$(ENGINE_STAMP): $(CONFORMANCE)/package-lock.json | $(STAMP)
	$(BIN)/npm ci --ignore-scripts --silent --prefix $(CONFORMANCE)
	@touch $@

# Programs that are not ours, to test and measure uploads with.
$(PEERS_STAMP): $(PEERS)/package-lock.json | $(STAMP)
	$(BIN)/npm ci --ignore-scripts --silent --prefix $(PEERS)
	@touch $@

# The phone in its own language.
$(WEB_STAMP): $(WEB)/package-lock.json | $(STAMP)
	$(BIN)/npm ci --ignore-scripts --silent --prefix $(WEB)
	@touch $@

$(PHONE_STAMP): $(PHONE)/package-lock.json | $(STAMP)
	$(BIN)/npm ci --ignore-scripts --silent --prefix $(PHONE)
	@touch $@

# The phone as files, which the server sends; built anew when anything it is made of changed.
$(PHONE_BUILT): $(shell find $(PHONE)/src $(PHONE)/public $(WEB)/sync -type f 2>/dev/null) server/inspections/gate/rules.json $(PHONE)/index.html $(PHONE)/vite.config.ts $(PHONE)/vite.building.ts $(PHONE_STAMP) $(WEB_STAMP)
	$(BIN)/node $(PHONE)/node_modules/vite/bin/vite.js build --logLevel error $(PHONE)

$(CONSOLE_STAMP): $(CONSOLE)/package-lock.json | $(STAMP)
	$(BIN)/npm ci --ignore-scripts --silent --prefix $(CONSOLE)
	@touch $@

# The console, which draws its maps as the phone does.
$(CONSOLE_BUILT): $(shell find $(CONSOLE)/src $(CONSOLE)/public $(PHONE)/src/maps -type f 2>/dev/null) $(CONSOLE)/index.html $(CONSOLE)/vite.config.ts $(PHONE)/vite.building.ts $(CONSOLE_STAMP) $(PHONE_STAMP)
	$(BIN)/node $(CONSOLE)/node_modules/vite/bin/vite.js build --logLevel error $(CONSOLE)

# What the public page of a draw checks it with: the console's own verifier, as one small file.
$(PUBLIC_BUILT): $(shell find $(PUBLIC)/src -type f 2>/dev/null) $(CONSOLE)/src/draws/verifying.ts $(CONSOLE)/src/draws/drawFile.ts $(PUBLIC)/vite.config.js $(CONSOLE_STAMP)
	$(BIN)/node $(CONSOLE)/node_modules/vite/bin/vite.js build --logLevel error $(PUBLIC)

# A real browser for the tests of the phone and the console: Debian's Chromium, its build without windows, which takes a fifth less.
$(CHROMIUM_STAMP): | $(STAMP)
	@command -v chromium-headless-shell >/dev/null \
		|| { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && apt-get -qq update \
			&& apt-get -qq install --yes --no-install-recommends chromium-headless-shell fonts-noto-cjk >/dev/null; } \
		|| command -v chromium >/dev/null \
		|| { echo "the tests of the phone need Chromium: install your system's package (Debian: chromium-headless-shell fonts-noto-cjk)"; exit 1; }
	@touch $@

setup: $(STAMP) $(ENGINE_STAMP) $(PEERS_STAMP) $(WEB_STAMP) $(BUILT) ## install everything into .venv, and what runs on Node beside it; build phone and console

web: $(BUILT) ## build the phone into web/phone/dist, the console into web/console/dist, the check of draws into web/public/dist

run: $(STAMP) $(BUILT) ## serve the demo bureau on http://127.0.0.1:8000 (PORT, MERESTONE_DATA)
	$(BIN)/merestone serve --demo --first-days

test: $(STAMP) $(ENGINE_STAMP) $(PEERS_STAMP) $(WEB_STAMP) $(BUILT) $(CHROMIUM_STAMP) ## lint, and run all tests, on SQLite and PostgreSQL, on disk and S3, and in a browser
	$(TWO_AT_ONCE) lint-python test-web
	$(BIN)/python -m pytest -n $(TESTERS) --dist loadscope

lint: $(STAMP) $(WEB_STAMP) $(PHONE_STAMP) $(CONSOLE_STAMP) ## ruff, mypy and tsc
	$(TWO_AT_ONCE) lint-python lint-web

lint-python: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

lint-web: $(WEB_STAMP) $(PHONE_STAMP) $(CONSOLE_STAMP)
	$(BIN)/node $(WEB)/node_modules/typescript/bin/tsc --project $(WEB)
	$(BIN)/node $(PHONE)/node_modules/vue-tsc/bin/vue-tsc.js --project $(PHONE)
	$(BIN)/node $(CONSOLE)/node_modules/vue-tsc/bin/vue-tsc.js --project $(CONSOLE)
	$(BIN)/node $(CONSOLE)/node_modules/vue-tsc/bin/vue-tsc.js --project $(PUBLIC)

test-web: lint-web
	$(BIN)/node $(PHONE)/node_modules/vitest/vitest.mjs run --root $(PHONE)
	$(BIN)/node $(CONSOLE)/node_modules/vitest/vitest.mjs run --root $(CONSOLE)

format: $(STAMP) ## let ruff format and mend what it can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(STAMP) $(PEERS_STAMP) ## measure checks of forms, push and pull, uploads against @tus/server, pages of lists (LISTS=--full for 1,000,000 records); JSON in bench-results/
	$(BIN)/python -m tests.bench.forms
	$(BIN)/python -m tests.bench
	$(BIN)/python -m tests.bench.uploads
	$(BIN)/python -m tests.bench.lists $(LISTS)

bench-openrosa: $(STAMP) ## measure submissions by stock ODK phones; JSON in bench-results/ (BENCH="--sizes 1000,50000")
	$(BIN)/python -m tests.bench.openrosa $(BENCH)

bench-slow: $(STAMP) ## carry a large video and many photos over bad networks; a night, or BENCH="--faster 50"
	$(BIN)/python -m tests.bench.slow $(BENCH)

engine-submits: $(STAMP) $(ENGINE_STAMP) ## ODK's form engine completes every form that ships and submits it through the OpenRosa wire
	$(BIN)/python -m tests.conformance.submitting

simulate: $(STAMP) ## run a handful of schedules of the sync model, or tell one step by step (SEED=…, MUTANT=…)
	$(BIN)/python -m tests.simulation $(if $(SEED),--seed $(SEED)) $(if $(MUTANT),--mutant $(MUTANT))

simulate-long: $(STAMP) ## 100,000 schedules, every seeded bug, real handlers and killed processes; JSON in bench-results/
	$(BIN)/python -m tests.simulation.long $(SIMULATE)

access-checks: $(STAMP) ## who may do and see what, two million generated checks against an independent oracle
	$(BIN)/python -m tests.access

kills: $(STAMP) $(PHONE_BUILT) $(CHROMIUM_STAMP) ## kill a phone's browser 50 times while a record is filled in (KILLS="--kills 5 --seed 1")
	$(BIN)/python -m tests.phone.kills $(KILLS)

bench-draws: $(STAMP) ## draw a province (300,000 objects, 5,000 inspectors, 2,000 planned inspections) and a tenth of it; JSON in bench-results/
	$(BIN)/python -m tests.bench.draws $(BENCH)

chances: $(STAMP) ## draw a small frame 100,000 times and compare every rate with its chance (CHANCES="--draws 1000000")
	$(BIN)/python -m tests.server.draws.chances $(CHANCES)

tour: $(STAMP) $(PHONE_BUILT) $(CHROMIUM_STAMP) ## fill in every form of the catalogue on a phone, offline, and see it arrive (TOUR="--pictures /tmp/tour mine_overstep")
	$(BIN)/python -m tests.phone.tour $(TOUR)

defects: $(STAMP) ## plant every kind of defect among 300 records, and tell which a reviewer is shown and what is asked in vain (DEFECTS="--records 120")
	$(BIN)/python -m tests.defects $(DEFECTS)

walk: $(STAMP) $(BUILT) $(CHROMIUM_STAMP) ## a bureau's whole day: 20 records reviewed by keyboard, one corrected, published, delivered, one issued as a document and checked, the ledger, the draw verified; pictures in bench-results/walk
	$(BIN)/python -m tests.walk $(WALK)

places: $(STAMP) $(BUILT) $(CHROMIUM_STAMP) ## look at every place of the console as each of its people, at both sizes: axe, what is cut off, what is not Chinese (PLACES="--users planner1 --only libraries"); pictures in bench-results/places
	$(BIN)/python -m tests.walk.places $(PLACES)

review-pace: $(STAMP) $(BUILT) $(CHROMIUM_STAMP) ## how long a reviewer waits for the machine over 20 records, key by key (PACE="--visits 5")
	$(BIN)/python -m tests.walk --review $(PACE)

measure-forms: $(STAMP) $(PHONE_BUILT) $(CHROMIUM_STAMP) ## how long forms take to open on a phone four times slower, and a marker to be added
	$(BIN)/python -m tests.phone.measure_forms $(MEASURE)

openapi: $(STAMP) ## write docs/openapi.json from the code
	$(BIN)/merestone openapi > docs/openapi.json

docs: $(STAMP) openapi ## write the pages that are made from the code
	$(BIN)/merestone docs

migrate: $(STAMP) ## bring the database up to date
	$(BIN)/merestone migrate

lock: $(STAMP) ## write the two lock files anew from pyproject.toml
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --group dev --no-header --no-annotate \
		--no-emit-index-url --no-emit-find-links --output-file requirements.lock pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --constraint requirements.lock --no-header --no-annotate \
		--no-emit-index-url --no-emit-find-links --output-file requirements-app.lock pyproject.toml

clean: ## remove what was installed and built; data stays
	rm -rf $(VENV) $(CONFORMANCE)/node_modules $(PEERS)/node_modules $(WEB)/node_modules $(PHONE)/node_modules $(PHONE)/dist $(CONSOLE)/node_modules $(CONSOLE)/dist $(PUBLIC)/dist build *.egg-info .mypy_cache .ruff_cache bench-results
