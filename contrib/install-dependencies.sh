#!/bin/sh
# install-dependencies.sh [build|test|long|demo|report] - install the Debian packages that rote needs and this machine lacks (default: build)
#
# What is needed is looked for itself, not by its package, so that it may come from anywhere; where all is there, no package tool is
# touched. With the option -n it only says what is missing: status 1 if anything is.
set -eu

name=${0##*/}

# Does a C program find this header and this library?
compiles() {
    echo "#include <$1>
int main(void) { return 0; }" | gcc -x c - -o /dev/null "-l$2" 2>/dev/null
}

# Can clang link a fuzzer?
fuzzes() {
    echo 'int LLVMFuzzerTestOneInput(void) { return 0; }' | clang -x c -fsanitize=fuzzer -o /dev/null -
}

# need PACKAGE REASON COMMAND...: the package is missing if the command fails.
missing=''
need() {
    package=$1 reason=$2
    shift 2
    "$@" >/dev/null 2>&1 && return
    echo "$name: $package is missing: $reason" >&2
    missing="$missing $package"
}

need_build() {
    need gcc 'the compiler' command -v gcc
    need libc6-dev 'the headers of the C library' compiles stdio.h m
    need make 'to build' command -v make
    need libsodium-dev 'digests of checkpoints and data' compiles sodium.h sodium
    need libjansson-dev 'the header of a checkpoint' compiles jansson.h jansson
    need zlib1g-dev 'compressed data sets' compiles zlib.h z
    need libdeflate-dev 'to unpack them fast' compiles libdeflate.h deflate
    need libopenblas-dev 'matrix products' compiles cblas.h openblas
    need libpng-dev 'pictures' compiles png.h png
    need libcurl4-openssl-dev 'to fetch data sets' compiles curl/curl.h curl
    need libonnx-dev 'what a release as ONNX consists of' test -r /usr/include/onnx/onnx.proto
    need protobuf-c-compiler 'to make C of that' command -v protoc-c
    need libprotobuf-c-dev 'to write it' compiles protobuf-c/protobuf-c.h protobuf-c
    need libopenmpi-dev 'ranks on several machines' command -v mpicc
}

need_data() {
    need dataset-fashion-mnist "$1" test -r /usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz
}

need_test() {
    need_data 'the pictures that the tests train with'
    need clang 'the other compiler' command -v clang
    need libclang-rt-14-dev 'what fuzzers are linked with' fuzzes
    need clang-tidy 'to look for mistakes' command -v clang-tidy
    need clang-format 'to look at the layout' command -v clang-format
    need bats 'to run the suites of the programs' command -v bats
    need shellcheck 'to look at the shell files' command -v shellcheck
    need mandoc 'to look at the man pages' command -v mandoc
    need python3 'the server that the fetching of data is tried on' command -v python3
    need python3-venv 'to have packages of Python for tests/interop' python3 -c 'import ensurepip'
    need busybox 'another shell, and other tools, to run rote-train in' command -v busybox
    need minisign 'to make and check signatures by another hand' command -v minisign
    need procps 'to find a process by what it does' command -v pgrep
    need strace 'to see which files a program opens' command -v strace
    need zsh 'to try the completion that is made for it' command -v zsh
    need logrotate 'to try the example for it' test -x /usr/sbin/logrotate
    need time 'to measure, in tests/bench' test -x /usr/bin/time
    need slurmctld 'a cluster to run jobs on, in tests/slurm' test -x /usr/sbin/slurmctld
    need slurmd 'its nodes' test -x /usr/sbin/slurmd
    need slurm-client 'to give it jobs' command -v sbatch
    need munge 'by which its parts know each other' test -x /usr/sbin/munged
    need iproute2 'to give it a network' test -x /sbin/ip
    need openmpi-bin 'to start ranks' command -v mpirun
}

need_report() {
    need gnuplot-nox 'to draw the curves of rote-report' command -v gnuplot
}

need_long() {
    need gcc-aarch64-linux-gnu 'the compiler for another processor' command -v aarch64-linux-gnu-gcc
    need qemu-user-static 'to run what it makes' command -v qemu-aarch64-static
    need chromium 'to look at the page of rote-report' command -v chromium
}

need_demo() {
    need_data 'the pictures to learn, should no mirror answer'
    need ca-certificates 'to trust a mirror' test -e /etc/ssl/certs/ca-certificates.crt
}

install_missing() {
    root=''
    if ! command -v apt-get >/dev/null; then
        echo "$name: this is not Debian: install what is missing by the means of your system" >&2
        exit 69
    fi
    if [ "$(id -u)" -ne 0 ]; then
        root=sudo
        if ! command -v sudo >/dev/null; then
            echo "$name: there is no sudo: become root and type: apt-get install$missing" >&2
            exit 69
        fi
    fi
    echo "$name: installing$missing, which may take some minutes" >&2
    $root apt-get -qq -o DPkg::Lock::Timeout=120 update || echo "$name: going on with the lists of packages that are there" >&2
    # shellcheck disable=SC2086 # names of packages
    $root env DEBIAN_FRONTEND=noninteractive \
        apt-get -qq -y --no-install-recommends -o DPkg::Lock::Timeout=120 install $missing >/dev/null || exit 69
}

act=install_missing
if [ "${1-}" = -n ]; then
    act='exit 1'
    shift
fi
case ${1-build} in
build) need_build ;;
test) need_build && need_test && need_report ;;
long) need_build && need_test && need_report && need_long ;;
demo) need_build && need_demo ;;
report) need_report ;;
*)
    echo "$name: $1: no such purpose; usage: $name [-n] [build|test|long|demo|report]" >&2
    exit 64
    ;;
esac
[ -z "$missing" ] || $act
