# What every program does alike, for each one in cmd/: help, version, wrong command lines, and output that does not arrive.

bats_require_minimum_version 1.5.0
load helpers

setup_file() {
    local source
    PROGRAMS=
    for source in "$ROOT"/cmd/*.c; do
        PROGRAMS+=" $(basename "$source" .c)"
    done
    export PROGRAMS
}

# each COMMAND...: run it for every program, as $program; all are tried before the first that failed fails the test.
each() {
    local program failed=0
    for program in $PROGRAMS; do
        "$@" || { echo "with $program"; failed=1; }
    done
    return "$failed"
}

# with_option LETTER COMMAND...: run it, if the program has that option.
with_option() {
    "$program" -h | grep -q "^  -$1," || return 0
    shift
    "$@"
}

# refuses WITH OPTIONS...: a message on stderr that has WITH, nothing on stdout, and 64.
refuses() {
    local with=$1
    shift
    run -64 --separate-stderr "$program" "$@" </dev/null
    [[ $status == 64 && -z $output ]] && assert_error "$program: $with; '$program -h' prints how it is used"
}

help_is_printed() {
    run -0 --separate-stderr "$program" "$1"
    [[ $status == 0 && -z $stderr ]] && assert_output_has "usage: $program " && assert_output_has "man $program says more."
}

@test "-h and --help print how the program is used" {
    each help_is_printed -h
    each help_is_printed --help
}

version_is_printed() {
    run -0 --separate-stderr "$program" "$1"
    [[ $status == 0 && -z $stderr && $output =~ ^"$program (rote) "[0-9.]+$ ]]
}

@test "-V and --version print the version" {
    each version_is_printed -V
    each version_is_printed --version
}

help_fits() {
    "$program" -h | awk 'length > 140 { print; wide = 1 } END { exit wide }'
}

@test "help is not wider than a page" {
    each help_fits
}

@test "an unknown option is refused with 64" {
    each refuses '-Z: no such option' -Z
    each refuses '--no-such-thing: no such option, or not used so' --no-such-thing
}

@test "an option without its argument is refused with 64" {
    each with_option o refuses '-o: it needs an argument' -o
    each with_option t refuses '-t: it needs an argument' -t
}

needs_operands() {
    [[ $program != ckpt-best && $program != run-info ]] || return 0 # these read stdin, or the current directory, then
    run -64 --separate-stderr "$program" </dev/null
    [[ $status == 64 && -z $output && $stderr != *$'\n'* ]] && assert_error "'$program -h' prints how it is used"
}

@test "a command line without operands is refused with 64 and one line" {
    each needs_operands
}

@test "a number of threads that is none is refused with 64" {
    local wrong
    for wrong in 0 x -1 1.5 4097 99999999999999999999 ''; do
        each with_option t refuses "-t $wrong: not a number of threads from 1 to 4096" -t "$wrong"
    done
}

@test "a seed that is no number is refused with 64" {
    local wrong
    for wrong in x -1 1.5 18446744073709551616 ''; do
        each with_option s refuses "-s $wrong: not a whole number from 0 to 2^64 - 1" -s "$wrong"
    done
}

output_must_arrive() {
    run -74 bash -c "$program -h >/dev/full"
    [[ $status == 74 ]] && assert_error "$program: stdout: write: no space left on device" || return
    run -74 bash -c "$program -h >&-"
    [[ $status == 74 ]] && assert_error "$program: stdout: write: "
}

@test "output that does not arrive is an error, 74" {
    each output_must_arrive
}

runs_without_standard_descriptors() {
    bash -c "$program -V <&- >version 2>&-" && [[ $(cat version) == "$program (rote) "* ]]
}

@test "closed standard descriptors do no harm" {
    each runs_without_standard_descriptors
}

@test "a long option with an argument that it does not take is refused by its own name" {
    each refuses '--verbose=2: no such option, or not used so' --verbose=2
}

@test "output of which the last part finds no room is an error that says why, 74" {
    # Some lines more than fill the buffer of 8192 bytes, and less than fill it twice: its rest is written in part alone.
    # shellcheck disable=SC2046 # a name a word
    run -74 --separate-stderr bash -c 'trap "" XFSZ; ulimit -f 9; ckpt-info "$@" >out' bash \
        $(yes "$CKPT" | head -n "$((12000 / $(ckpt-info "$CKPT" | tail -n 1 | wc -c)))")
    [ "$(stat -c %s out)" -eq 9216 ]
    assert_error "ckpt-info: stdout: write: file too large"
}

@test "what is said of a write that failed is why that failed, not what failed later" {
    local name length
    for length in $(seq 5 10 245); do # where the buffer ends decides which write it is that fails
        name=$(printf "%${length}s" '' | tr ' ' x)
        cp "$CKPT" "$name"
        # shellcheck disable=SC2046 # a name a word
        run -74 --separate-stderr bash -c 'ckpt-info "$@" nowhere >/dev/full' bash $(yes "$name" | head -n 100)
        assert_error "ckpt-info: stdout: write: no space left on device"
    done
}
