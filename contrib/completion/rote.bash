# shellcheck shell=bash disable=SC2034,SC2154 # not every column is looked at; make.sh puts the table before this

# Of an option or key of PROGRAM: $kind and $values, as options.awk has them, and its other $names.
_rote_find() { # PROGRAM NAME
    local program argument summary
    while IFS='|' read -r program names argument kind values summary; do
        [[ $program != "$1" || " $names " != *" $2 "* ]] || return 0
    done <<<"$_rote_table"
    return 1
}

# The names of all options, or with PATTERN "*=" of all keys.
_rote_names() { # PROGRAM PATTERN
    local program names rest name
    while IFS='|' read -r program names rest; do
        [[ $program == "$1" ]] || continue
        for name in $names; do
            # shellcheck disable=SC2053 # it is a pattern
            [[ $name != $2 ]] || printf '%s\n' "$name"
        done
    done <<<"$_rote_table"
}

# With nothing in COMPREPLY readline itself completes files, unless it is told otherwise.
_rote_offer() { # KIND WORDS
    case $1 in
    words)
        mapfile -t COMPREPLY < <(compgen -W "$2" -- "$word")
        compopt +o default
        [[ ${COMPREPLY[0]-} != *[=:] ]] || compopt -o nospace
        ;;
    directories) compopt +o default -o dirnames ;;
    nothing) compopt +o default ;;
    esac
}

_rote() {
    local program=${1##*/} word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} names kind values keys
    COMPREPLY=()
    case $word,$before in # readline cuts words at "="
    =,*) before=$before= word='' ;;
    *,=) before=${COMP_WORDS[COMP_CWORD - 2]}= ;;
    esac
    case $before in --*=) before=${before%=} ;; esac
    if [[ " ${COMP_WORDS[*]:1:COMP_CWORD-1} " == *' -- '* && $before != *= ]]; then
        before='' # no option any more
    elif [[ $word == -* ]]; then
        _rote_offer words "$(_rote_names "$program" '-*')"
        return
    fi
    if [[ -n $before ]] && _rote_find "$program" "$before" && [[ -n $kind ]]; then
        _rote_offer "$kind" "$values"
        return
    fi
    keys=$(_rote_names "$program" '*=')
    [[ -z $keys ]] || _rote_offer words "$keys"
}
