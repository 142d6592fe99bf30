# make all             the program and the library to embed, in BUILD
#   library            that one alone
#   shared             the library as a shared one, in build/shared
#   install            into PREFIX (/usr/local), below DESTDIR
#   install-shared     that shared one
#   run                builds, and evaluates fixtures/platform on four workers
#   deps               installs the packages of Debian that are missing
#   clean              removes build/
#
#   test               builds, and runs all tests
#   check-tests        the same, for whoever has the packages
#   asan, ubsan, tsan  the same tests instrumented (asan has UBSan in it)
#   models             the concurrent core under the model checker Relacy
#   faults             every n-th allocation, system call and thread fails;
#                      FAULT_SAMPLES=0 tries all n
#   fuzz               each target of libFuzzer for FUZZ_SECONDS (60)
#   coverage           lines and branches that the tests run: a table, and
#                      pages in build/coverage/html
#   accept             rewrites the expectations of the golden tests
#
#   format             formats the C files
#   format-check       says which are not
#   tidy               clang-tidy
#   check-layers       who includes whom
#   bench              measures against the peers that are installed
#   performance        writes docs/performance.md from that
#   docs               writes docs/std.md from the comments in std/
#   link-order         writes cli/link_order.ld, what start-up runs, so that it
#                      stays in few pages; needs valgrind
#   help               prints this
#
# MODE       release | debug | asan | ubsan | tsan | coverage | shared
# BUILD      folder of the build outputs: build/MODE
# TEST_SCRIPTS="golden cli" runs those of tests/*.sh, and the unit tests, alone

# Those that this one calls share its jobs.
ifeq (0,$(MAKELEVEL))
MAKEFLAGS += --jobs=$(shell nproc)
endif
MODE ?= release
BUILD ?= build/$(MODE)
PREFIX ?= /usr/local
CC = gcc
AR = ar
LD = ld
OBJCOPY = objcopy
SONAME = libligature.so.0

PACKAGES = build-essential pkg-config uthash-dev libcjson-dev libpcre2-dev \
	libxxhash-dev libutf8proc-dev nettle-dev libfyaml-dev \
	libedit-dev libncurses-dev libbsd-dev libmd-dev python3
PKGS = libpcre2-8 libxxhash libutf8proc nettle libfyaml

FOLDERS = support concurrent syntax typecheck eval cli api

# A section for each function, for the linker to put in order. -O3 takes 4 % off
# the time of long files and lists; LTO gained nothing more; profiles (PGO) 4 % on
# one machine and nothing on another, for twice the time to build.
CFLAGS_MODE_release = -O3 -DNDEBUG -ffunction-sections
CFLAGS_MODE_debug = -O0 -g3
# AddressSanitizer and UBSan find what they find in one run, too: CI has this
# mode, and the next is for whoever wants UBSan's speed.
CFLAGS_MODE_asan = -O1 -g -fsanitize=address,undefined \
	-fno-sanitize-recover=undefined -fno-omit-frame-pointer -DEXACT_MEMORY=1
# Collects whenever it may, as the one before does.
CFLAGS_MODE_ubsan = -O1 -g -fsanitize=undefined -fno-sanitize-recover=all \
	-DHEAP_STRESS=1
CFLAGS_MODE_tsan = -O1 -g -fsanitize=thread
# What ran is written at the end of each process, by --untrusted ones too.
CFLAGS_MODE_coverage = -O0 -g --coverage -fprofile-update=atomic \
	-DCONFINE_ALSO='"$(abspath $(BUILD))"'
# For the shared library alone: code that may lie anywhere is a little slower.
CFLAGS_MODE_shared = -O3 -DNDEBUG -fPIC
# Adding 0 to NULL is meant.
CFLAGS_MODE_fuzz = -O1 -g -fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize=pointer-overflow -fno-sanitize-recover=undefined \
	-DEXACT_MEMORY=1 -Wno-unknown-warning-option -Wno-error

CFLAGS_BASE = -std=c11 -D_GNU_SOURCE -I. -I$(BUILD) -pthread \
	-Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -Wswitch-enum -Wvla -Werror -Wno-unknown-pragmas \
	-Wno-unknown-warning-option -Wno-maybe-uninitialized -fno-strict-aliasing
CFLAGS = $(CFLAGS_BASE) $(CFLAGS_MODE_$(MODE)) $(PKG_CFLAGS) $(CFLAGS_EXTRA)
# References to these functions lead to __wrap_NAME, and __real_NAME to them.
wraps = $(addprefix -Wl$(comma)--wrap=,$(1))
comma = ,
# The dynamic loader would take longer than a small program: release binaries
# are static. Sanitizers need the shared C library.
LDFLAGS_MODE_release = -static $(call wraps,malloc calloc realloc)
LDFLAGS = -pthread $(CFLAGS_MODE_$(MODE)) $(LDFLAGS_MODE_$(MODE)) \
	-Wl,--as-needed -Wl,--build-id=sha1
LIBS = $(PKG_LIBS) -lm

PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
PKG_LIBS := $(shell pkg-config --libs $(if $(filter release,$(MODE)),--static) \
	$(PKGS) 2>/dev/null)

# Of the program and its tests: what embeds the library edits no lines.
EDIT_LIBS := $(shell pkg-config --libs $(if $(filter release,$(MODE)),--static) \
	libedit 2>/dev/null)

# Tests read JSON back with a library that is not ours.
TEST_CFLAGS := $(shell pkg-config --cflags libcjson 2>/dev/null)
TEST_LIBS := $(shell pkg-config --libs libcjson 2>/dev/null) $(EDIT_LIBS)

# A library per folder; each may use those before it.
sources = $(filter-out cli/main.c,$(wildcard $(1)/*.c))
objects = $(patsubst %.c,$(BUILD)/%.o,$(call sources,$(1)))
library = $(BUILD)/lib$(1).a
LIBS_support = $(call library,support)
LIBS_concurrent = $(call library,concurrent) $(LIBS_support)
LIBS_syntax = $(call library,syntax) $(LIBS_concurrent)
LIBS_typecheck = $(call library,typecheck) $(LIBS_syntax)
LIBS_eval = $(call library,eval) $(LIBS_syntax)
LIBS_cli = $(call library,cli) $(call library,eval) $(LIBS_typecheck)
LIBS_api = $(call library,api) $(LIBS_cli)

UNIT_SOURCES = $(wildcard tests/unit/*/test_*.c)
UNIT_TESTS = $(patsubst tests/%.c,$(BUILD)/tests/%,$(UNIT_SOURCES))
STRESS_SOURCES = $(wildcard tests/stress/stress_*.c)
STRESS_TESTS = $(patsubst tests/%.c,$(BUILD)/tests/%,$(STRESS_SOURCES))

.PHONY: all library help
all: $(BUILD)/ligature $(BUILD)/libligature.a
library: $(BUILD)/libligature.a
help:
	@sed -n '/^#/!q; s/^# \{0,1\}//p' Makefile

# What start-up needs comes first, what nothing refers to does not come along.
ORDER_release = -Wl,-T,cli/link_order.ld -Wl,--gc-sections
$(BUILD)/ligature: $(BUILD)/cli/main.o $(LIBS_cli) cli/link_order.ld
	@echo "  LD $@"
	@$(CC) $(LDFLAGS) $(ORDER_$(MODE)) -o $@ $(filter-out %.ld,$^) $(LIBS) \
		$(EDIT_LIBS)

define folder_rule
$(call library,$(1)): $(call objects,$(1))
	@rm -f $$@
	@$(AR) rcs $$@ $$^
endef
$(foreach f,$(FOLDERS),$(eval $(call folder_rule,$(f))))

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

# All that the C API needs as one object, in which no other name is to be seen.
$(BUILD)/libligature.a: $(BUILD)/api/ligature.o $(LIBS_api)
	@echo "  AR $@"
	@rm -f $@
	@$(LD) -r -o $(BUILD)/ligature.o $^
	@$(OBJCOPY) --wildcard --keep-global-symbol='ligature_*' $(BUILD)/ligature.o
	@$(AR) rcs $@ $(BUILD)/ligature.o
$(BUILD)/libligature.so: $(BUILD)/libligature.a
	@echo "  LD $@"
	@$(CC) -shared $(LDFLAGS) -Wl,-soname,$(SONAME) -Wl,-z,defs -o $@ \
		$(BUILD)/ligature.o $(LIBS)
$(BUILD)/ligature.pc: tools/ligature.pc.in cli/version.h Makefile
	@mkdir -p $(@D)
	@sed -e 's|@PREFIX@|$(PREFIX)|; s|@REQUIRES@|$(PKGS)|' \
		-e "s|@VERSION@|$$(sed -n 's/.*LIGATURE_VERSION "\(.*\)"/\1/p' \
		cli/version.h)|" tools/ligature.pc.in > $@

# The standard library travels inside the binary.
STD_FILES = $(sort $(wildcard std/*.lig))
$(BUILD)/std_embed.inc: $(STD_FILES) tools/embed.sh
	@mkdir -p $(@D)
	sh tools/embed.sh $(STD_FILES) > $@.tmp && mv $@.tmp $@
$(BUILD)/syntax/std_files.o: $(BUILD)/std_embed.inc

# tests/unit/FOLDER/test_x.c may use FOLDER and those below it.
define unit_rule
$(BUILD)/tests/unit/$(1)/%: tests/unit/$(1)/%.c $(wildcard tests/*.h tests/unit/*/*.h) $(LIBS_$(1))
	@mkdir -p $$(@D)
	@echo "  CC $$<"
	@$(CC) $(CFLAGS) $(TEST_CFLAGS) -o $$@ $$< $(LIBS_$(1)) $(LIBS) $(TEST_LIBS)
endef
$(foreach f,$(FOLDERS),$(eval $(call unit_rule,$(f))))
$(BUILD)/tests/stress/%: tests/stress/%.c $(wildcard tests/*.h tests/stress/*.h) $(LIBS_concurrent)
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(CFLAGS) -o $@ $< $(LIBS_concurrent) $(LIBS)

.PHONY: run
run: deps
	@$(MAKE) --no-print-directory -s all
	$(BUILD)/ligature eval --parallel --workers 4 fixtures/platform/main.lig

.PHONY: test check-tests
test: deps
	@$(MAKE) --no-print-directory check-tests
# For whoever has the packages.
check-tests: $(BUILD)/ligature $(BUILD)/ligature-faults $(BUILD)/libligature.a $(UNIT_TESTS) $(STRESS_TESTS)
	MODE=$(MODE) sh tests/run.sh $(BUILD)

.PHONY: asan ubsan tsan
asan ubsan tsan:
	$(MAKE) --no-print-directory MODE=$@ check-tests

.PHONY: coverage
coverage: deps
	@sh tools/deps.sh gcovr
	@$(MAKE) --no-print-directory MODE=coverage build/coverage/ligature \
		build/coverage/ligature-faults build/coverage/libligature.a \
		$(patsubst tests/%.c,build/coverage/tests/%,$(UNIT_SOURCES))
	sh tests/coverage.sh build/coverage

# The concurrent core under a model checker; ends with a line of counts.
.PHONY: models
models:
	@sh tools/deps.sh relacy-dev g++
	@mkdir -p build
	@sh tests/models.sh | tee build/models.log
	@awk '/^ok/ { p++ } /^not ok/ { f++ } \
		END { printf "%d passed, %d failed\n", p, f; exit f > 0 || p == 0 }' \
		build/models.log

.PHONY: accept
accept: $(BUILD)/ligature
	ACCEPT=1 sh tests/golden.sh $(BUILD)

.PHONY: deps
deps:
	@sh tools/deps.sh $(PACKAGES)

# ligature with system calls and allocations that fail when told to. The
# leftovers of one run are not of interest, only how it ends.
FAULTS = malloc calloc realloc aligned_alloc posix_memalign mmap madvise \
	open openat read pread write writev pwrite fsync fdatasync linkat rename \
	renameat close stat lstat fstat fstatat fstatfs access faccessat readlink \
	realpath getcwd opendir fdopendir readdir mkdir mkdirat unlink unlinkat \
	fchmod futimens flock syscall pthread_create sched_getaffinity getrandom \
	poll inotify_init1 inotify_add_watch pipe2 dup fork
$(BUILD)/tests/faults/never_null.o: support/never_null.c support/die.h
	@mkdir -p $(@D)
	@echo "  CC $< (faults)"
	@$(CC) $(CFLAGS) '-DNEVER_NULL_REAL(name)=fault_##name' -c -o $@ $<
$(BUILD)/ligature-faults: $(BUILD)/cli/main.o $(BUILD)/tests/faults/faults.o \
		$(BUILD)/tests/faults/never_null.o $(LIBS_cli)
	@echo "  LD $@"
	@$(CC) $(LDFLAGS) $(call wraps,$(FAULTS)) -o $@ $^ $(LIBS) $(EDIT_LIBS)
.PHONY: faults
faults: $(BUILD)/ligature-faults $(BUILD)/ligature
	sh tests/faults.sh $(BUILD)

# Against the peers that are installed; BENCH_ARGS="--large --runs 7". What
# was measured becomes docs/performance.md by `make performance`.
.PHONY: bench performance
$(BUILD)/micro_pool: bench/micro_pool.c $(LIBS_concurrent)
	@echo "  LD $@"
	@$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)
$(BUILD)/micro_nothing: bench/micro_nothing.c
	@echo "  LD $@"
	@$(CC) $(CFLAGS) -static -o $@ $<
bench: $(BUILD)/ligature $(BUILD)/micro_pool $(BUILD)/micro_nothing
	@sh tools/deps.sh time
	python3 bench/bench.py --ligature $(BUILD)/ligature $(BENCH_ARGS)
performance:
	python3 bench/bench.py --page docs/performance.md

# Each target runs for FUZZ_SECONDS; ends with a line of counts.
FUZZ_SECONDS ?= 60
FUZZ_TARGETS ?= $(patsubst tests/fuzz/%.c,build/fuzz/%, \
	$(wildcard tests/fuzz/fuzz_*.c))
$(BUILD)/fuzz_%: tests/fuzz/fuzz_%.c $(wildcard tests/fuzz/*.h) $(LIBS_api)
	@echo "  CC $<"
	@$(CC) $(CFLAGS) -fsanitize=fuzzer -o $@ $< $(LIBS_api) $(LIBS) $(EDIT_LIBS)
.PHONY: fuzz
fuzz: deps
	@sh tools/deps.sh clang libclang-rt-dev llvm
	@$(MAKE) --no-print-directory MODE=fuzz CC=clang BUILD=build/fuzz \
		$(FUZZ_TARGETS)
	sh tests/fuzz/run.sh $(FUZZ_SECONDS) $(FUZZ_TARGETS)

C_FILES = $(foreach f,$(FOLDERS) include examples tests/unit/* tests/stress tests/fuzz tests/faults tests,$(wildcard $(f)/*.c $(f)/*.h $(f)/*.inc))
.PHONY: format format-check tidy check-layers
format:
	@clang-format -i $(C_FILES)
format-check:
	@clang-format --dry-run -Werror $(C_FILES)
tidy:
	@clang-tidy --quiet $(foreach f,$(FOLDERS),$(wildcard $(f)/*.c)) -- $(CFLAGS_BASE)
check-layers:
	sh tools/check-layers.sh

# The pkg-config file says PREFIX: made anew, whatever it was before.
.PHONY: install
install: $(BUILD)/ligature $(BUILD)/libligature.a
	@rm -f $(BUILD)/ligature.pc
	@$(MAKE) --no-print-directory $(BUILD)/ligature.pc
	install -D -m 755 $(BUILD)/ligature $(DESTDIR)$(PREFIX)/bin/ligature
	install -D -m 644 $(BUILD)/libligature.a \
		$(DESTDIR)$(PREFIX)/lib/libligature.a
	install -D -m 644 include/ligature.h \
		$(DESTDIR)$(PREFIX)/include/ligature.h
	install -D -m 644 $(BUILD)/ligature.pc \
		$(DESTDIR)$(PREFIX)/lib/pkgconfig/ligature.pc
	@mkdir -p $(BUILD)/share
	$(BUILD)/ligature help --man >$(BUILD)/share/ligature.1
	$(BUILD)/ligature completions bash >$(BUILD)/share/ligature
	$(BUILD)/ligature completions zsh >$(BUILD)/share/_ligature
	$(BUILD)/ligature completions fish >$(BUILD)/share/ligature.fish
	install -D -m 644 $(BUILD)/share/ligature.1 \
		$(DESTDIR)$(PREFIX)/share/man/man1/ligature.1
	install -D -m 644 $(BUILD)/share/ligature \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/ligature
	install -D -m 644 $(BUILD)/share/_ligature \
		$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_ligature
	install -D -m 644 $(BUILD)/share/ligature.fish \
		$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/ligature.fish

# Optional, and a build of its own; the pkg-config file of `install` serves both.
.PHONY: shared install-shared
shared:
	@$(MAKE) --no-print-directory MODE=shared build/shared/libligature.so
install-shared: shared
	install -D -m 755 build/shared/libligature.so \
		$(DESTDIR)$(PREFIX)/lib/$(SONAME)
	ln -sf $(SONAME) $(DESTDIR)$(PREFIX)/lib/libligature.so

# Writes down again what start-up runs. What is missing there costs memory only.
.PHONY: link-order
link-order: $(BUILD)/ligature
	@sh tools/deps.sh valgrind
	@$(CC) $(LDFLAGS) -o $(BUILD)/unordered -Wl,-Map=$(BUILD)/unordered.map \
		$(BUILD)/cli/main.o $(LIBS_cli) $(LIBS) $(EDIT_LIBS)
	@echo '1 + 1' > $(BUILD)/small.lig
	for source in '-e 1+1' '--sequential $(BUILD)/small.lig'; do \
		LIGATURE_DISK_CACHE=never valgrind -q --tool=callgrind \
		--dump-instr=yes --callgrind-out-file=$(BUILD)/unordered.ran.%p \
		$(BUILD)/unordered eval $$source || exit 1; done
	python3 tools/link-order.py $(BUILD)/unordered.map \
		$(BUILD)/unordered.ran.* > cli/link_order.ld
	@rm -f $(BUILD)/unordered* $(BUILD)/small.lig

# The page of the standard library, from its doc comments.
.PHONY: docs
docs: $(BUILD)/ligature
	cat tools/std-doc.md > docs/std.md.tmp
	$(BUILD)/ligature doc std >> docs/std.md.tmp
	mv docs/std.md.tmp docs/std.md

.PHONY: clean
clean:
	rm -rf build

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
