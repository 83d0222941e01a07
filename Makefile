# Faxlock: build, test, show. `make help` lists the targets.
#
# BUILD is where SwiftPM works. A fixed folder outside of the clone keeps the dependencies built from one clone to the next.
BUILD ?= .build
VENV := $(BUILD)/venv
SWIFT_FLAGS := --scratch-path $(BUILD)
# Tests at one time: all at once would make each wait for the others, and run out of its time limits.
TEST_WIDTH := --experimental-maximum-parallelization-width 16
RELEASE := -c release --static-swift-stdlib -Xlinker -s --product

.PHONY: help deps peers venv build bin test test-peers demo bench bench-line bench-queue simulate campaign format lint clean

help: ## List the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

deps: ## Install what is missing from apt (needs root or sudo)
	@scripts/install-packages.sh

peers: ## Install the programs that check the configurations in deploy/
	@scripts/install-packages.sh peers

build: deps ## Build the release: faxlock, faxlock-line, faxlock-page
	@for product in faxlock-line faxlock-page faxlock; do \
		echo "Building $$product ..."; swift build $(SWIFT_FLAGS) $(RELEASE) $$product || exit 1; done

bin: ## Print the path of the built faxlock (use make -s bin)
	@echo "$$(swift build $(SWIFT_FLAGS) -c release --show-bin-path)/faxlock"

venv: $(VENV)/made

$(VENV)/made: scripts/test-requirements.txt
	@mkdir -p $(BUILD)
	python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --requirement scripts/test-requirements.txt
	@touch $@

test: deps venv ## Set up and run all tests
	swift build $(SWIFT_FLAGS) --build-tests
	FAXLOCK_TEST_PYTHON=$(abspath $(VENV))/bin/python scripts/run-tests.sh swift test $(SWIFT_FLAGS) --skip-build $(TEST_WIDTH)

test-peers: deps venv ## Send and receive faxes with a real Asterisk (takes root; skipped where there can be none)
	@scripts/install-packages.sh asterisk || true
	@status=0; scripts/asterisk-peer.sh setup || status=$$?; \
	if [ $$status -eq 3 ]; then echo "Skipped: the tests with Asterisk."; exit 0; fi; [ $$status -eq 0 ] || exit $$status; \
	swift build $(SWIFT_FLAGS) --build-tests && \
	FAXLOCK_PEERS=1 FAXLOCK_TEST_PYTHON=$(abspath $(VENV))/bin/python swift test $(SWIFT_FLAGS) --skip-build --filter PeerTests \
		--experimental-maximum-parallelization-width 12

demo: build ## Send a real fax over the loopback line and compare what arrived
	@scripts/demo.sh "$$($(MAKE) --no-print-directory -s bin)"

bench: build venv ## Measure requests, memory, the audit ledger and rendering
	@BENCH_PYTHON=$(abspath $(VENV))/bin/python Benchmarks/run.sh "$$($(MAKE) --no-print-directory -s bin)"

bench-line: build venv ## Measure the line: 100 calls at once, 2,000 hostile sessions, and Asterisk's CPU beside ours
	swift build $(SWIFT_FLAGS) -c release --static-swift-stdlib --product line-bench
	@folder="$$(swift build $(SWIFT_FLAGS) -c release --show-bin-path)"; \
	"$$folder/line-bench" load "$$folder/faxlock-line" 100; "$$folder/line-bench" fuzz "$$folder/faxlock-line" 2000; \
	BENCH_PYTHON=$(abspath $(VENV))/bin/python Benchmarks/line-peers.sh "$$folder/faxlock"

campaign: build ## Cut the power 1,000 times, and fail the disk at each write, while 50 senders submit (CAMPAIGN="--seed 1" for options)
	@for product in faxlock-line faxlock-page faxlock; do swift build $(SWIFT_FLAGS) --product $$product || exit 1; done
	@python3 Benchmarks/campaign "$$($(MAKE) --no-print-directory -s bin)" \
		--debug-build "$$(swift build $(SWIFT_FLAGS) --show-bin-path)/faxlock" $(CAMPAIGN)

bench-queue: ## Measure the queue: a thousand faxes and a million, and how fast it empties
	swift build $(SWIFT_FLAGS) -c release --static-swift-stdlib --product queue-bench
	@folder="$$(swift build $(SWIFT_FLAGS) -c release --show-bin-path)"; \
	"$$folder/queue-bench" latency; "$$folder/queue-bench" drain /tmp

simulate: ## Run 10,000 faxes through a simulated week, twice, and compare
	swift build $(SWIFT_FLAGS) -c release --static-swift-stdlib --product faxlock-simulation
	@"$$(swift build $(SWIFT_FLAGS) -c release --show-bin-path)/faxlock-simulation" --faxes 10000 --seed 1 --twice

format: ## Format all sources
	swift format --in-place --parallel --recursive Sources Tests Benchmarks Package.swift

lint: ## Check the format of all sources
	swift format lint --strict --parallel --recursive Sources Tests Benchmarks Package.swift

clean: ## Remove everything that was built
	rm -rf $(BUILD)
