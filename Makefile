# SPDX-License-Identifier: Apache-2.0
# One file, no recursion. Release objects live in build/, other modes in build/MODE/.

MODE ?= release
BUILD ?= $(if $(filter release,$(MODE)),build,build/$(MODE))
PREFIX ?= /usr/local
CC ?= cc
CLANG ?= clang
CLANG_FORMAT ?= clang-format

CFLAGS_release := -O2 -g
CFLAGS_asan := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
CFLAGS_coverage := -O0 -g --coverage
CFLAGS_fuzz := -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
CFLAGS ?= $(CFLAGS_$(MODE))

# pkg-config is asked only once the libraries are there (tools/setup brings them).
LIBRARIES := libbson-1.0 libzstd libsodium libisal libmd
LIBRARY_CFLAGS := $(patsubst -I%,-isystem %,$(shell pkg-config --cflags $(LIBRARIES) 2>/dev/null))
LIBRARY_LIBS := $(shell pkg-config --libs $(LIBRARIES) 2>/dev/null)

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wcast-qual -Wcast-align \
	-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wundef -Wvla -Wformat=2 \
	-Wwrite-strings -Wpointer-arith -Wswitch-enum -Wnull-dereference
BM_CPPFLAGS := -D_POSIX_C_SOURCE=200809L -Iinclude -Isrc $(LIBRARY_CFLAGS)
BM_CFLAGS := -std=c11 -fvisibility=hidden $(WARNINGS) $(WERROR)

ROOMS := base io codec doc catalog container key seen repair report pipeline
LIB_SRC := $(sort $(wildcard $(patsubst %,src/%/*.c,$(ROOMS))))
CLI_SRC := $(sort $(wildcard src/cli/*.c))
HEADERS := $(sort $(wildcard include/bsonmend/*.h))
SUPPORT_SRC := $(sort $(wildcard tests/support/*.c))
# T=room/test_thing narrows to one test file.
TEST_SRC := $(if $(T),tests/$(T).c,$(sort $(wildcard $(patsubst %,tests/%/test_*.c,$(ROOMS)))))

obj = $(patsubst %.c,$(BUILD)/%.o,$(1))
LIB := $(BUILD)/libbsonmend.a
PROGRAM := $(BUILD)/bsonmend
UNIT := $(BUILD)/tests/unit

.PHONY: all test check demo format fixtures coverage sabotage install clean setup unit cli e2e
.SECONDARY:
.DELETE_ON_ERROR:

all: $(PROGRAM) $(LIB)

$(LIB): $(call obj,$(LIB_SRC))
	@rm -f $@
	$(AR) rcs $@ $^

$(PROGRAM): $(call obj,$(CLI_SRC)) $(LIB)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBRARY_LIBS)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(BM_CPPFLAGS) $(CPPFLAGS) $(BM_CFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(UNIT): $(call obj,$(TEST_SRC)) $(call obj,$(SUPPORT_SRC)) $(LIB)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lcriterion $(LIBRARY_LIBS)

# Criterion's headers and macros do not follow our warnings.
$(BUILD)/tests/%.o: tests/%.c
	@mkdir -p $(@D)
	$(CC) $(BM_CPPFLAGS) -Itests $(CPPFLAGS) -std=c11 -Wall -Wextra $(WERROR) $(CFLAGS) -MMD -MP -c -o $@ $<

-include $(patsubst %.o,%.d,$(call obj,$(LIB_SRC) $(CLI_SRC) $(TEST_SRC) $(SUPPORT_SRC)))

unit: $(UNIT)
	$(UNIT) $(TESTFLAGS)

clean:
	rm -rf build
