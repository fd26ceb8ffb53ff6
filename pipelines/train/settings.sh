# Settings, for train.sh and sweep.sh to read in: the keys, their values, and the files and command lines that they come from.
#
# A text of settings is a line break, then "key=value" lines; the last line of a key counts. Values are never executed: they are
# taken apart by `case` and parameter expansion only.
# shellcheck shell=sh disable=SC2034,SC2154 # what one part sets, another uses

# Key, default, meaning. The defaults and -h come from here.
keys='data|fashion-mnist|a data set that idx-fetch knows, or a directory
samples||train on so many samples only (default: all)
val|0.1|share or number of samples held out for validation; 0: none
model|small-cnn|one of the models that come with rote, or a file (with a slash, or NAME.model)
init||take the first weights from this checkpoint
fork||branch off from a run, RUN@EPOCH: its settings, and all that its checkpoint has
epochs||how far to train (default: what the model says)
seed|1|seed of everything random
save-every|1|a checkpoint each so many epochs
eval-every|1|evaluate the checkpoints of epochs that are a multiple of this
device|auto|auto, cpu, blas or ref
threads||worker threads, of each rank (default: the processors that may be used)
ranks|1|processes that train together, started by mpirun, or by srun in a job of Slurm
keep||which checkpoints stay, in options of ckpt-prune: -l 3 -b 1 (default: all)
patience|0|stop after so many epochs without a better validation accuracy; 0: never
until||stop after so many seconds, or at an hour such as 06:30 (default: never)
partial-every|0|keep a partial checkpoint each so many seconds; 0: only when stopped
lock|fail|while another one works on the run: fail, skip or wait:SECONDS'

# Of these, which a run does not store, and which may be others at the next time.
unstored='device threads ranks lock'
changeable='epochs keep patience until partial-every'

help() {
    cat <<END
usage: $name [-nqv] [-c file] [--fork run@epoch] -r run [key=value ...]
       $name -r run --hold | --unhold
train into a run directory; the same line again goes on

  -c, --config FILE            settings, key=value lines; those of the command line come after them
      --fork RUN@EPOCH         fork=RUN@EPOCH
  -h, --help                   print this and exit
      --hold                   do not go on with this run from now on
  -n, --dry-run                print the steps, and what of them is proven; do nothing
  -q, --quiet                  only errors on stderr
  -r, --run RUN                the run directory
      --unhold                 go on with it again
  -V, --version                print the version and exit
  -v, --verbose                say each step, as on a terminal

END
    print_keys
    printf '\nman rote-train says more.\n'
}

print_own_keys() {
    printf '%s\n' "$keys" | awk -F '|' '{ printf "  %-28s %s\n", $1 "=" $2, $3 }'
}

print_keys() {
    print_own_keys
    printf '\nOther keys are settings of the model: its variables, and such as optimizer.lr.\n'
}

# value_of TEXT KEY: sets $value; false, and '', where the text does not have the key.
value_of() {
    value=''
    case $1 in *"$nl$2="*) ;; *) return 1 ;; esac
    value=${1##*"$nl$2="}
    value=${value%%"$nl"*}
}

is_key() {
    case $nl$keys in *"$nl$1|"*) ;; *) return 1 ;; esac
}

is_one_of() { # WORDS WORD
    case $2,\ $1\  in *' '*,* | '',*) return 1 ;; *,*" $2 "*) ;; *) return 1 ;; esac
}

# Digits without leading zeros, few enough for the shell's arithmetic.
is_whole() { # NUMBER LEAST
    case $1 in '' | *[!0-9]* | 0?* | ??????????*) return 1 ;; esac
    [ "$1" -ge "$2" ]
}

# Options that decide what stays: none of them may name a file.
is_policy() {
    set -f
    # shellcheck disable=SC2086 # it is split into words
    set -- $1
    set +f
    while [ $# -gt 0 ]; do
        case $1 in
        -l | -b | -e) is_whole "${2-}" 1 || return ;;
        -k) case ${2-} in '' | -* | *[!A-Za-z0-9._-]*) return 1 ;; esac ;;
        --min | --max) set -- "$1" "$@" ;;
        *) return 1 ;;
        esac
        shift 2
    done
}

# Options of hp-sample that decide what is drawn, so none that names a file.
is_sampling() {
    set -f
    # shellcheck disable=SC2086 # it is split into words
    set -- $1
    set +f
    while [ $# -gt 0 ]; do
        case $1,${2-} in
        -[mNs],[!-]* | --method,[!-]* | --count,[!-]* | --seed,[!-]*) shift 2 ;;
        -[mNs]?*,* | --method=*,* | --count=*,* | --seed=*,*) shift ;;
        *) return 1 ;;
        esac
    done
}

is_share() {
    case $1 in 0.*[!0-9]*) return 1 ;; 0.*[1-9]*) return 0 ;; esac
    is_whole "$1" 0
}

is_hour() {
    case $1 in [0-9]:[0-5][0-9] | [01][0-9]:[0-5][0-9] | 2[0-3]:[0-5][0-9]) ;; *) return 1 ;; esac
}

is_fork() {
    case $1 in ?*@*) is_whole "${1##*@}" 0 ;; *) return 1 ;; esac
}

is_lock() {
    case $1 in fail | skip) ;; wait:*) is_whole "${1#wait:}" 0 ;; *) return 1 ;; esac
}

# Can KEY have VALUE? If not, it is not $expected.
is_value() { # KEY VALUE
    is_key "$1" || return 0
    expected='a whole number from 1 to 999999999'
    case $1 in
    samples) [ -z "$2" ] || is_whole "$2" 1 ;;
    threads | workers) expected="a number of $1 from 1 to 4096" && { [ -z "$2" ] || { is_whole "$2" 1 && [ "$2" -le 4096 ]; }; } ;;
    save-every | eval-every) is_whole "$2" 1 ;;
    epochs) expected='a whole number up to 999999999' && { [ -z "$2" ] || is_whole "$2" 0; } ;;
    patience | partial-every | restarts) expected='a whole number up to 999999999' && is_whole "$2" 0 ;;
    seed) expected='a whole number' && case $2 in '' | *[!0-9]*) return 1 ;; esac ;;
    val) expected='a share such as 0.1 or a number of samples' && is_share "$2" ;;
    keep) expected='made of -l N, -b N, -e N, -k KEY, --min, --max' && is_policy "$2" ;;
    until) expected='a number of seconds or an hour such as 06:30' && { [ -z "$2" ] || is_whole "$2" 1 || is_hour "$2"; } ;;
    fork) expected='RUN@EPOCH' && { [ -z "$2" ] || is_fork "$2"; } ;;
    lock) expected='fail, skip or wait:SECONDS' && is_lock "$2" ;;
    ranks) expected='a number of ranks from 1 to 4096' && is_whole "$2" 1 && [ "$2" -le 4096 ] ;;
    device) expected='auto, cpu, blas or ref' && case $2 in auto | cpu | blas | ref) ;; *) return 1 ;; esac ;;
    metric) expected='valid.accuracy or valid.loss' && case $2 in valid.accuracy | valid.loss) ;; *) return 1 ;; esac ;;
    sample) expected='made of -m METHOD, -N TRIALS, -s SEED' && is_sampling "$2" ;;
    promote) expected='made of options without the names of files' && case $2 in *[!A-Za-z0-9.,\ =-]*) return 1 ;; esac ;;
    data | model) expected='a name' && [ -n "$2" ] ;;
    esac
}

# take ASSIGNMENT STATUS SOURCE: add it to $taken. What is wrong with it ends the script.
take() {
    [ ${#1} -le 4096 ] || fail "$2" "$3a setting of more than 4096 characters"
    key=${1%%=*}
    case $key in
    "$1" | [!A-Za-z]* | '' | *[!A-Za-z0-9._-]*) fail "$2" "$3$1: not of the form key=value" ;;
    esac
    case $1 in *"$nl"*) fail "$2" "$3$key: its value has a line break" ;; esac
    is_value "$key" "${1#*=}" || fail "$2" "$3$1: not $expected"
    taken=$taken$1$nl
}

take_file() { # FILE [NAME FOR PEOPLE]
    file=${2-$1}
    taken=$nl
    number=0
    try sed -e 's/^/:/' -- "$1" || fail_because READ "$file: read"
    by_lines
    for line in $why; do
        by_words
        line=${line#:}
        number=$((number + 1))
        case $line in '' | '#'*) continue ;; esac
        ! value_of "$taken" "${line%%=*}" || fail 65 "$file:$number: ${line%%=*}: it is given twice"
        take "$line" 65 "$file:$number: "
    done
    by_words
}

# Sets $taken to the text without the lines that do not count.
take_last() { # TEXT
    taken=$nl
    by_lines
    for line in $1; do
        key=${line%%=*}
        value_of "$1" "$key"
        wanted=$value
        value_of "$taken" "$key" || taken=$taken$key=$wanted$nl
    done
    by_words
}

take_defaults() {
    taken=$nl
    by_lines
    for line in $keys; do
        key=${line%%"|"*}
        line=${line#*"|"}
        taken=$taken$key=${line%%"|"*}$nl
    done
    by_words
}

# The nearest of WORDS (a line each) to WORD in edit distance, if one is near, as a question. To a long word none is.
nearest() { # WORD WORDS
    [ ${#1} -lt 32 ] || return 0
    printf '%s\n' "$2" | awk -v word="$1" '
        function least(a, b, c) { return a < b ? (a < c ? a : c) : (b < c ? b : c) }
        function distance(a, b, i, j, row, before, above) {
            for (j = 0; j <= length(b); j++)
                row[j] = j
            for (i = 1; i <= length(a); i++) {
                before = row[0]
                row[0] = i
                for (j = 1; j <= length(b); j++) {
                    above = row[j]
                    row[j] = least(above + 1, row[j - 1] + 1, before + (substr(a, i, 1) != substr(b, j, 1)))
                    before = above
                }
            }
            return row[length(b)]
        }
        BEGIN { best = int(length(word) / 3) + 1 }
        { d = distance(word, $0) }
        d <= best && (found == "" || d < best) { best = d; found = $0 }
        END { if (found != "") printf "; did you mean %s?", found }'
}

# The one of WORDS that is meant, a parameter of the model's of that very name, or else the nearest.
suggestion() { # ASSIGNMENT MODEL WORDS
    word=${1%%=*}
    dotted=$("$programs/nn-init" -n -q -o - "$2" "$1" 2>&1 | sed -n "s/.*did you mean '\([^']*\.$word\)'.*/\1/p")
    if [ -n "$dotted" ]; then
        printf '; did you mean %s?' "$dotted"
    else
        nearest "$word" "$3"
    fi
}

# check_names TEXT MODEL STATUS SOURCE: each name of the text is a key, a variable of the model, or dotted (then nn-init knows it).
check_names() {
    try awk '$1 == "let" { sub(/=.*/, "", $2); print $2 }' "$2" || fail_because READ "$2: read"
    variables=$why
    by_lines
    for word in $variables; do
        ! is_key "$word" || fail 65 "$2: let $word: $name has a key of that name; another name will do"
    done
    for line in $1; do
        word=${line%%=*}
        case $word in *.*) continue ;; esac
        case $nl$variables$nl in *"$nl$word$nl"*) continue ;; esac
        is_key "$word" ||
            fail "$3" "$4$word: no such key$(suggestion "$line" "$2" "$(printf '%s\n' "$keys" | sed 's/|.*//')$nl$variables")"
    done
    by_words
}

# Sets $settings to those of the model in a text: the lines without those of keys.
model_settings() { # TEXT
    settings=''
    by_lines
    for line in $1; do is_key "${line%%=*}" || settings=$settings$line$nl; done
    by_words
}

# Sets $stored to what is to be stored: what a text says of each key, but for those of $unstored, and of the model.
conf_of() { # TEXT
    stored="# $heading"
    by_lines
    for line in $keys; do
        key=${line%%"|"*}
        ! is_one_of "$unstored" "$key" || continue
        value_of "$1" "$key"
        stored=$stored$nl$key=$value
    done
    by_words
    model_settings "$1"
    stored=$stored$nl${settings%"$nl"}
    stored=${stored%"$nl"}
}

# What a command line says: sets $run and $directory, $given to its settings, $dry, $verbosity, and $act to -h, -V, or one of OPTION.
parse_command_line() { # "OPTION..." ARGUMENT...
    acts=$1 config='' run='' dry='' taken=$nl verbosity=0
    shift
    [ ! -t 2 ] || verbosity=1
    while [ $# -gt 0 ]; do
        case $1 in
        -[cr] | --config | --fork | --run)
            [ $# -gt 1 ] || usage "$1: it needs an argument"
            take_argument "$1" "$2"
            shift
            ;;
        --config=* | --fork=* | --run=*) take_argument "${1%%=*}" "${1#*=}" ;;
        -c*) take_argument -c "${1#-c}" ;;
        -r*) take_argument -r "${1#-r}" ;;
        -[hnqvV]?*)
            letters=${1#??}
            first=${1%"$letters"}
            shift
            set -- "$first" "-$letters" "$@"
            continue
            ;;
        --)
            shift
            for setting; do take "$setting" 64 ''; done
            break
            ;;
        -*) take_option "$1" ;;
        *) take "$1" 64 '' ;;
        esac
        shift
    done
    take_given
    answer
}

take_argument() { # OPTION ARGUMENT
    case $1 in
    -r | --run) run=$2 ;;
    --fork) take "fork=$2" 64 '' ;;
    *) config=$2 ;;
    esac
}

take_option() { # OPTION
    case $1 in
    -h | --help) act=-h ;;
    -V | --version) act=-V ;;
    -n | --dry-run) dry=yes ;;
    -q | --quiet) verbosity=-1 ;;
    -v | --verbose) verbosity=1 ;;
    *)
        is_one_of "$acts" "$1" || usage "$1: no such option"
        act=$1
        ;;
    esac
}

# The settings of $config, with those of the command line, which come after them.
take_given() {
    given=$taken
    if [ -n "$config" ]; then
        take_file "$config"
        given=$taken$given
    fi
    take_last "$given"
    given=$taken
}

# What is asked for with -h and -V; everything else is about a directory.
answer() {
    case $act in
    -h) print "$(help)" && exit 0 ;;
    -V) print_version && exit 0 ;;
    esac
    [ -n "$run" ] || usage '-r is missing: it names the run directory'
    case $run in ?*/) run=${run%/} ;; esac
    case $run in /*) directory=$run ;; *) directory=./$run ;; esac
}

refuse_hold_with_others() {
    case $act,$dry$given in
    *hold,"$nl") ;;
    *hold,*) usage "$act: it goes with -r alone, not with -n or settings" ;;
    esac
}
