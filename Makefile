# Each target sets up what it needs.
SHELL := /bin/bash
.DEFAULT_GOAL := help

VENV := .venv
DIST := dist
BIN := $(VENV)/bin
PIP := $(BIN)/pip --disable-pip-version-check --quiet
PYTHON ?= python3

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

setup: $(VENV)/.dev ## make .venv with all that development needs

quick: $(VENV)/.dev ## static checks of the changed files and the tests beside them; AGAINST=commit, HEAD by default
	@$(BIN)/python tools/quick.py $(if $(AGAINST),--against "$(AGAINST)") $(ARGS)

hooks: ## let git run the static part of `make quick` before each commit
	git config core.hooksPath tools/hooks

generate: $(VENV)/.dev ## make generated/ from openapi.yaml
	@$(BIN)/python tools/generate.py

check-generated: $(VENV)/.dev ## generate into another folder and fail on any difference from generated/
	@$(BIN)/python tools/generate.py --check

breaking: $(VENV)/.dev ## say what a change of openapi.yaml breaks and which version it asks for; AGAINST=commit, HEAD by default
	@$(BIN)/python tools/breaking.py $(if $(AGAINST),--against "$(AGAINST)")

check-contract: $(VENV)/.dev ## fail if openapi.yaml breaks the last release and its version does not say so
	@$(BIN)/python tools/breaking.py --released

release-contract: $(VENV)/.dev ## make openapi.yaml the last release, which later changes are compared with
	@$(BIN)/python tools/breaking.py --release

lint-spec: $(VENV)/.dev ## run three linters on openapi.yaml; needs npm's registry the first time
	@$(BIN)/python tools/lint_spec.py

other-generators: $(VENV)/.dev ## run two other generators on openapi.yaml, for TypeScript and Python; neither may warn
	@$(BIN)/python tools/other_generators.py

judge: $(VENV)/.dev ## let Prism validate the requests and answers of the client and the mock server against openapi.yaml
	@$(BIN)/python tools/check_exchanges.py

drill: $(VENV)/.dev ## play changes of the API on a copy and list the files that each one asks for (three minutes)
	@$(BIN)/python tools/drill.py

lint: $(VENV)/.dev ## check style, formatting and import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache
	cd tools && ../$(BIN)/lint-imports --no-cache

types: $(VENV)/.dev ## run mypy and pyright, both strict, and verify that the packages' types are complete for users
	$(BIN)/mypy
	$(BIN)/pyright --pythonpath $(BIN)/python
	@$(MAKE) --no-print-directory verify-aioz_stream_api verify-aioz_stream verify-aioz_stream_mock

# As a user's: pyright looks for the packages with the environment's Python, and must not find this project's settings.
verify-%:
	@cd $(VENV) && PATH="$(CURDIR)/$(BIN):$$PATH" PYTHONPATH="$(CURDIR)/generated:$(CURDIR)/overlay:$(CURDIR)/mock" \
	  pyright --ignoreexternal --verifytypes $* > $@.log || { grep -A1 error: $@.log; exit 1; }
	@grep completeness $(VENV)/$@.log | sed 's/^/$*: /'

check: check-generated check-contract lint types ## run all static checks

test: $(VENV)/.dev ## run the test suite, contract tests included; ARGS=tests/overlay for a part
	$(BIN)/pytest -n 3 --dist loadgroup -m "not slow and not environments" $(ARGS)

slow: $(VENV)/.dev ## run the tests that would make `make test` longer than five minutes; CI runs them too
	$(BIN)/pytest -n 2 --dist loadgroup -m slow $(ARGS)

contract: $(VENV)/.dev ## test the mock server against openapi.yaml; SEED=random MINUTES=10; or a deployment: BASE_URL=https://… [WRITE=1 TRANSCODE=1 MEDIA=file]
	@$(BIN)/python tools/contract.py $(if $(SEED),--seed "$(SEED)") $(if $(MINUTES),--minutes "$(MINUTES)") \
		$(if $(SEEDS),--seeds "$(SEEDS)") $(if $(BASE_URL),--base-url "$(BASE_URL)") $(if $(WRITE),--write) \
		$(if $(TRANSCODE),--transcode) $(if $(MEDIA),--media "$(MEDIA)") $(ARGS)

contract-seeds: $(VENV)/.dev ## run the contract tests briefly for each of SEEDS=20 seeds, from SEED=1 on
	@$(BIN)/python tools/contract.py --seeds "$(or $(SEEDS),20)" --seed "$(or $(SEED),1)" $(ARGS)

soak: $(VENV)/.dev ## kill mock servers at random moments; ROUNDS=100, SEED=, ARGS="--only ROUND" repeats one
	$(BIN)/pytest tests/soak/test_mock_killed.py -n 2 --rounds $(or $(ROUNDS),100) --seed $(or $(SEED),$$RANDOM) $(ARGS)

soak-uploads: $(VENV)/.dev ## run 2,000 uploads that meet faults, 200 that are killed, 200 files over Dask; ROUNDS=, SEED=, FILES=, WORKERS=
	$(BIN)/pytest tests/soak/test_uploads_fail.py tests/soak/test_uploads_killed.py tests/soak/test_dask.py \
	  -n 2 --dist loadgroup --rounds $(or $(ROUNDS),200) --seed $(or $(SEED),$$RANDOM) \
	  --files $(or $(FILES),200) --workers $(or $(WORKERS),3) $(ARGS)

soak-adversarial: $(VENV)/.dev ## run 2,000 uploads against a service that lies, and 200 that are killed; UPLOADS=, KILLS=, SEED=, ARGS=
	$(BIN)/pytest tests/adversarial/test_chaos.py -n 2 --chaos-uploads $(or $(UPLOADS),2000) \
	  --chaos-kills $(or $(KILLS),200) --chaos-seed $(or $(SEED),$$RANDOM) $(ARGS)

adversarial: $(VENV)/.dev ## run the client against a service that lies, and on odd machines, all of it
	$(BIN)/pytest tests/adversarial -n 2 --dist loadgroup $(ARGS)

environments: $(VENV)/.dev ## upload on odd machines (proxies, disks, limits, loops), each in a process of its own
	$(BIN)/pytest tests/adversarial/test_environments.py -n 2 $(ARGS)

matrix: $(VENV)/.dev ## transcode every type, container, codec, kind of track and resolution, and probe the output
	$(BIN)/pytest tests/mock/matrix -n 2 $(ARGS)

mutants: $(VENV)/.dev ## put mistakes into mock server, contract and rules, one at a time: a test must fail; ARGS=--help
	@$(BIN)/python tools/mutants.py $(ARGS)

mutants-client: $(VENV)/.dev ## put mistakes into the client's upload/ and http/: a test must fail; ARGS="--count 300 --seed 1"
	@$(BIN)/python tools/mutants_client.py $(ARGS)

bench: $(VENV)/.bench ## measure uploads beside other clients and lower bounds (half an hour), write docs/benchmarks.md; ARGS="--sizes 256MiB --rounds 1" for less
	@$(BIN)/python benchmarks/check_ladders.py
	@PYTHONPATH=benchmarks $(BIN)/python -m upload_bench $(ARGS)
	@$(MAKE) --no-print-directory bench-page

bench-page: $(VENV)/.bench ## make docs/benchmarks.md from the results of the last benchmark
	@PYTHONPATH=benchmarks $(BIN)/python -m upload_bench.page

bench-links: $(VENV)/.bench ## measure uploads over emulated links (about an hour; Linux and root), write docs/benchmarks.md; ARGS="--profiles home --seconds 20" for less
	@PYTHONPATH=benchmarks $(BIN)/python -m link_bench $(ARGS)
	@$(MAKE) --no-print-directory bench-page

bench-light: $(VENV)/.bench ## measure imports, a client and a page of videos beside httpx (a minute), write docs/benchmarks.md
	@$(BIN)/python benchmarks/light.py
	@$(MAKE) --no-print-directory bench-page

docs: $(VENV)/.dev ## make docs/encoding.md from the rules, and the site of all pages in build/documentation; warnings fail
	@$(BIN)/python tools/rules_page.py
	@$(BIN)/python tools/build_site.py

pictures: $(VENV)/.dev ## draw the terminal at 40, 80 and 120 columns and the mock server's page: build/pictures, docs/images
	@$(BIN)/python tools/pictures.py

demo: $(VENV)/.demo ## upload a video to a mock server, transcode it and fetch the result; VIDEO=path takes your own
	@$(BIN)/python tools/demo.py $(ARGS) $(if $(VIDEO),"$(VIDEO)")

mock: $(VENV)/.demo ## start the mock server and open its page with a sample video; ARGS="--port 9000" and the like instead
	@$(BIN)/aioz-stream-mock $(or $(ARGS),--sample --open)

web: ## renew the libraries of the mock server's pages from tools/web; needs npm
	@tools/web.sh

build: $(VENV)/.dev ## build the wheel and the source distribution in dist/, the same bytes each time; DIST=folder
	rm -rf $(DIST)
	PIP_CONSTRAINT=constraints.txt $(BIN)/python -m build --outdir $(DIST)

release: $(VENV)/.dev ## check version, changelog, contract and wheel, and tag the commit; TAG=no only checks
	@$(MAKE) --no-print-directory check-generated check-contract
	@$(BIN)/python tools/release.py $(if $(filter no,$(TAG)),,--tag)

audit: $(VENV)/.dev ## ask the index for known faults of the pinned packages; exit 2 where it does not answer
	@$(BIN)/python tools/audit.py $(ARGS)

test-lowest: $(VENV)/.dev ## run the core of the tests with the lowest versions that pyproject.toml allows; ARGS=--small
	@$(BIN)/python tools/other_versions.py --lowest $(ARGS)

test-newest: $(VENV)/.dev ## the same with the newest versions
	@$(BIN)/python tools/other_versions.py --newest $(ARGS)

test-pythons: $(VENV)/.dev ## the same with the newest versions on each Python from 3.11 on that the machine has
	@$(BIN)/python tools/other_versions.py --pythons $(ARGS)

clean: ## remove all that the other targets make, .venv too
	rm -rf $(VENV) tools/readers/node_modules dist build .*_cache .hypothesis .schemathesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The demo needs a small part of what development needs, and is a newcomer's first command: it gets its own step.
$(VENV)/.demo: pyproject.toml constraints.txt
	@echo "Setting up $(VENV) ..."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; say which with PYTHON=python3.11")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) install --constraint constraints.txt pip
	@$(PIP) install --constraint constraints.txt --editable '.[cli,mock]' --group demo
	@touch $@

$(VENV)/.dev: $(VENV)/.demo
	@echo "Setting up what development needs ..."
	@$(PIP) install --constraint constraints.txt --editable '.[cli,docs,mock]' --group dev
	@touch $@

# The clients of others are measured beside ours, and needed for nothing else.
$(VENV)/.bench: $(VENV)/.dev benchmarks/constraints.txt
	@echo "Setting up what the benchmark needs ..."
	@$(PIP) install --constraint constraints.txt --group bench
	@$(PYTHON) -m venv $(VENV)/peers
	@$(PIP) --python $(VENV)/peers install --constraint benchmarks/constraints.txt --group bench-peers
	@touch $@

.PHONY: adversarial pictures help setup quick hooks generate check-generated lint types check test slow contract contract-seeds mutants bench bench-light bench-links bench-page docs demo mock web build clean breaking check-contract release-contract lint-spec other-generators judge drill soak soak-uploads matrix
.PHONY: soak-adversarial environments mutants-client release audit test-lowest test-newest test-pythons
