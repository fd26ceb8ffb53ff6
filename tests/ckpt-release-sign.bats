# ckpt-release --sign: with keys of minisign, encrypted ones too, for minisign to check; and what becomes of a terminal that is asked on.
# shellcheck disable=SC2154 # bats sets stderr
bats_require_minimum_version 1.5.0
load helpers
load checkpoints

# "plain" is a key pair that is not encrypted, "locked" one under the password "open sesame".
setup_file() {
    skip_without_terminal
    cd "$BATS_FILE_TMPDIR" || return
    minisign -G -W -p plain.pub -s plain.key
    "$ROOT/tests/terminal.py" '=open sesame' '=open sesame' -- minisign -G -p locked.pub -s locked.key
    make_small epoch.safetensors
}

setup() {
    cp -r "$BATS_FILE_TMPDIR"/. "$BATS_TEST_TMPDIR"
    cd "$BATS_TEST_TMPDIR" || return
}

# at_terminal STEP... -- COMMAND...: as terminal.py says, which waits for the prompt.
at_terminal() {
    "$ROOT/tests/terminal.py" "$@"
}

@test "minisign checks what was signed, in every format, and reads the trusted comment" {
    nn-train-epoch -q -d ref -o one.safetensors "$CKPT" "$DATA/train"
    nn-eval -q -d ref "$DATA/test" one.safetensors >test.tsv
    for out in net.safetensors net.onnx net.c; do
        format=${out#*.}
        ckpt-release -F "$format" --records test.tsv --sign plain.key -o "$out" one.safetensors
        run -0 minisign -V -H -p plain.pub -m "$out"
        assert_output_has "file=$out checkpoint=$(digest_of one.safetensors) "
        assert_output_has 'test.accuracy='
    done
    minisign -V -p plain.pub -m net.h
    ckpt-verify -p plain.pub net.safetensors net.onnx net.c net.h
}

@test "the signature is a function of the key and of what is signed" {
    ckpt-release --sign plain.key -o net epoch.safetensors
    mkdir again
    ckpt-release --sign plain.key -o again/net epoch.safetensors
    assert_same net.minisig again/net.minisig
}

@test "a name that would not stay on its line is signed as people are shown it" {
    ckpt-release --sign plain.key -o $'two\nlines' epoch.safetensors
    minisign -V -p plain.pub -m $'two\nlines'
    run -0 ckpt-verify -p plain.pub $'two\nlines'
    assert_output_has 'file=two\\x0alines checkpoint='
}

@test "a password is typed, also after the program was stopped for a while, and minisign checks what it signed" {
    run -0 --separate-stderr at_terminal TSTP TSTP '=open sesame' -- ckpt-release --sign locked.key -o net epoch.safetensors
    [ "$output" = $'TSTP stopped shown\nTSTP stopped shown' ]
    [[ $stderr == 'Password of locked.key: '* && $stderr != *sesame* ]]
    minisign -V -p locked.pub -m net
}

@test "a password comes from a descriptor, up to the end of its line; a wrong one is refused before anything is published" {
    run -65 ckpt-release --sign locked.key --password-fd 7 -o net epoch.safetensors 7<<<'open barley'
    [ "$output" = 'ckpt-release: locked.key: decrypt: the password is wrong' ]
    assert_missing net
    printf '%s\n' 'open sesame' 'not of the password' >lines
    {
        ckpt-release --sign locked.key --password-fd 7 -o net epoch.safetensors
        read -r rest <&7
    } 7<lines
    [ "$rest" = 'not of the password' ]
    minisign -V -p locked.pub -m net
}

@test "a signal at the prompt ends the program, shows again what is typed, and leaves nothing" {
    for name in INT TERM HUP QUIT ALRM USR1; do
        run -1 --separate-stderr at_terminal $name -- ckpt-release --sign locked.key -o net epoch.safetensors
        [ "$output" = "$name died shown" ]
        assert_missing net
        assert_no_leftovers
    done
}

@test "in the background the program is stopped before it asks, and a signal ends it there" {
    run -1 --separate-stderr at_terminal '&' TERM -- ckpt-release --sign locked.key -o net epoch.safetensors
    [ "$output" = $'& stopped shown\nTERM died shown' ]
    [[ $stderr != *Password* ]]
}

@test "a signal that the parent ignores is ignored at the prompt, too" {
    run -65 --separate-stderr at_terminal -HUP '=open barley' -- sh -c "trap '' HUP; exec ckpt-release --sign locked.key -o net epoch.safetensors"
    [[ $stderr == 'Password of locked.key: '*'ckpt-release: locked.key: decrypt: the password is wrong'* ]]
    [[ $stderr != *Password*Password* ]]
}

@test "without a terminal a password is asked for in vain, and the way out is told" {
    run -69 setsid -w ckpt-release --sign locked.key -o net epoch.safetensors
    assert_error 'ckpt-release: locked.key: decrypt: it needs a password, and there is no terminal to ask on; --password-fd says where it is'
    assert_missing net
}

@test "a descriptor that is not open, and a password that cannot be one, are told" {
    run -74 ckpt-release --sign locked.key --password-fd 7 -o net epoch.safetensors 7<&-
    assert_error 'ckpt-release: descriptor 7: read a password: bad file descriptor'
    run -65 ckpt-release --sign locked.key --password-fd 7 -o net epoch.safetensors 7< <(head -c 2000 /dev/zero | tr '\0' a)
    assert_error 'descriptor 7: read a password: it is too long, or has a NUL byte'
    run -65 ckpt-release --sign locked.key --password-fd 7 -o net epoch.safetensors 7< <(printf 'a\0b\n')
    assert_error 'descriptor 7: read a password: it is too long, or has a NUL byte'
    for number in -1 x 99999999999; do
        run -64 ckpt-release --sign locked.key --password-fd "$number" -o net epoch.safetensors
    done
    assert_missing net
}

@test "a key that is none, is not there or is a public one is refused before anything is published" {
    run -65 ckpt-release --sign plain.pub -o net epoch.safetensors
    assert_error 'ckpt-release: plain.pub: read: it is no secret key of minisign'
    run -66 ckpt-release --sign nowhere.key -o net epoch.safetensors
    head -c 200 plain.key >short.key
    run -65 ckpt-release --sign short.key -o net epoch.safetensors
    run -64 ckpt-release --sign plain.key -o - epoch.safetensors
    assert_missing net
}

@test "a signature that is in the way stops the release, unless it may be replaced" {
    : >net.minisig
    run -73 ckpt-release --sign plain.key -o net epoch.safetensors
    assert_error 'net.minisig'
    assert_missing net
    ckpt-release -f --sign plain.key -o net epoch.safetensors
    minisign -V -p plain.pub -m net
}
