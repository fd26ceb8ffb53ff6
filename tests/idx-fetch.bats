# idx-fetch: right files, or none; from mirrors, folders and Debian's package; whatever servers do.
bats_require_minimum_version 1.5.0
load helpers

PACKAGE=/usr/share/datasets/fashion-mnist
NAMES=(train-images-idx3-ubyte train-labels-idx1-ubyte t10k-images-idx3-ubyte t10k-labels-idx1-ubyte)

# A server on loopback (tests/http-server.py says what it can do), with a file of 150000 bytes and the package's.
setup_file() {
    export SERVED=$BATS_FILE_TMPDIR/served LOG=$BATS_FILE_TMPDIR/log no_proxy='*'
    mkdir "$SERVED"
    ln -s "$PACKAGE" "$SERVED/fashion"
    seq 10000 34999 >"$SERVED/numbers"
    SUM=$(sha256_of "$SERVED/numbers")
    python3 "$ROOT/tests/http-server.py" "$SERVED" "$BATS_FILE_TMPDIR/port" "$LOG" 3>&- &
    export SUM SERVER=$!
    wait_for test -e "$BATS_FILE_TMPDIR/port"
    URL=http://127.0.0.1:$(cat "$BATS_FILE_TMPDIR/port")
    export URL
}

teardown_file() {
    kill "$SERVER"
}

# Look again until the command succeeds, for at most a minute.
wait_for() {
    local end=$((SECONDS + 60))
    until "$@"; do
        ((SECONDS < end)) || return
        sleep 0.01
    done
}

sha256_of() {
    sha256sum "$1" | cut -c 1-64
}

size_of() {
    stat -c %s "$1"
}

# How the server was asked by the last test, as "RANGE RANGE ..."; a range that is the whole file is "-".
asked_ranges() {
    cut -d ' ' -f 2 "$LOG" | tr '\n' ' '
}

fetch() {
    : >"$LOG"
    idx-fetch -c "$SUM" -o numbers "$@"
}

assert_fetched() {
    assert_same numbers "$SERVED/numbers"
    assert_missing .numbers.download
    assert_no_leftovers
}

assert_nothing_fetched() {
    assert_missing numbers
    assert_missing .numbers.download
    assert_no_leftovers
}

# The set is whole in DIRECTORY.
assert_fashion() {
    local name
    for name in "${NAMES[@]}"; do
        gzip -cd "$PACKAGE/$name.gz" | cmp - "$1/$name" || return
    done
    [[ $(find "$1" -type f | wc -l) == 4 ]]
}

# A fetch that waits for bytes that do not come, with 40000 there; $! is its process.
start_fetch() {
    idx-fetch -c "$SUM" -o numbers "$URL/hang/numbers" 3>&- &
    wait_for has_portion
}

has_portion() {
    [[ -e .numbers.download && $(size_of .numbers.download) == 40000 ]]
}

@test "the list has a record for each known set" {
    run -0 --separate-stderr idx-fetch -l
    [[ ${lines[0]} == "#name	files	licence	source	package" ]]
    [[ $(cut -f 1 <<<"$output") == $'#name\nmnist\nfashion-mnist\nkmnist' ]]
    run -0 idx-fetch -l -j
    assert_output_has '{"name":"mnist","files":"train-images-idx3-ubyte train-labels-idx1-ubyte'
}

@test "a set comes from Debian's package when no mirror answers, and none is asked twice" {
    run -0 idx-fetch -m http://127.0.0.1:1/ fashion-mnist
    [[ $(grep -c '127.0.0.1:1/' <<<"$output") == 1 ]]
    assert_output_has "fashion-mnist/train-images-idx3-ubyte: fetched from $PACKAGE/train-images-idx3-ubyte.gz"
    assert_fashion fashion-mnist
}

@test "a set comes from a mirror by http, unpacked" {
    idx-fetch -m "$URL/whole/fashion" fashion-mnist
    assert_fashion fashion-mnist
}

@test "a set comes from a mirror by file, with a slash at its end or without" {
    idx-fetch -o a -m "file://$PACKAGE" fashion-mnist
    idx-fetch -o b -m "file://$PACKAGE/" fashion-mnist
    assert_fashion a
    assert_fashion b
}

@test "a set comes from a local folder, whose files are not compressed" {
    idx-fetch -o a -m "$PACKAGE" fashion-mnist
    run -0 idx-fetch -o made/for/it -m a fashion-mnist
    assert_output_has "made/for/it/t10k-labels-idx1-ubyte: fetched from a/t10k-labels-idx1-ubyte"
    assert_fashion made/for/it
}

@test "the next mirror is asked for what one does not have, spoils or breaks off" {
    : >"$LOG"
    idx-fetch -m nowhere -m "$URL/none" -m "$URL/broken/fashion" -m "$URL/wrong/fashion" -m "$URL/whole/fashion" fashion-mnist
    assert_fashion fashion-mnist
    grep -q "^/whole/fashion/train-images-idx3-ubyte.gz -" "$LOG"
}

@test "the second time there is nothing to do, nothing is asked and nothing changes" {
    idx-fetch -m "$URL/whole/fashion" fashion-mnist
    stat -c '%n %i %y %z' fashion-mnist fashion-mnist/* >before
    : >"$LOG"
    run -0 idx-fetch -m "$URL/whole/fashion" fashion-mnist
    assert_output_has "fashion-mnist/t10k-labels-idx1-ubyte: it is there and right"
    [[ ! -s $LOG ]]
    stat -c '%n %i %y %z' fashion-mnist fashion-mnist/* | cmp - before
}

@test "only what is missing is fetched" {
    idx-fetch -m "$PACKAGE" fashion-mnist
    rm fashion-mnist/t10k-labels-idx1-ubyte
    : >"$LOG"
    idx-fetch -m "$URL/whole/fashion" fashion-mnist
    assert_fashion fashion-mnist
    [[ $(cat "$LOG") == "/whole/fashion/t10k-labels-idx1-ubyte.gz -" ]]
}

@test "another file of a name is left alone, before anything is fetched; -f replaces it" {
    mkdir fashion-mnist
    echo mine >fashion-mnist/t10k-labels-idx1-ubyte
    run -73 idx-fetch -m "$PACKAGE" fashion-mnist
    assert_error "fashion-mnist/t10k-labels-idx1-ubyte: fetch: something else of that name is there; -f replaces it"
    [[ $(ls fashion-mnist) == t10k-labels-idx1-ubyte && $(cat fashion-mnist/*) == mine ]]
    idx-fetch -f -m "$PACKAGE" fashion-mnist
    assert_fashion fashion-mnist
}

@test "several sets are fetched, and one that fails does not keep the others away" {
    run -69 idx-fetch -m http://127.0.0.1:1/ mnist fashion-mnist
    assert_error "mnist/train-images-idx3-ubyte: fetch: no source has given it"
    assert_fashion fashion-mnist
}

@test "a set that no mirror has is unavailable" {
    run -69 idx-fetch -m "$URL/none" mnist
    assert_error "$URL/none/train-images-idx3-ubyte"
    assert_missing mnist/train-images-idx3-ubyte
}

@test "a set that a folder does not have is missing input" {
    run -66 idx-fetch -m "$SERVED" mnist
    assert_error "$SERVED/train-images-idx3-ubyte: open: no such file or directory"
}

@test "the files of another set are refused, and a mirror that sends without end is left" {
    run -65 idx-fetch -m "$PACKAGE" mnist
    assert_error "$PACKAGE/train-images-idx3-ubyte.gz: check: its SHA-256 is c59f468a"
    run -65 idx-fetch -m "$URL/endless/fashion" mnist
    assert_error "and cannot be the right one"
    [[ -z $(find mnist -type f) ]]
}

@test "a gzip file that is damaged is refused" {
    mkdir damaged
    head -c 20000 "$PACKAGE/train-labels-idx1-ubyte.gz" >damaged/train-images-idx3-ubyte.gz
    run -65 idx-fetch -m damaged mnist
    assert_error "damaged/train-images-idx3-ubyte.gz: unpack: cut short"
    [[ -z $(find mnist -type f) ]]
}

@test "a dry run says what would be fetched and makes nothing" {
    : >"$LOG"
    run -0 idx-fetch -n -m "$URL/whole/fashion" fashion-mnist
    assert_output_has "fashion-mnist/train-images-idx3-ubyte: would be fetched from $URL/whole/fashion/train-images-idx3-ubyte.gz"
    assert_missing fashion-mnist
    [[ ! -s $LOG ]]
}

@test "quiet is quiet" {
    run -0 fetch -q "$URL/whole/numbers"
    [[ -z $output ]]
    run -0 fetch -q "$URL/whole/numbers"
    [[ -z $output ]]
}

@test "progress is shown on a terminal only" {
    skip_without_terminal
    run -0 fetch "$URL/whole/numbers"
    [[ $output != *" MB"* && $output != *$'\r'* ]]
    rm numbers
    run -0 script -qec "idx-fetch -c $SUM -o numbers $URL/whole/numbers" /dev/null
    assert_output_has " of 0 MB"
}

@test "a URL with its digest is fetched, and is not fetched again" {
    run -0 fetch "$URL/whole/numbers"
    assert_fetched
    run -0 fetch "$URL/whole/numbers"
    assert_output_has "numbers: it is there and right"
    [[ ! -s $LOG ]]
}

@test "a file URL and a path will do" {
    fetch "file://$SERVED/numbers"
    assert_fetched
    rm numbers
    fetch "$SERVED/numbers"
    assert_fetched
}

@test "wrong bytes are refused and thrown away" {
    run -65 fetch "$URL/wrong/numbers"
    assert_error "$URL/wrong/numbers: check: its SHA-256 is "
    assert_error ", not $SUM"
    assert_nothing_fetched
}

@test "what is not there is unavailable by http, and missing by file" {
    run -69 fetch "$URL/whole/no-numbers"
    assert_error "$URL/whole/no-numbers: fetch: the requested URL returned error: 404"
    assert_nothing_fetched
    run -66 fetch "file://$SERVED/no-numbers"
    assert_error "file://$SERVED/no-numbers: fetch: couldn't open file"
    assert_nothing_fetched
}

@test "a server that does not answer, or fails, is unavailable" {
    run -69 fetch http://127.0.0.1:1/numbers
    assert_error "http://127.0.0.1:1/numbers: fetch: failed to connect"
    run -69 fetch "$URL/broken/numbers"
    assert_error "error: 500"
    assert_nothing_fetched
}

@test "redirections are followed, but not to files and not for ever" {
    fetch "$URL/redirect/numbers"
    assert_fetched
    rm numbers
    run -69 fetch "$URL/leave/numbers"
    assert_nothing_fetched
    run -69 fetch "$URL/loop/numbers"
    assert_error "redirects"
    assert_nothing_fetched
}

@test "a connection that breaks is taken up where it broke" {
    fetch "$URL/drop/numbers"
    assert_fetched
    [[ $(asked_ranges) == "- bytes=40000- bytes=80000- bytes=120000- " ]]
}

@test "a fetch that was killed goes on where it was" {
    start_fetch
    kill -KILL $!
    status=0
    wait $! || status=$?
    [[ $status == 137 ]]
    assert_missing numbers
    fetch "$URL/hang/numbers"
    assert_fetched
    [[ $(asked_ranges) == "bytes=40000- " ]]
}

@test "what a killed fetch left goes once the file is there, and what a living one works on does not" {
    fetch "$URL/whole/numbers"
    echo torn | tee .numbers.download >.numbers.abcdef.tmp
    fetch -n "$URL/whole/numbers"
    flock .numbers.download env idx-fetch -c "$SUM" -o numbers "$URL/whole/numbers"
    [[ -e .numbers.download ]]
    fetch "$URL/whole/numbers"
    assert_fetched
    echo torn >.again.download
    idx-fetch -c "$SUM" -o again "$SERVED/numbers"
    [[ $(ls -A) == $'again\nnumbers' ]]
}

@test "a fetch that was told to end leaves nothing but the part that it has" {
    start_fetch
    kill -TERM $!
    status=0
    wait $! || status=$?
    [[ $status == 143 ]]
    [[ $(ls -A) == .numbers.download ]]
    fetch "$URL/whole/numbers"
    assert_fetched
}

@test "two do not fetch the same file at once" {
    start_fetch
    run -75 fetch "$URL/whole/numbers"
    assert_error "numbers: fetch: another process is fetching it"
    kill $!
}

@test "a part is of no use to a server without ranges, which sends all of it" {
    head -c 70000 "$SERVED/numbers" >.numbers.download
    fetch "$URL/plain/numbers"
    assert_fetched
    [[ $(asked_ranges) == "bytes=70000- - " ]]
}

@test "a part that is the whole is asked for no more, and one that is too long is thrown away" {
    cp "$SERVED/numbers" .numbers.download
    fetch "$URL/whole/numbers"
    assert_fetched
    rm numbers
    cat "$SERVED/numbers" "$SERVED/numbers" >.numbers.download
    fetch "$URL/whole/numbers"
    assert_fetched
    rm numbers
    cat "$SERVED/numbers" "$SERVED/numbers" >.numbers.download
    fetch "file://$SERVED/numbers"
    assert_fetched
}

@test "of a known set a part that is longer than its file can be is asked for from the beginning" {
    mkdir fashion-mnist
    head -c 2000000 /dev/zero >fashion-mnist/.t10k-labels-idx1-ubyte.download
    : >"$LOG"
    idx-fetch -m "$URL/whole/fashion" fashion-mnist
    assert_fashion fashion-mnist
    [[ $(asked_ranges) == '- - - - ' ]]
}

@test "a part that proves wrong is thrown away, and all is fetched once more" {
    head -c 70000 /dev/zero >.numbers.download
    fetch "$URL/whole/numbers"
    assert_fetched
    [[ $(asked_ranges) == "bytes=70000- - " ]]
    rm numbers
    head -c 70000 /dev/zero >.numbers.download
    run -65 fetch "$URL/wrong/numbers"
    [[ $(asked_ranges) == "bytes=70000- - " ]]
    assert_nothing_fetched
}

@test "a part that is a link is not written through" {
    echo precious >elsewhere
    ln -s elsewhere .numbers.download
    run -73 fetch "$URL/whole/numbers"
    assert_error "./.numbers.download: create:"
    [[ $(cat elsewhere) == precious ]]
}

@test "another file is not replaced without -f" {
    echo mine >numbers
    run -73 fetch "$URL/whole/numbers"
    assert_error "numbers: fetch: something else of that name is there; -f replaces it"
    [[ $(cat numbers) == mine && ! -s $LOG ]]
    fetch -f "$URL/whole/numbers"
    assert_fetched
}

# shellcheck disable=SC2016 # bash is to expand it
@test "a full disk is an error, and what there was room for is kept" {
    run -74 bash -c 'ulimit -f 100; exec idx-fetch -c "$SUM" -o numbers "$URL/whole/numbers"'
    assert_error ".numbers.download: write: file too large"
    assert_missing numbers
    fetch "$URL/whole/numbers"
    assert_fetched
}

@test "a directory that cannot be made is an error" {
    echo >file
    run -73 idx-fetch -o file/fashion -m "$PACKAGE" fashion-mnist
    assert_error "idx-fetch: file: create: file exists"
    run -73 idx-fetch -o file -m "$PACKAGE" fashion-mnist
    assert_error "idx-fetch: file: create: file exists"
}

@test "wrong command lines are refused" {
    run -64 idx-fetch
    assert_error "no data set is named"
    run -64 idx-fetch fasion-mnist
    assert_error "fasion-mnist: no known data set; the nearest is fashion-mnist"
    run -64 idx-fetch -n mnist imagenet-22k
    assert_error "imagenet-22k: no known data set: -l lists them"
    run -64 idx-fetch -o data mnist kmnist
    assert_error "-o data: it can hold one data set"
    run -64 idx-fetch -m ftp://127.0.0.1/ mnist
    assert_error "ftp://127.0.0.1/"
    run -64 idx-fetch -l mnist
    run -64 idx-fetch -c "${SUM^^}" -o numbers "$URL/whole/numbers"
    assert_error "a SHA-256 is 64 digits from 0 to 9 and a to f"
    run -64 idx-fetch -c "$SUM" "$URL/whole/numbers"
    run -64 idx-fetch -c "$SUM" -o numbers "$URL/whole/numbers" "$URL/whole/numbers"
    run -64 idx-fetch -c "$SUM" -o numbers ftp://127.0.0.1/numbers
    assert_missing numbers
}

# The header that Debian's packing lost (RFC 1952: flags, time, name) makes them the authors' again.
@test "the pins of fashion-mnist are of the files whose .gz the cited source lists" {
    local expected=(3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84
        a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845
        346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073
        67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5)
    local times=('\xde\xe9\xa7\x59' '\xde\xe9\xa7\x59' '\xf3\xe9\xa7\x59' '\xf3\xe9\xa7\x59') i
    for i in 0 1 2 3; do
        {
            printf '\x1f\x8b\x08\x08%b\x00\x03%s\0' "${times[i]}" "${NAMES[i]}"
            tail -c +11 "$PACKAGE/${NAMES[i]}.gz"
        } >authors.gz
        [[ $(sha256_of authors.gz) == "${expected[i]}" ]]
    done
}

@test "what the transfer library says keeps its abbreviations" {
    run -69 idx-fetch -c "$(printf '%064d' 0)" -o file 'http://a b/'
    assert_error "idx-fetch: http://a b/: fetch: URL "
}

@test "a directory may end in a slash" {
    run -0 idx-fetch -n -o data/ mnist
    assert_error "idx-fetch: data/train-images-idx3-ubyte: would be fetched from"
}
