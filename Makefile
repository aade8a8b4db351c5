# The one entry point. `make help` lists the targets.
PREFIX ?= /usr/local
JOBS ?= $(shell nproc)
.DEFAULT_GOAL := release

.PHONY: help setup release asan tsan fuzz demo tidy format test torture bench bench-http bench-lake bench-log install clean

help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST)

## make setup    installs what is missing to build
setup:
	@tools/setup

## make          what is missing of tools/setup, then build/release/
release: setup
	@cmake --preset release >/dev/null
	@cmake --build build/release -j $(JOBS)

## make demo     sets up, builds, and shows the course's session from request to SQL row
demo: setup
	@cmake --preset release >/dev/null
	@cmake --build build/release -j $(JOBS) --target steelthread steelthread-sql
	@build/release/steelthread demo

## make asan     the developer's build: address and undefined sanitizers
asan: setup
	@cmake --preset asan >/dev/null
	@cmake --build build/asan -j $(JOBS)

## make tsan     the thread sanitizer's build (everything but the SQL worker)
tsan: setup
	@cmake --preset tsan >/dev/null
	@cmake --build build/tsan -j $(JOBS)

## make tidy     format, clang-tidy, tools/tidy.py
tidy: setup asan
	@tests/run tidy

## make format   rewrites the sources in the house format
format:
	@git ls-files '*.h' '*.cc' | xargs clang-format-19 -i

## make test     sets up, builds, runs every test; the last line is "N passed, N failed"
test:
	@echo "what the tests need (tools/setup --tests)"
	@tools/setup --tests
	@tests/run

## make torture  long campaigns: 100,000 crash images of the log, 500 kills under load, an hour of attacks and
##               an hour of random changes of tables
torture: setup asan release
	@tools/setup --tests
	@ST_TEST_DEADLINE_S=7200 ST_LOAD_CYCLES=500 .deps/venv/bin/python -m pytest -q \
	  -p no:cacheprovider tests/crash/test_load_verify.py
	@ST_TEST_DEADLINE_S=7200 ST_CRASH_IMAGES=100000 build/asan/src/log/log_test \
	  --gtest_filter='LogCrash.*'
	@ST_TEST_DEADLINE_S=7200 ST_UPKEEP_MODELS=700 build/asan/src/upkeep/upkeep_test \
	  --gtest_filter='*Model*'
	@tests/hostile/run --total $${ST_HOSTILE_SECONDS:-3600} --write

## make bench    measures, on 20 GB of scratch disk; results go into bench/results/
bench:
	@tools/setup --kafka
	@cmake --preset release >/dev/null
	@cmake --build build/release -j $(JOBS)
	@for program in bench/*.py; do .deps/venv/bin/python $$program || exit 1; done

## make bench-http  declared events and commands side by side with Flask and gunicorn
bench-http:
	@tools/setup --tests
	@cmake --preset release >/dev/null
	@cmake --build build/release -j $(JOBS) --target steelthread steelthread-sql
	@.deps/venv/bin/python bench/game_http.py

## make bench-lake  commits, compaction beside Spark's, upkeep, planning and counting of tables, a quarter of an hour
bench-lake:
	@tools/setup --tests
	@cmake --preset release >/dev/null
	@cmake --build build/release -j $(JOBS) --target steelthread steelthread-sql commit_bench pruning_bench
	@.deps/venv/bin/python bench/lake.py

## make bench-log   the log beside Apache Kafka, the same clients against both, half an hour
bench-log:
	@tools/setup --kafka
	@cmake --preset release >/dev/null
	@cmake --build build/release -j $(JOBS) --target steelthread steelthread-sql
	@.deps/venv/bin/python bench/log.py

## make fuzz     ten minutes of libFuzzer a target
fuzz: setup
	@cmake --preset fuzz >/dev/null
	@cmake --build build/fuzz -j $(JOBS)
	@tools/fuzz 600

## make install  builds the two programs and installs them, libduckdb.so and the documents below PREFIX=/usr/local
install: setup
	@echo "building steelthread and steelthread-sql"
	@cmake --preset release >/dev/null
	@cmake --build build/release -j $(JOBS) --target steelthread steelthread-sql
	@echo "installing below $(PREFIX)"
	@cmake --install build/release --prefix $(PREFIX)

## make clean    removes build/
clean:
	@rm -rf build
