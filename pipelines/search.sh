#!/bin/sh
# rote-search - find the best of many trials without training all of them to their end; the same line again goes on
#
# hp-promote(1) says which trials go on and which stop, and search/main.sh trains them.
set -uC
trap '[ $? -ne 2 ] || { echo "${0##*/}: the system lacks memory, descriptors or processes" >&2; exit 71; }' EXIT
true >&2 || exec 2>/dev/null # it may be closed; the next file to be opened shall not be it

here=$(readlink -f -- "$0")
here=${here%/*}
# shellcheck source=pipelines/train/start.sh
. "$here/train/start.sh" || exit 70
# shellcheck source=pipelines/search/main.sh
. "$here/search/main.sh" || exit 70

help() {
    cat <<END
usage: $name [-nqv] [--worker] [-c file] -r runs [key=value ...]
       $name -r runs --hold | --unhold
find the best of many trials without training all of them to their end; the same line again goes on
END
    print_options
    printf '\nman rote-search says more.\n'
}

heading='What is searched; rote-search(1) says what of it may change.'
own_keys="promote||how trials are judged, in options of hp-promote: --divisor 3 --mode aggressive$nl"
changeable='keep until partial-every restarts trials space sample'
refused='epochs patience save-every eval-every val'

# A rung may be any epoch, and at each a trial is judged by what the others are judged by.
find_goal() { # MODEL
    for setting in patience=0 save-every=1 eval-every=1; do
        value_of "$conf" "${setting%%=*}"
        [ "$value" = "${setting#*=}" ] || usage "${setting%%=*}=$value: a search looks at every epoch, and decides by itself who stops"
    done
    value_of "$conf" val
    [ "$value" != 0 ] || usage 'val=0: without a validation set there is nothing to judge by'
    value_of "$conf" promote
    case " $value" in
    *' -k'* | *' --key'*) usage "promote=$value: metric says by what is judged" ;;
    *' -'[!-]* | *' --help'* | *' --json'* | *' --preview'* | *' --version'*) usage "promote=$value: not all of it decides who goes on" ;;
    esac
    take_epochs "$1"
}

# hp-promote on the table, as it is asked for.
promote() { # OPTION|FILE...
    value_of "$conf" epochs
    set -- --epochs "$value" "$@"
    value_of "$conf" promote
    case " $value" in *' --epochs'* | *' --samples'*) shift 2 ;; esac
    # shellcheck disable=SC2086 # its words are options
    set -- -q $value "$@"
    value_of "$conf" metric
    must "$programs/hp-promote" -k "$value" "$@"
}

decide() {
    promote "$table" "$stage/records" >|"$stage/decisions" || exit 71
}

preview() {
    promote --preview "$table" || exit 71
}

search_main "$@"
