#!/bin/sh
# golden-build.sh [-x] DIRECTORY [MAKE-ARGUMENT...]: build the programs of golden.sh in DIRECTORY and run it on them, for ref and cpu.
# With the option -x the build is one of another arithmetic, and it must show. CFLAGS stand in the environment, where the Makefile may
# add to them.
set -eu

cd "$(dirname "$0")/.."
other=0
if [ "$1" = -x ]; then
    other=1
    shift
fi
BUILD=$1
export BUILD
shift
unset MAKEFLAGS # of the make that runs check-long
make -s BUILD="$BUILD" "$@" "$BUILD/bin/nn-init" "$BUILD/bin/nn-train-epoch" "$BUILD/bin/nn-eval" "$BUILD/bin/ckpt-info" >&2
if [ "$other" -eq 0 ]; then
    tests/golden.sh
    ROTE_DEVICE=cpu exec tests/golden.sh
fi
if shown=$(tests/golden.sh 2>&1); then
    echo "not ok - no network shows that this is another arithmetic"
    exit 1
fi
echo "$shown" | sed -n 's/^not ok - \([^ ]*\).*/ok - \1 shows that this is another arithmetic/p'
