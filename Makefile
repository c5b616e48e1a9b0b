# Everything a developer types. `make help` lists it.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

GO ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
# The longest that one package's tests may take.
TEST_TIMEOUT ?= 10m
# How long each fuzz target runs, and of which folders; all of them when it is empty.
FUZZTIME ?= 1m
FUZZ ?=
# Arguments for what is started, as in: make run ARGS='--help'.
ARGS ?=

# tool NAME MODFILE: a tool at the version that tools/MODFILE pins.
tool = $(GO) tool -modfile=tools/$(2) $(1)
buf := $(call tool,buf,buf.mod)
golangci_lint := $(call tool,golangci-lint,lint.mod)
gofumpt := $(call tool,gofumpt,go.mod)

.PHONY: help
help: ## Show this list.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: setup-run build ## Install what is missing, build, and start the demonstration on this machine.
	@exec bin/waybill demo $(ARGS)

.PHONY: build
build: web waybill ## Build the pages and bin/waybill.

.PHONY: waybill
waybill:
	@[ -e bin/waybill ] || echo 'The first build compiles every dependency, too: it takes a few minutes.'
	$(GO) build -trimpath -ldflags '-X main.version=$(VERSION)' -o bin/waybill ./cmd/waybill

.PHONY: test
test: setup-test web ## Install what is missing and run every test.
	$(GO) test -timeout $(TEST_TIMEOUT) ./...

.PHONY: test-split
test-split: setup-test web ## Run the end-to-end tests again, against three processes with one role each.
	$(GO) test -timeout $(TEST_TIMEOUT) ./internal/e2e -args -split

.PHONY: race
race: setup-test web ## Run every test under the race detector.
	$(GO) test -race -timeout $(TEST_TIMEOUT) ./...

.PHONY: fuzz
fuzz: ## Run every fuzz target for FUZZTIME (1m) each, or those below the folders FUZZ.
	@GO='$(GO)' scripts/fuzz '$(FUZZTIME)' $(FUZZ)

.PHONY: bench
bench: setup-run build ## Measure, and write docs/BENCHMARKS.md: short, or all of it with BENCH=full.
	@GO='$(GO)' scripts/bench $(BENCH)

.PHONY: lint
lint: ## Check the Go code, its format and the contracts.
	$(golangci_lint) run --allow-serial-runners
	@unformatted=$$($(gofumpt) -l $$($(GO) list -f '{{.Dir}}' ./...)); \
	if [ -n "$$unformatted" ]; then \
		printf 'not formatted (make fmt does it):\n%s\n' "$$unformatted" >&2; exit 1; \
	fi
	$(buf) lint

.PHONY: fmt
fmt: ## Format the Go code and the contracts.
	$(golangci_lint) fmt
	$(buf) format -w

# Old output goes first, so that nothing outlives a contract that was renamed or removed; a contract that
# does not compile leaves it alone.
.PHONY: generate
generate: ## Generate code from the contracts in proto/.
	$(buf) build -o /dev/null
	find proto -name '*.pb.go' -delete -o -name '*.pb.gw.go' -delete
	$(buf) generate
	@# The plug-in makes one of many by taking an s away.
	sed -e 's/{facilitie}/{facility}/g' -e 's/"facilitie"/"facility"/g' proto/openapi.swagger.json > proto/openapi.swagger.json.new
	mv proto/openapi.swagger.json.new proto/openapi.swagger.json

# npm and Vite run only when what they read has changed; each leaves a stamp, which goes with node_modules.
web_sources := $(shell find web -path web/node_modules -prune -o -path web/dist -prune -o -type f -print 2>/dev/null)
web_installed := web/node_modules/.installed
web_built := web/node_modules/.built

.PHONY: web
web: $(web_built) ## Build the pages (web/dist).

$(web_installed): web/package.json web/package-lock.json
	npm --prefix web ci --no-audit --no-fund --loglevel=error
	@touch $@

# Vite empties its output folder, and the placeholder in it is under version control.
$(web_built): $(web_installed) $(web_sources)
	npm --prefix web run build
	@touch web/dist/.gitkeep $@

.PHONY: web-check
web-check: $(web_installed) ## Check the types of the pages' TypeScript and run its tests.
	npm --prefix web run check
	npm --prefix web run test --if-present

.PHONY: clean
clean: ## Remove what was built.
	rm -rf bin web/node_modules
	find web/dist -mindepth 1 ! -name .gitkeep -delete

.PHONY: setup-run setup-test
setup-run:
	@scripts/setup run
setup-test:
	@scripts/setup test
