# The completion that contrib/completion makes of the pages: it offers what a program takes, and nothing else.

bats_require_minimum_version 1.5.0
load helpers

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    "$ROOT/contrib/completion/make.sh" bash "$ROOT"/man/*.1 >rote.bash &&
        "$ROOT/contrib/completion/make.sh" zsh "$ROOT"/man/*.1 >_rote || return
    export MADE=$PWD
}

programs() {
    basename -s .1 "$ROOT"/man/*.1
}

# offered WORD...: what bash offers for the last word of this line, a line each. What is said to readline goes to stderr.
offered() {
    bash -c '
        . "$MADE/rote.bash"
        compopt() { echo "compopt $*" >&2; }
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        _rote "$1"
        printf "%s\n" "${COMPREPLY[@]}"' bash "$@"
}

# What zsh would hand to its own _arguments, the names of options.
specified() {
    zsh -fc '
        _arguments() { print -rl -- $@; }
        take() { . $MADE/_rote; }
        service=$1
        take' zsh "$1" | sed -n 's/^\((.*)\|\*\)\(-[^[+=]*\).*/\2/p' | sort
}

# typed SHELL LINE...: what the lines do in an interactive shell, of which tabs ask for completion. Here programs print what they are given.
typed() {
    local shell=$1 setup
    shift
    setup='nn-eval() { echo "given: $*;"; }; rote-train() { echo "given: $*;"; }; ckpt-release() { echo "given: $*;"; }'
    case $shell in
    bash) shell='bash --noprofile --norc -i' setup+='; . "$MADE/rote.bash"' ;;
    zsh) shell='zsh -f -i' setup+='; fpath=($MADE $fpath); autoload -Uz compinit; compinit -u -D' ;;
    esac
    printf '%s\n' "$setup" "$@" exit | timeout 20 script -qec "$shell" /dev/null | tr -d '\r' | grep -o 'given: .*;$'
}

skip_without_zsh() {
    command -v zsh >/dev/null || skip 'there is no zsh here'
}

@test "bash offers every option of every program, and no other" {
    for program in $(programs); do
        diff <(help_options "$program") <(offered "$program" - 2>/dev/null | sort) || { echo "of $program"; false; }
    done
}

@test "zsh offers every option of every program, and no other" {
    skip_without_zsh
    for program in $(programs); do
        diff <(help_options "$program") <(specified "$program") || { echo "of $program"; false; }
    done
}

@test "bash completes every program that has a page, and zsh too" {
    diff <(programs | sort) <(sed -n 's/^complete -o default -F _rote //p' "$MADE/rote.bash" | tr ' ' '\n' | sort)
    diff <(programs | sort) <(sed -n '1s/^#compdef //p' "$MADE/_rote" | tr ' ' '\n' | sort)
}

@test "a device is one of those that the page names, in pages that refer to it as well" {
    for program in nn-train-epoch nn-eval ckpt-verify; do
        run -0 --separate-stderr offered "$program" -d ''
        [ "$(sort <<<"$output" | tr '\n' ' ')" = 'auto blas cpu ref ' ]
    done
    run -0 --separate-stderr offered nn-eval --device = b
    [ "$output" = blas ]
}

@test "a format is one of those that the page names" {
    run -0 --separate-stderr offered ckpt-release -F ''
    [[ $output == safetensors* ]]
}

@test "a part of the drill is one of those that its page names" {
    diff <(rote-drill -h | sed -n 's/.*only one of: //p' | tr ' ' '\n') <(offered rote-drill --only '' 2>/dev/null)
}

@test "keys of rote-train are completed, and values of those that have some" {
    run -0 offered rote-train sav
    assert_output_has 'save-every='
    assert_output_has 'compopt -o nospace'
    run -0 --separate-stderr offered rote-train lock = s
    [ "$output" = skip ]
    diff <(rote-train -h | sed -n 's/^  \([a-z-]*=\).*/\1/p' | sort) <(offered rote-train '' 2>/dev/null | sort)
}

@test "files, directories and numbers are told apart" {
    run -0 offered nn-train-epoch -o ''
    [ -z "$output" ]
    run -0 offered idx-split -o ''
    assert_output_has 'compopt +o default -o dirnames'
    run -0 offered nn-eval -t ''
    [[ $output == 'compopt +o default'* && $output != *dirnames* ]]
}

@test "after -- there are no options" {
    run -0 offered nn-eval -- -
    [ -z "$output" ]
    run -0 offered nn-eval -- -d ''
    [ -z "$output" ]
}

lines=($'nn-eval --dev\tbl\t da\tte\tim\t' $'nn-eval --device=bl\t -o d\t' $'rote-train dev\tbl\tloc\tw\t60 -r da\t' $'ckpt-release -F saf\t --rec\t x')

@test "typed into bash, it completes" {
    skip_without_terminal
    cp -r "$DATA" data
    typed bash "${lines[@]}" >given
    cat given
    [ "$(wc -l <given)" -eq 4 ]
    grep -Fx 'given: --device blas data/test-images-idx3-ubyte;' given
    grep -Fx 'given: --device=blas -o data/;' given
    grep -Fx 'given: device=blas lock=wait:60 -r data/;' given
    grep -Fx 'given: -F safetensors --records x;' given
}

@test "typed into zsh, it completes" {
    skip_without_zsh
    skip_without_terminal
    zsh -n "$MADE/_rote"
    cp -r "$DATA" data
    typed zsh "${lines[@]}" >given
    cat given
    [ "$(wc -l <given)" -eq 4 ]
    grep -Fx 'given: --device=blas data/test-images-idx3-ubyte;' given
    grep -Fx 'given: --device=blas -o data;' given
    grep -Fx 'given: device=blas lock=wait:60 -r data;' given
    grep -Fx 'given: -F safetensors --records x;' given
}

@test "without a shell and a page make.sh says how it is used" {
    run -64 "$ROOT/contrib/completion/make.sh" fish "$ROOT/man/ckpt-best.1"
    run -64 "$ROOT/contrib/completion/make.sh" bash
    assert_output_has 'usage: make.sh bash|zsh page ...'
}
