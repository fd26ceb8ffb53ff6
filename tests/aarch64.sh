#!/bin/sh
# Build for aarch64 with Debian's cross compiler, and hold what it computes, under qemu, to tests/golden/digests.tsv; and engine/cpu, whose
# vectors are others there, to its unit tests.
#
# The libraries are Debian's arm64 packages. They are unpacked in $BUILD/aarch64 and nowhere installed: this takes no privileges, and
# the machine's own packages stay as they are. Without the tools, or without a mirror, it is a skipped test;
# `contrib/install-dependencies.sh long` gets the tools.
set -eu

cd "$(dirname "$0")/.."
mkdir -p "${BUILD:=build}/aarch64"
directory=$(cd "$BUILD/aarch64" && pwd)
root=$directory/root

skip() {
    echo "ok - the digests on aarch64 # skip $1"
    exit 0
}

# apt-get for arm64, with lists, packages and a state of its own.
apt_get() {
    mkdir -p "$directory/apt/lists/partial" "$directory/apt/cache/archives/partial"
    : >"$directory/apt/status"
    apt-get -qq -o APT::Architecture=arm64 -o APT::Architectures::=arm64 -o APT::Sandbox::User= -o Debug::NoLocking=1 \
        -o Dir::State="$directory/apt" -o Dir::State::status="$directory/apt/status" -o Dir::Cache="$directory/apt/cache" "$@"
}

make_root() {
    apt_get update && apt_get -y --no-install-recommends --download-only install \
        libc6-dev libcurl4-openssl-dev libdeflate-dev libjansson-dev libopenblas-pthread-dev libsodium-dev zlib1g-dev || return
    for package in "$directory"/apt/cache/archives/*.deb; do
        dpkg-deb -x "$package" "$root.new" || return
    done
    rm -rf "$directory/apt"
    mv "$root.new" "$root"
}

for tool in apt-get dpkg-deb aarch64-linux-gnu-gcc qemu-aarch64-static; do
    command -v "$tool" >/dev/null || skip "there is no $tool"
done
[ -d "$root" ] || make_root >&2 || skip 'the arm64 packages are not to be had'

export ROTE_EMULATOR=qemu-aarch64-static QEMU_LD_PREFIX="$root"
export CFLAGS="-O2 -I$root/usr/include/aarch64-linux-gnu/openblas-pthread" # cblas.h
compiler="aarch64-linux-gnu-gcc --sysroot=$root"
tests/golden-build.sh "$directory/build" CC="$compiler"
(unset MAKEFLAGS && make -s BUILD="$directory/build" CC="$compiler" "$directory/build/tests/tiles-test" "$directory/build/tests/cpu-test" >&2)
"$ROTE_EMULATOR" "$directory/build/tests/tiles-test"
"$ROTE_EMULATOR" "$directory/build/tests/cpu-test" 500
