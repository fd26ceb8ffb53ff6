# rote: `make`, `make check`, `make bench`, `make install` (DESTDIR, PREFIX), `make clean`.

PREFIX ?= /usr/local
BUILD ?= build
CC = gcc

WARNINGS = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla
HARDENING = -fstack-protector-strong -fPIE -D_FORTIFY_SOURCE=2
# The arithmetic of rote-arithmetic(7): no contraction but the fma that the source says.
ARITHMETIC = -ffp-contract=off -fno-math-errno
CFLAGS ?= -O2 -g
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -Ilibcommon -pthread $(HARDENING) $(WARNINGS) $(CFLAGS) $(ARITHMETIC)
ALL_LDFLAGS = -pie -Wl,-z,relro,-z,now,--as-needed $(LDFLAGS)
LIBS = -lsodium -ljansson -ldeflate -lz -lm

LIBRARY_SOURCES = $(filter-out libcommon/comm/mpi/%,$(wildcard libcommon/*/*.c libcommon/*/*/*.c))
LIBRARY_OBJECTS = $(LIBRARY_SOURCES:%.c=$(BUILD)/%.o)
PROGRAMS = $(patsubst cmd/%.c,$(BUILD)/bin/%,$(wildcard cmd/*.c))
UNIT_TESTS = $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/*-test.c))
PAGES = $(wildcard man/*.[157])
PIPELINES = $(filter-out pipelines/demo.sh,$(wildcard pipelines/*.sh)) pipelines/train.sbatch # the demo is one of the source tree

# Ranks: a shared object beside the programs, where there is MPI. They open it when mpirun or srun has started them.
MPICC ?= mpicc
COMM_MPI = $(if $(shell command -v '$(MPICC)'),$(BUILD)/lib/rote/comm-mpi.so)

all: $(PROGRAMS) $(COMM_MPI)

$(BUILD)/lib/rote/comm-mpi.so: libcommon/comm/mpi/mpi.c libcommon/comm/comm.h libcommon/comm/kind.h $(BUILD)/flags
	@mkdir -p $(@D)
	@echo "  MPI  $@"
	@OMPI_CC='$(CC)' '$(MPICC)' $(ALL_CFLAGS) -fPIC -shared -o $@ $<

# The messages of ONNX, from its own description of them.
ONNX_PROTO ?= /usr/include/onnx/onnx.proto
GENERATED = $(BUILD)/generated
LIBRARY_OBJECTS += $(GENERATED)/onnx.pb-c.o

$(GENERATED)/onnx.pb-c.c: $(ONNX_PROTO)
	@mkdir -p $(@D)
	@echo "  GEN  $@"
	@protoc-c --c_out=$(@D) -I$(dir $<) $(notdir $<)

$(GENERATED)/onnx.pb-c.o: $(GENERATED)/onnx.pb-c.c $(BUILD)/flags
	@echo "  CC   $<"
	@$(CC) $(ALL_CFLAGS) -w -c -o $@ $<

ONNX_USERS = $(BUILD)/libcommon/release/onnx.o $(BUILD)/tests/unit/onnx-test.o
$(ONNX_USERS): private ALL_CFLAGS += -isystem $(GENERATED)
$(ONNX_USERS): | $(GENERATED)/onnx.pb-c.c

generated: $(GENERATED)/onnx.pb-c.c

$(BUILD)/bin/idx-fetch: LIBS += -lcurl
$(BUILD)/bin/ckpt-release: LIBS += -lprotobuf-c
$(BUILD)/bin/idx-pack $(BUILD)/bin/idx-show $(BUILD)/bin/nn-predict $(BUILD)/tests/picture-test $(BUILD)/tests/showing-test $(BUILD)/tests/fuzz/picture: LIBS += -lpng

$(BUILD)/bin/%: $(BUILD)/cmd/%.o $(BUILD)/libcommon.a
	@mkdir -p $(@D)
	@echo "  LD   $@"
	@$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/libcommon.a: $(LIBRARY_OBJECTS)
	@echo "  AR   $@"
	@rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	@echo "  CC   $<"
	@$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# Their plain loops are to become vectors; nobody looks at floating-point exceptions.
VECTORIZE = -O3 -fno-trapping-math
$(BUILD)/libcommon/base/random.o $(BUILD)/libcommon/engine/blas/%.o $(BUILD)/libcommon/engine/frame/%.o $(BUILD)/libcommon/engine/cpu/%.o: private ALL_CFLAGS += $(VECTORIZE)

# The tiles of engine/cpu, for each kind of processor that may be found where the programs run.
ifneq ($(findstring x86_64,$(shell $(CC) -dumpmachine)),)
$(BUILD)/libcommon/engine/cpu/tiles_avx2.o: private ALL_CFLAGS += -mavx2 -mfma
$(BUILD)/libcommon/engine/cpu/tiles_avx512.o: private ALL_CFLAGS += -mavx512f
endif

# Other flags than last time rebuild everything.
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(CC) $(ALL_CFLAGS) $(VECTORIZE)' | cmp -s - $@ || echo '$(CC) $(ALL_CFLAGS) $(VECTORIZE)' >$@

# Unit tests: each tests/unit/NAME-test.c is a program; the double build of engine/ref is for those that ask for it.
$(BUILD)/tests/%: $(BUILD)/tests/unit/%.o $(BUILD)/tests/unit/unit.o $(BUILD)/libcommon.a
	@mkdir -p $(@D)
	@echo "  LD   $@"
	@$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LIBS)

$(BUILD)/tests/torch-test: $(BUILD)/tests/unit/steps.o
$(BUILD)/tests/cpu-test $(BUILD)/tests/onnx-test: $(BUILD)/tests/unit/networks.o
$(BUILD)/tests/onnx-test: LIBS += -lprotobuf-c

# The loops of engine/ref once more with real = double, for the tests that hold them against mathematics.
DOUBLE_TESTS = $(BUILD)/tests/gradient-test $(BUILD)/tests/optimizer-test
DOUBLE_OBJECTS = $(patsubst %.c,$(BUILD)/double/%.o,$(filter-out %/ref.c,$(wildcard libcommon/engine/ref/*.c)))

$(BUILD)/double/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	@echo "  CC   $< (double)"
	@$(CC) $(ALL_CFLAGS) -DREF_DOUBLE -MMD -MP -c -o $@ $<

$(DOUBLE_TESTS): $(BUILD)/tests/%: $(BUILD)/double/tests/unit/%.o $(DOUBLE_OBJECTS) $(BUILD)/tests/unit/unit.o $(BUILD)/libcommon.a
	@mkdir -p $(@D)
	@echo "  LD   $@"
	@$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

# How fast the kernels are: tests/bench/peak.c is compiled for each kind of vectors that tiles_*.c are.
KERNELS = $(BUILD)/tests/bench/kernels
PEAKS = $(patsubst %,$(BUILD)/tests/bench/peak-%.o,generic avx2 avx512)
ifneq ($(findstring x86_64,$(shell $(CC) -dumpmachine)),)
$(BUILD)/tests/bench/peak-avx2.o: private ALL_CFLAGS += -mavx2 -mfma
$(BUILD)/tests/bench/peak-avx512.o: private ALL_CFLAGS += -mavx512f
endif

$(PEAKS): $(BUILD)/tests/bench/peak-%.o: tests/bench/peak.c $(BUILD)/flags
	@mkdir -p $(@D)
	@echo "  CC   $< ($*)"
	@$(CC) $(ALL_CFLAGS) -DPEAK=peak_$* -MMD -MP -c -o $@ $<

$(KERNELS): $(patsubst %,$(BUILD)/tests/bench/%.o,kernels loops measure) $(PEAKS) $(BUILD)/libcommon.a
	@mkdir -p $(@D)
	@echo "  LD   $@"
	@$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

bench: $(KERNELS)
	@$(KERNELS)

# What tests/fault lets fail: system calls, allocations, and what files and clocks say.
FAULTS = $(BUILD)/tests/fault/inject $(BUILD)/tests/fault/allocate.so $(BUILD)/tests/fault/meddle.so

$(BUILD)/tests/fault/inject: $(patsubst %,$(BUILD)/tests/fault/%.o,inject calls caller)
	@mkdir -p $(@D)
	@echo "  LD   $@"
	@$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^

$(BUILD)/tests/fault/%.so: tests/fault/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	@echo "  CC   $<"
	@$(CC) -std=c11 -D_GNU_SOURCE -O2 -fPIC -shared $(WARNINGS) -o $@ $<

unit-tests: $(UNIT_TESTS) $(KERNELS) $(FAULTS)

# Fuzzers: each tests/fuzz/NAME.c with clang's libFuzzer and its sanitizers, as is the part of the library that reads files.
# tests/fuzz/run.sh runs them.
FUZZERS = $(patsubst %.c,$(BUILD)/%,$(filter-out tests/fuzz/fuzz.c,$(wildcard tests/fuzz/*.c)))

$(BUILD)/readers.a: $(filter-out $(BUILD)/libcommon/engine/%,$(LIBRARY_OBJECTS))
	@echo "  AR   $@"
	@rm -f $@ && $(AR) rcs $@ $^

$(FUZZERS): $(BUILD)/tests/fuzz/%: $(BUILD)/tests/fuzz/%.o $(BUILD)/tests/fuzz/fuzz.o $(BUILD)/readers.a
	@echo "  LD   $@"
	@$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(LIBS)

# Inputs are kept for where they lead in the library, not in its tests.
$(BUILD)/tests/fuzz/%.o: private ALL_CFLAGS += -fno-sanitize=fuzzer-no-link

fuzzers: $(FUZZERS)

fuzz: all
	@$(MAKE) BUILD='$(BUILD)/fuzz' CC=clang VECTORIZE=-O0 \
	    CFLAGS='-O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined,float-cast-overflow -fno-sanitize-recover=all' fuzzers

# What the machine has is tested; tests/run.sh installs what is missing first, and tests more.
check: all unit-tests
	@BUILD='$(abspath $(BUILD))' tests/check.sh

check-long: all unit-tests
	@BUILD='$(abspath $(BUILD))' tests/check-long.sh

# What other people's programs make of our files; see tests/interop/README.md.
check-interop: all unit-tests
	@BUILD='$(abspath $(BUILD))' tests/interop/run.sh

# Completion for shells, made of the pages.
COMPLETED = $(patsubst man/%.1,%,$(wildcard man/*.1))

$(BUILD)/completion/rote.%: contrib/completion/rote.% contrib/completion/make.sh contrib/completion/options.awk $(PAGES)
	@mkdir -p $(@D)
	@echo "  GEN  $@"
	@contrib/completion/make.sh $* $(COMPLETED:%=man/%.1) >$@

install: all $(BUILD)/completion/rote.bash $(BUILD)/completion/rote.zsh
	install -d '$(DESTDIR)$(PREFIX)/bin' '$(DESTDIR)$(PREFIX)/share/rote/models' '$(DESTDIR)$(PREFIX)/share/rote/train' \
	    '$(DESTDIR)$(PREFIX)/share/rote/drill' '$(DESTDIR)$(PREFIX)/share/rote/report' '$(DESTDIR)$(PREFIX)/share/rote/runs'
	install $(PROGRAMS) '$(DESTDIR)$(PREFIX)/bin'
	for object in $(COMM_MPI); do \
	    install -d '$(DESTDIR)$(PREFIX)/lib/rote' && install -m 644 "$$object" '$(DESTDIR)$(PREFIX)/lib/rote' || exit; \
	done
	install $(PIPELINES) '$(DESTDIR)$(PREFIX)/share/rote'
	install -m 644 pipelines/train/* '$(DESTDIR)$(PREFIX)/share/rote/train'
	install -m 644 pipelines/drill/* '$(DESTDIR)$(PREFIX)/share/rote/drill'
	install -m 644 pipelines/report/* '$(DESTDIR)$(PREFIX)/share/rote/report'
	install -d '$(DESTDIR)$(PREFIX)/share/rote/search'
	install -m 644 pipelines/search/* '$(DESTDIR)$(PREFIX)/share/rote/search'
	install -m 644 pipelines/runs/* '$(DESTDIR)$(PREFIX)/share/rote/runs'
	install -m 644 pipelines/models/*.model '$(DESTDIR)$(PREFIX)/share/rote/models'
	ln -sf ../share/rote/train.sh '$(DESTDIR)$(PREFIX)/bin/rote-train'
	ln -sf ../share/rote/train.sbatch '$(DESTDIR)$(PREFIX)/bin/rote-train.sbatch'
	ln -sf ../share/rote/drill.sh '$(DESTDIR)$(PREFIX)/bin/rote-drill'
	ln -sf ../share/rote/report.sh '$(DESTDIR)$(PREFIX)/bin/rote-report'
	for name in compare search sweep; do ln -sf "../share/rote/$$name.sh" "$(DESTDIR)$(PREFIX)/bin/rote-$$name" || exit; done
	ln -sf ../share/rote/runs.sh '$(DESTDIR)$(PREFIX)/bin/rote-runs'
	for page in $(PAGES); do \
	    install -d "$(DESTDIR)$(PREFIX)/share/man/man$${page##*.}" && \
	    install -m 644 "$$page" "$(DESTDIR)$(PREFIX)/share/man/man$${page##*.}" || exit; \
	done
	install -d '$(DESTDIR)$(PREFIX)/share/bash-completion/completions' '$(DESTDIR)$(PREFIX)/share/zsh/site-functions'
	install -m 644 $(BUILD)/completion/rote.bash '$(DESTDIR)$(PREFIX)/share/bash-completion/completions/rote'
	for program in $(COMPLETED); do \
	    ln -sf rote "$(DESTDIR)$(PREFIX)/share/bash-completion/completions/$$program" || exit; \
	done
	install -m 644 $(BUILD)/completion/rote.zsh '$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_rote'
	install -d '$(DESTDIR)$(PREFIX)/lib/systemd/system'
	for unit in service timer; do \
	    sed 's|/usr/local/|$(PREFIX)/|' "contrib/systemd/rote-train@.$$unit" \
	        >"$(DESTDIR)$(PREFIX)/lib/systemd/system/rote-train@.$$unit" || exit; \
	done

clean:
	rm -rf '$(BUILD)'

.PHONY: all generated unit-tests bench fuzz fuzzers check check-long check-interop install clean FORCE
.DELETE_ON_ERROR:
.SECONDARY:

-include $(shell find $(BUILD) -type f -name '*.d' 2>/dev/null)
