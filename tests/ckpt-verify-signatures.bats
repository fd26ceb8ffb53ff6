# ckpt-verify -p: signatures of minisign, by minisign and by ckpt-release, and each thing that can be wrong with one.
bats_require_minimum_version 1.5.0
load helpers
load checkpoints

# A key pair "own" and another, "other", neither encrypted; `net`, a release, signed by minisign.
setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    minisign -G -W -p own.pub -s own.key
    minisign -G -W -p other.pub -s other.key
    make_small epoch.safetensors
    ckpt-release -o net epoch.safetensors
    minisign -S -s own.key -m net -t 'for the exhibition' -c 'anybody may write this'
}

setup() {
    cp -r "$BATS_FILE_TMPDIR"/. "$BATS_TEST_TMPDIR"
    cd "$BATS_TEST_TMPDIR" || return
}

# is STATE COLUMN=VALUE...: what the last run says of its only file.
is() {
    local state=$1 wanted
    shift
    for wanted in "state=$state" "$@"; do
        column=${wanted%%=*} value=${wanted#*=} awk -F '\t' '
            /^#/ { sub(/^#/, ""); for (i = 1; i <= NF; i++) at[$i] = i; next }
            $at[ENVIRON["column"]] != ENVIRON["value"] { print ENVIRON["column"] " is " $at[ENVIRON["column"]]; failed = 1 }
            END { exit failed }' <<<"$output" || return
    done
}

# name_of FILE: the name of a public key. Early versions of minisign write it without the zeros that it may begin with.
name_of() {
    sed -n 's/.*minisign public key //p' "$1" | awk '{ zeros = "0000000000000000"; print substr(zeros, 1, 16 - length) $0 }'
}

@test "what minisign signed is good, with the name of its key and the trusted comment" {
    run -0 ckpt-verify -p own.pub net
    [ "${lines[0]}" = $'#path\tstate\tkey\tcomment\treason' ]
    [ "${lines[1]}" = $'net\tgood\t'"$(name_of own.pub)"$'\tfor the exhibition\tnone' ]
    run -0 ckpt-verify -j --public-key own.pub net
    assert_output_has '{"path":"net","state":"good","key":"'"$(name_of own.pub)"'","comment":"for the exhibition","reason":null}'
}

@test "a key may be given as its line" {
    run -0 ckpt-verify -p "$(tail -n 1 own.pub)" net
    is good
}

@test "a signature of the file itself, as old versions made them, is good" {
    minisign -S -l -s own.key -m net
    run -0 ckpt-verify -p own.pub net
    is good
    echo >>net
    run -1 --separate-stderr ckpt-verify -p own.pub net
    is other-file
}

@test "any file may be signed: an empty one, one with any name" {
    : >empty
    echo >$'new\nline'
    for file in empty $'new\nline'; do
        minisign -S -s own.key -m "$file" -t any
        run -0 ckpt-verify -p own.pub "$file"
        printf x >>"$file"
        run -1 --separate-stderr ckpt-verify -p own.pub "$file"
        is other-file
    done
}

@test "a file that is larger than the memory is verified" {
    skip_sanitized
    truncate -s 100M large
    minisign -S -s own.key -m large
    (ulimit -v 80000 && ckpt-verify -p own.pub large)
}

@test "what ckpt-release signed is good, to minisign, too" {
    ckpt-release --sign own.key -o ours epoch.safetensors
    run -0 ckpt-verify -p own.pub ours
    is good "comment=file=ours checkpoint=$(digest_of epoch.safetensors)"
    minisign -V -H -p own.pub -m ours
}

@test "another key is told, with both names" {
    run -1 --separate-stderr ckpt-verify -p other.pub net
    is other-key "key=$(name_of own.pub)" comment=none
    assert_error "ckpt-verify: net: verify: it is signed by the key $(name_of own.pub), not by $(name_of other.pub)"
    run ! minisign -V -p other.pub -m net
}

@test "a name has 16 digits, also where it begins with zeros" {
    key=$({ printf 'Ed\xef\xcd\xab\x00\x00\x00\x00\x00' && head -c 32 /dev/zero; } | base64 -w 0)
    run -1 --separate-stderr ckpt-verify -p "$key" net
    is other-key
    assert_error "not by 0000000000ABCDEF"
}

@test "a file that was changed, cut, made longer or exchanged is told" {
    cp net whole
    for change in 'change_byte net 9' 'truncate -s -1 net' 'printf x >>net' 'cp epoch.safetensors net' ': >net'; do
        cp whole net
        eval "$change"
        run -1 --separate-stderr ckpt-verify -p own.pub net
        is other-file "key=$(name_of own.pub)" comment=none
        assert_error 'ckpt-verify: net: verify: it is not what was signed'
        run ! minisign -V -p own.pub -m net
    done
}

@test "a trusted comment that was changed is told, one that is not trusted may be" {
    sed -i '1s/anybody/somebody/' net.minisig
    ckpt-verify -p own.pub net
    minisign -V -p own.pub -m net
    for change in '3s/exhibition/dustbin/' '3s/$/ /' '3s/: .*/: /'; do
        cp "$BATS_FILE_TMPDIR/net.minisig" .
        sed -i "$change" net.minisig
        run -1 --separate-stderr ckpt-verify -p own.pub net
        is other-comment comment=none
        assert_error 'ckpt-verify: net.minisig: verify: its trusted comment was changed since it was signed'
        run ! minisign -V -p own.pub -m net
    done
}

@test "the trusted comment of another signature by the same key is not this one's" {
    minisign -S -s own.key -m epoch.safetensors -t 'best ever'
    sed -n 3,4p epoch.safetensors.minisig >rest
    { head -n 2 net.minisig && cat rest; } >mixed
    mv mixed net.minisig
    run -1 --separate-stderr ckpt-verify -p own.pub net
    is other-comment
}

@test "a signature that is cut short anywhere, empty or no signature at all is invalid" {
    local size
    size=$(stat -c %s net.minisig)
    cp net.minisig whole
    for ((length = 0; length < size - 1; length += 7)); do
        head -c "$length" whole >net.minisig
        run -1 --separate-stderr ckpt-verify -p own.pub net
        is invalid key=none comment=none
        assert_error 'ckpt-verify: net.minisig: read: it is no signature of minisign, or not a whole one'
    done
    for other in own.pub own.key net /dev/null; do
        cat $other >net.minisig
        run -1 --separate-stderr ckpt-verify -p own.pub net
        is invalid
    done
}

@test "a signature that is no file holds nobody up" {
    rm net.minisig
    mkfifo net.minisig
    run -1 --separate-stderr timeout 20 ckpt-verify -p own.pub net
    is invalid
    assert_error 'ckpt-verify: net.minisig: open: it is no file'
}

@test "a missing signature is told apart from a missing file" {
    rm net.minisig
    run -1 --separate-stderr ckpt-verify -p own.pub net
    is missing key=none
    assert_error 'ckpt-verify: net.minisig: open: no such file or directory'
    run -66 --separate-stderr ckpt-verify -p own.pub nothing
    is unreadable
    assert_error 'ckpt-verify: nothing: open: no such file or directory'
    mkdir directory
    run -66 --separate-stderr ckpt-verify -p own.pub directory
    assert_error 'ckpt-verify: directory: open: it is a directory'
}

@test "what cannot be read is no verdict, and the other files are reported all the same" {
    ln -s /proc/self/mem bad
    cp net.minisig bad.minisig
    cp net good
    ln -s /proc/self/mem good.minisig
    cp net net2
    run -74 --separate-stderr ckpt-verify -p own.pub bad good net2 net
    [[ $(awk -F '\t' '!/^#/ { printf "%s=%s ", $1, $2 }' <<<"$output") == 'bad=unreadable good=unreadable net2=missing net=good ' ]]
}

@test "control characters of a trusted comment do nothing to a terminal" {
    minisign -S -s own.key -m net -t $'\e]0;owned\a\xe2\x80\xae'
    run -0 ckpt-verify -p own.pub net
    is good 'comment=\x1b]0;owned\x07\xe2\x80\xae'
    [[ $output != *$'\e'* ]]
}

@test "what is no public key is refused before anything is looked at" {
    for key in own.key net net.minisig /dev/null "$(tail -n 1 own.pub | cut -c 1-55)"; do
        run ! --separate-stderr ckpt-verify -p "$key" net
        [ "$output" = '' ]
        ((status == 65 || status == 66))
    done
    run -65 --separate-stderr ckpt-verify -p own.key net
    assert_error 'ckpt-verify: own.key: read: it is no public key of minisign'
    run -66 --separate-stderr ckpt-verify -p nowhere.pub net
    assert_error 'ckpt-verify: nowhere.pub: open: no such file or directory'
}

@test "a question is asked alone, and of files" {
    for other in --sums --chain '--replay x'; do
        # shellcheck disable=SC2086 # words
        run -64 ckpt-verify -p own.pub $other net
        assert_error 'ask one at a time'
    done
    run -64 ckpt-verify -p own.pub -
    assert_error 'about files that have a name'
}
