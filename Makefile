# SPDX-License-Identifier: Apache-2.0
# One file. Release objects live in build/, other modes in build/MODE/. The only sub-makes are those
# that must start afresh: after tools/setup (what pkg-config says is then new) and for other modes.

MODE ?= release
BUILD ?= $(if $(filter release,$(MODE)),build,build/$(MODE))
PREFIX ?= /usr/local
CC ?= cc
CLANG_FORMAT ?= clang-format
FUZZ_SECONDS ?= 30
COVERAGE_LEAST ?= 90
# Real dumps that some tests read; where there are none they are skipped, and say so.
BSONMEND_DUMPS ?= $(abspath ../shared/dumps)
export BSONMEND_DUMPS

CFLAGS_release := -O2 -g
CFLAGS_asan := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
CFLAGS_tsan := -O1 -g -fno-omit-frame-pointer -fsanitize=thread
CFLAGS_coverage := -O0 -g --coverage
CFLAGS_fuzz := -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
CFLAGS ?= $(CFLAGS_$(MODE))

# A thread that is cut off does not give back what the sanitizer noted of its signal stack, and whoever gets
# the same memory next is accused. Ours handle no signals.
ifeq ($(MODE),asan)
export ASAN_OPTIONS := $(if $(ASAN_OPTIONS),$(ASAN_OPTIONS):)use_sigaltstack=0
endif

LIBRARIES := libbson-1.0 libzstd libsodium libisal libmd icu-i18n icu-uc
LIBRARY_CFLAGS := $(patsubst -I%,-isystem %,$(shell pkg-config --cflags $(LIBRARIES) 2>/dev/null))
LIBRARY_LIBS := $(shell pkg-config --libs $(LIBRARIES) 2>/dev/null) -pthread

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wcast-qual -Wcast-align \
	-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wundef -Wvla -Wformat=2 \
	-Wwrite-strings -Wpointer-arith -Wswitch-enum -Wnull-dereference
BM_CPPFLAGS := -D_POSIX_C_SOURCE=200809L -Iinclude -Isrc $(LIBRARY_CFLAGS)
BM_CFLAGS := -std=c11 -pthread -fvisibility=hidden $(WARNINGS) $(WERROR)

ROOMS := base io codec doc catalog container key seen repair report pipeline
LIB_SRC := $(sort $(wildcard $(patsubst %,src/%/*.c,$(ROOMS))))
CLI_SRC := $(sort $(wildcard src/cli/*.c))
CLI_PARTS := $(filter-out src/cli/main.c,$(CLI_SRC))
HEADERS := $(sort $(wildcard include/bsonmend/*.h))
SUPPORT_SRC := $(sort $(wildcard tests/support/*.c))
# T=room/test_thing narrows `unit` to one test file, T=case narrows `cli` to one case.
TEST_SRC := $(if $(T),tests/$(T).c,$(sort $(wildcard $(patsubst %,tests/%/test_*.c,$(ROOMS) cli))))
FUZZ_SRC := $(sort $(wildcard tests/fuzz/fuzz_*.c))
TOOL_SRC := $(sort $(wildcard tools/*.c))
BENCH_SRC := $(sort $(wildcard tools/bench/*.c))
ALL_C := $(sort $(wildcard include/bsonmend/*.h src/*/*.[ch] tests/*/*.[ch] tools/*.[ch] tools/bench/*.[ch]))

obj = $(patsubst %.c,$(BUILD)/%.o,$(1))
LIB := $(BUILD)/libbsonmend.a
PROGRAM := $(BUILD)/bsonmend
# A narrowed build has a name of its own: it must never pass for all tests.
UNIT := $(BUILD)/tests/unit$(if $(T),-$(subst /,-,$(T)))
FUZZERS := $(patsubst %.c,$(BUILD)/%,$(FUZZ_SRC))
GEN_FIXTURES := $(BUILD)/tools/gen-fixtures
BENCH := $(BUILD)/bench
BENCH_TOOLS := $(patsubst tools/bench/%.c,$(BENCH)/%,$(BENCH_SRC))
# Expanded in recipes only: -j of the user is passed on by itself.
SUBMAKE = +@$(MAKE) --no-print-directory $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc))

.PHONY: all test check demo format fixtures coverage sabotage install clean unit cli fuzz e2e \
	bench bench-built profile profile-built bench-smoke setup-build setup-test setup-check test-built check-built demo-built coverage-built \
	unit-program format-check layers headers symbols man-lint
.SECONDARY:
.DELETE_ON_ERROR:

all: $(PROGRAM) $(LIB)

# ---- building ----

$(LIB): $(call obj,$(LIB_SRC))
	@rm -f $@
	$(AR) rcs $@ $^

$(PROGRAM): $(call obj,$(CLI_SRC)) $(LIB)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBRARY_LIBS)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(BM_CPPFLAGS) $(CPPFLAGS) $(BM_CFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(UNIT): $(call obj,$(TEST_SRC)) $(call obj,$(SUPPORT_SRC)) $(call obj,$(CLI_PARTS)) $(LIB)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lcriterion $(LIBRARY_LIBS)

# Criterion's headers and macros do not follow our warnings.
$(BUILD)/tests/%.o: tests/%.c
	@mkdir -p $(@D)
	$(CC) $(BM_CPPFLAGS) -Itests $(CPPFLAGS) -std=c11 -Wall -Wextra $(WERROR) $(CFLAGS) -MMD -MP -c -o $@ $<

$(FUZZERS): $(BUILD)/tests/fuzz/%: $(BUILD)/tests/fuzz/%.o $(LIB)
	$(CC) $(CFLAGS) -fsanitize=fuzzer $(LDFLAGS) -o $@ $^ $(LIBRARY_LIBS)

$(GEN_FIXTURES): $(call obj,$(TOOL_SRC))
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBRARY_LIBS)

$(BENCH_TOOLS): $(BENCH)/%: $(BUILD)/tools/bench/%.o
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $<

-include $(patsubst %.o,%.d,$(call obj,$(LIB_SRC) $(CLI_SRC) $(TEST_SRC) $(SUPPORT_SRC) $(FUZZ_SRC) $(TOOL_SRC) $(BENCH_SRC)))

# ---- the two commands of the README ----

demo: setup-build
	$(SUBMAKE) demo-built

demo-built: $(PROGRAM)
	@BSONMEND=$(PROGRAM) tools/demo

test: setup-test
	$(SUBMAKE) test-built

# Both kinds of tests run, whatever the first says; their counts are the last lines.
test-built: $(UNIT) $(PROGRAM)
	@status=0; \
	$(UNIT) $(TESTFLAGS) || status=1; \
	BSONMEND=$(abspath $(PROGRAM)) tests/cli/run || status=1; \
	exit $$status

setup-build:
	@tools/setup build

setup-test:
	@tools/setup build test

setup-check:
	@tools/setup build test check

# ---- parts of testing ----

unit-program: $(UNIT)

unit: $(UNIT)
	$(UNIT) $(TESTFLAGS)

cli: $(PROGRAM)
	@BSONMEND=$(abspath $(PROGRAM)) T='$(T)' tests/cli/run

# With CC=clang MODE=fuzz.
fuzz: $(FUZZERS)
	@BUILD=$(BUILD) SECONDS_EACH=$(FUZZ_SECONDS) tests/fuzz/run $(FUZZERS)

e2e: $(PROGRAM)
	@BSONMEND=$(abspath $(PROGRAM)) tests/e2e/run

sabotage: setup-check
	@BUILD=$(BUILD) tools/sabotage

# ---- speed: see the heads of tools/bench/run and tools/bench/profile ----

bench: setup-build
	$(SUBMAKE) bench-built

bench-built: $(PROGRAM) $(BENCH_TOOLS)
	@BSONMEND=$(abspath $(PROGRAM)) BENCH=$(abspath $(BENCH)) T='$(T)' tools/bench/run

profile: setup-build
	$(SUBMAKE) profile-built

profile-built: $(PROGRAM) $(BENCH_TOOLS)
	@BSONMEND=$(abspath $(PROGRAM)) BENCH=$(abspath $(BENCH)) tools/bench/profile

# On next to no data: that the table is whole, not what it says.
bench-smoke: $(PROGRAM) $(BENCH_TOOLS)
	@BSONMEND=$(abspath $(PROGRAM)) BENCH=$(abspath $(BENCH)) tests/bench/run

# ---- everything that must hold before a change goes in ----

check: setup-check
	$(SUBMAKE) check-built

check-built:
	$(SUBMAKE) format-check layers man-lint
	$(SUBMAKE) CC=gcc BUILD=$(BUILD)/gcc WERROR=-Werror all unit-program headers symbols
	$(SUBMAKE) CC=clang BUILD=$(BUILD)/clang WERROR=-Werror all unit-program headers
	$(SUBMAKE) CC=gcc BUILD=$(BUILD)/gcc WERROR=-Werror test-built
	@echo "== two judges of keys, on 100,000 random collections"
	@BSONMEND_ROUNDS=100000 $(BUILD)/gcc/tests/unit --filter 'naive/*'
	@echo "== with sanitizers"
	+@ASAN_OPTIONS=abort_on_error=1 $(MAKE) --no-print-directory -j$(shell nproc) \
		CC=gcc MODE=asan BUILD=$(BUILD)/asan WERROR=-Werror test-built
	$(SUBMAKE) CC=clang MODE=fuzz BUILD=$(BUILD)/fuzz fuzz
	$(SUBMAKE) CC=gcc BUILD=$(BUILD)/gcc WERROR=-Werror e2e bench-smoke
	@echo "check: all of it holds"

format:
	$(CLANG_FORMAT) -i $(ALL_C)

format-check:
	@$(CLANG_FORMAT) --dry-run -Werror $(ALL_C)
	@echo "format: $(words $(ALL_C)) files"

layers:
	@tools/check-layers

headers:
	@CC='$(CC)' FLAGS='$(BM_CPPFLAGS) $(BM_CFLAGS)' tools/check-headers

symbols: $(LIB)
	@tools/check-symbols $(LIB)

man-lint:
	@mandoc -T lint -W warning src/cli/bsonmend.1
	@echo "man page: nothing to say"

coverage: setup-check
	$(SUBMAKE) MODE=coverage coverage-built

coverage-built: $(UNIT) $(PROGRAM)
	@find $(BUILD) -name '*.gcda' -delete
	@$(UNIT) $(TESTFLAGS) --quiet
	@BSONMEND=$(abspath $(PROGRAM)) tests/cli/run
	@gcovr --root . --filter src/ --object-directory $(BUILD) --gcov-ignore-parse-errors \
		--exclude-unreachable-branches --fail-under-line $(COVERAGE_LEAST) $(BUILD)

# ---- the rest ----

# Generated beside and put in place whole; `git diff` must stay empty.
fixtures: $(GEN_FIXTURES)
	@rm -rf $(BUILD)/fixtures && mkdir -p $(BUILD)/fixtures
	@$(GEN_FIXTURES) $(BUILD)/fixtures $(sort $(wildcard fixtures/src/*/*.txt))
	@cd $(BUILD)/fixtures && find . -type f | LC_ALL=C sort | sed 's|^\./||' | tr '\n' '\0' | \
		xargs -0 sha256sum > ../SHA256SUMS
	@rm -rf fixtures/good fixtures/bad fixtures/mend
	@mv $(BUILD)/fixtures/* fixtures/ && mv $(BUILD)/SHA256SUMS fixtures/SHA256SUMS
	@echo "fixtures: $$(wc -l < fixtures/SHA256SUMS) files"

install: $(PROGRAM) $(LIB)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib $(DESTDIR)$(PREFIX)/include/bsonmend \
		$(DESTDIR)$(PREFIX)/share/man/man1
	install -m 755 $(PROGRAM) $(DESTDIR)$(PREFIX)/bin/bsonmend
	install -m 644 $(LIB) $(DESTDIR)$(PREFIX)/lib/libbsonmend.a
	install -m 644 $(HEADERS) $(DESTDIR)$(PREFIX)/include/bsonmend
	install -m 644 src/cli/bsonmend.1 $(DESTDIR)$(PREFIX)/share/man/man1/bsonmend.1

clean:
	rm -rf build
