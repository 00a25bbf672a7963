# The commands of this project. `make help` lists them.

.DEFAULT_GOAL := help
SHELL := /bin/bash
SWIFT := swift
FORMATTED := Package.swift Sources Tests

SEEDS ?= 1000

.PHONY: help run test simulate mutants fuzz sanitize bench road lab trials systemd deb deb-check images images-check kubernetes-check upgrade-check release build format lint docs install clean

help: ## Show the commands
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "  make %-16s %s\n", $$1, $$2 }'

run: ## Build and start everything on this machine: Redis, a hub, two edges and a feeder
	@Scripts/run.sh

test: ## Install what is missing, check the format, build, and run every test
	@Scripts/test.sh

simulate: ## Run SEEDS=1000 simulated worlds, or the one of SEED=n
	EMOJITRACK_SEEDS=$(SEEDS) EMOJITRACK_SEED=$(SEED) SWIFT_DETERMINISTIC_HASHING=1 \
	  $(SWIFT) test --filter SimulationTests.SimulationTests

mutants: ## Plant one fault after the other, and show that tests find it (FAULT="fault…": only these)
	@Scripts/mutants.sh $(FAULT)

fuzz: ## Run libFuzzer on each TARGET, or on one, for SECONDS=60 (INPUT=file: replay it)
	@Scripts/fuzz.sh $(if $(SECONDS),--seconds $(SECONDS)) $(if $(INPUT),--replay $(INPUT)) $(TARGET)

sanitize: ## Run the tests under the sanitizers for addresses and threads (an hour)
	@Scripts/sanitize.sh

bench: ## Compare an edge with a bare send() loop, and check what it promises (a quarter of an hour)
	@Scripts/bench.sh

road: ## Run each proxy, each client library and each browser against real edges (a quarter of an hour)
	@Scripts/road.sh
	@Scripts/clients.sh

lab: ## Run all SCENARIOs, or one, on a small internet of network namespaces (half an hour; needs root)
	@Scripts/lab.sh $(SCENARIO)

trials: ## Run floods, stalls and lies against a real hub and edge: all TRIALs, or one (half an hour)
	@Scripts/trials.sh $(TRIAL)

systemd: ## Run hub and edges under systemd on a machine of their own, and check the units (needs root)
	@Scripts/systemd-check.sh

deb: ## Build the Debian packages into .build-deb
	@Scripts/deb.sh

deb-check: deb ## Install, run, upgrade and purge the packages on a machine of their own (needs root)
	@Scripts/deb-check.sh

images: ## Build the container images with buildah
	@Scripts/images.sh

images-check: ## Build the container images twice and run them with podman (some minutes; as root)
	@Scripts/images-check.sh

kubernetes-check: ## Render and validate the manifests for Kubernetes (some minutes; needs PyPI)
	@Scripts/kubernetes-check.sh

upgrade-check: ## Upgrade a fleet of an older version (REF=v1.2.0) under load in the lab (half an hour; needs root)
	@Scripts/upgrade-check.sh $(REF)

release: ## Build all that a release publishes into .build-release, and tag it
	@Scripts/release.sh

build: install ## Build the four commands into .build/release
	$(SWIFT) build -c release

install: ## Install what is missing with apt, or list it
	@Scripts/install.sh

format: ## Format the sources
	$(SWIFT) format -i -p -r $(FORMATTED)

lint: ## Check the format of the sources
	$(SWIFT) format lint --strict -p -r $(FORMATTED)

docs: ## Bring the tables of settings in Docs/configuration.md up to date
	EMOJITRACK_WRITE_DOCS=1 $(SWIFT) test --filter ConfigurationTableTests

clean: ## Remove what was built
	rm -rf .build .build-* .run
