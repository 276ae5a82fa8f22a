# Needs Go and make, nothing else. `make lint` also wants golangci-lint, which
# .ci/run installs; without it the step says so and goes on.

GO        ?= go
TESTFLAGS ?=
FUZZTIME  ?= 60s
BENCHTIME ?= 1s
BENCH     ?= .
PKG       ?= ./...
# Sizes of `make demo`, such as --prefixes 100000 --peers 8.
DEMO_ARGS ?=

# The profile that guides the compiler, see `make pgo`.
PGO   := cmd/detour/default.pgo
BUILD := CGO_ENABLED=0 $(GO) build -trimpath -ldflags='-s -w' -pgo=$(PGO) -o bin/

.DEFAULT_GOAL := help

.PHONY: help
help: ## Show this list
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: ## Build bin/detour and bin/detour-bench, static and reproducible
	$(BUILD) ./cmd/detour ./cmd/detour-bench

.PHONY: demo
demo: ## Show the leak of 2019-06-24, at its size, going through the whole chain
	@echo 'building bin/detour, which takes about a minute the first time'
	@$(BUILD) ./cmd/detour
	bin/detour demo $(DEMO_ARGS)

.PHONY: test
test: ## Run all tests (TESTFLAGS=-v for more)
	$(GO) test $(TESTFLAGS) ./...

.PHONY: race
race: ## Run the tests of packages with goroutines under the race detector
	@if [ "$$($(GO) env CGO_ENABLED)" = 0 ] || ! command -v "$$($(GO) env CC)" >/dev/null; then \
		echo "race: skipped, the race detector needs a C compiler"; exit 0; fi; \
	concurrent="$$(grep -rlE --include='*.go' '^[[:space:]]*go (func|[a-z])|[.]Go[(]' . | xargs -n1 dirname | sort -u)"; \
	echo $(GO) test -race -short $$concurrent; $(GO) test -race -short $$concurrent

.PHONY: fuzz
fuzz: ## Fuzz every target for FUZZTIME (60s)
	@set -e; grep -rE --include='*_test.go' -o '^func Fuzz[A-Za-z0-9_]*' . | sort | while IFS=: read -r file target; do \
		target=$${target#func }; dir=$$(dirname "$$file"); echo "fuzz $$dir $$target $(FUZZTIME)"; \
		log="$$(mktemp)"; \
		if ! $(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "$$dir" </dev/null >"$$log" 2>&1; then \
			cat "$$log"; \
			grep -q 'context deadline exceeded' "$$log" && ! grep -q 'Failing input' "$$log" || { rm "$$log"; exit 1; }; \
			echo 'time was over in the middle of an input; nothing was found'; \
		else tail -1 "$$log"; fi; \
		rm "$$log"; \
	done

.PHONY: bench
bench: build ## Measure everything, against others too, and write bench/results/<date> and the README
	bin/detour bench all --out bench/results/$(shell date +%F) --page README.md

.PHONY: bench-short
bench-short: build ## The same in tiny sizes, printed: fails where a result is wrong
	bin/detour bench all --short

# What the cases start beside detour: the server of go.mod, and deploy/nats.
CHAOS := CGO_ENABLED=0 $(GO) build -trimpath -ldflags='-s -w' -o bin
MINUTES ?= 30

.PHONY: chaos-build
chaos-build: build
	@$(CHAOS)/ github.com/nats-io/nats-server/v2
	@$(CHAOS)/make-keys ./deploy/nats

.PHONY: chaos
chaos: chaos-build ## Kill, freeze and cut off parts of a whole cluster, and write bench/results/<date>/chaos.md
	bin/detour-bench chaos --out bench/results/$(shell date +%F) $(if $(CASE),--case '$(CASE)')

.PHONY: chaos-short
chaos-short: chaos-build ## The main cases in small: fails where an alert is lost, made up or told twice
	bin/detour-bench chaos --short

.PHONY: soak
soak: chaos-build ## Run one processor for MINUTES (30) and fail if it grows
	bin/detour-bench soak --length $(MINUTES)m --out bench/results/$(shell date +%F)

.PHONY: scale
scale: chaos-build ## Let 1, 2 and 4 processors read the same log, and write the figures
	bin/detour-bench scale --out bench/results/$(shell date +%F)

.PHONY: microbench
microbench: ## Run benchmarks of single functions (BENCH=regexp, PKG=packages, BENCHTIME)
	$(GO) test -run '^$$' -bench '$(BENCH)' -benchmem -benchtime $(BENCHTIME) $(PKG)

.PHONY: bench-smoke
bench-smoke: ## Run every benchmark of microbench once, to see that it still works
	$(GO) test -run '^$$' -bench . -benchtime 1x -short ./...

.PHONY: pgo
pgo: ## Make the profile that guides the compiler anew, from the hot benchmarks
	@set -e; dir="$$(mktemp -d)"; trap 'rm -rf "$$dir"' EXIT; \
	profile() { $(GO) test -run '^$$' -bench "$$1" -benchtime "$$2" -cpuprofile "$$dir/$$1.prof" -o "$$dir/test" "$$3"; }; \
	profile Replay 6x ./cmd/detour; profile Frame 2s ./wire; profile Apply 10x ./bench/shard; \
	profile Benchmark 3s ./bench/decode; \
	$(GO) tool pprof -proto "$$dir"/*.prof >$(PGO)

.PHONY: eval
eval: ## Judge the detector on recordings and labelled events, and write the results
	$(GO) run ./cmd/detour eval --write

.PHONY: eval-short
eval-short: ## The same in minutes, without writing: fails where something that must hold does not
	$(GO) run ./cmd/detour eval --short

.PHONY: field-trial
field-trial: build ## Run on a live SOURCE for DAYS and count what people labelled
	@SOURCE='$(SOURCE)' DAYS='$(DAYS)' OUT='$(OUT)' DETOUR=bin/detour bench/field-trial.sh

.PHONY: fmt
fmt: ## Format the code
	gofmt -w .
	@if command -v golangci-lint >/dev/null; then golangci-lint fmt ./...; fi

.PHONY: fmt-check
fmt-check: ## Fail on code that is not formatted
	@unformatted="$$(gofmt -l .)"; if [ -n "$$unformatted" ]; then echo "run make fmt:"; echo "$$unformatted"; exit 1; fi

.PHONY: vet
vet: ## Run go vet
	$(GO) vet ./...

.PHONY: lint
lint: ## Run golangci-lint, if installed
	@if command -v golangci-lint >/dev/null; then golangci-lint run ./...; \
	else echo "lint: skipped, golangci-lint is not installed (.ci/run installs it)"; fi

.PHONY: readme-test
readme-test: ## Run the test command that the README gives
	@command="$$(awk '/<!-- test-command -->/ { marked = 1; next } \
		marked && /^```/ { if (inside) exit; inside = 1; next } inside' README.md)"; \
	if [ -z "$$command" ]; then echo "README.md gives no test command"; exit 1; fi; \
	echo "$$command"; eval "$$command"

.PHONY: check
check: fmt-check vet lint readme-test race ## Run all that a change must pass
	$(MAKE) fuzz FUZZTIME=2s
	$(MAKE) bench-smoke
	$(MAKE) bench-short
	$(MAKE) eval-short
	$(MAKE) chaos-short
