local -a fields specs keys state line
local -A kinds values opt_args
local row name action context
for row in "${(@f)_rote_table}"; do
    fields=("${(@s:|:)row}")
    [[ $fields[1] == $service ]] || continue
    case $fields[4] in
    words) action="($fields[5])" ;;
    files) action=_files ;;
    directories) action='_files -/' ;;
    *) action=' ' ;;
    esac
    for name in ${=fields[2]}; do
        case $name,$fields[4] in
        *=,*) keys+=(${name%=}) kinds[${name%=}]=$fields[4] values[${name%=}]=$fields[5] ;;
        *,) specs+=("($fields[2])$name""[$fields[6]]") ;;
        --*) specs+=("*$name=[$fields[6]]:$fields[3]:$action") ;;
        *) specs+=("*$name+[$fields[6]]:$fields[3]:$action") ;;
        esac
    done
done
if (( $#keys )); then
    specs+=('*:setting:->setting')
else
    specs+=('*:file:_files')
fi

_arguments -s -S $specs && return 0
[[ $state == setting ]] || return 1
if ! compset -P 1 '*='; then
    compadd -S = -a keys
    return
fi
name=${IPREFIX%=}
case $kinds[$name] in
words)
    compadd -S '' -- ${(M)${=values[$name]}:#*:}
    compadd -- ${${=values[$name]}:#*:}
    ;;
files) _files ;;
directories) _files -/ ;;
*) _message "$name" ;;
esac
