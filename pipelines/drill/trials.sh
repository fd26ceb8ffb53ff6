# Trainings, and what is done to them; for drill.sh to read in. The directory of the drill is the current one.
# shellcheck shell=sh disable=SC2034,SC2154 # what one part sets, another uses

# Pictures of 8 x 8, whose pixels are the digits of numbers, of four classes in turn.
make_set() { # NAME COUNT: a multiple of 4 below 256
    count=$(printf '\\0\\0\\0\\0%o' "$2")
    printf %b "\\0\\0\\010\\03$count\\0\\0\\0\\010\\0\\0\\0\\010" >"data/$1-images-idx3-ubyte"
    seq 99999 | head -c $((64 * $2)) >>"data/$1-images-idx3-ubyte"
    printf %b "\\0\\0\\010\\01$count$(printf '\\0\\01\\02\\03%.0s' $(seq 4 4 "$2"))" >"data/$1-labels-idx1-ubyte"
}

make_inputs() {
    mkdir data && make_set train 240 && make_set test 80 && cat >net.model <<END
input 1 8 8
conv 4 3
relu
dense 64
relu
dropout 0.25
dense 4
loss cross-entropy
train batch=4 epochs=4
optimizer adam lr=0.003
END
}

# Sets $group to the process begun last, which may be a session.
remember() {
    group=$!
    groups="$groups $group"
}

# Begin to train $run; the command is what starts the training.
begin() { # LOCK [COMMAND...]
    lock=$1
    shift
    setsid "$@" "$here/train.sh" -q -r "$run" data=data model=net.model val=40 threads=2 keep='-l 1 -b 1' "lock=$lock" </dev/null 3>&- &
    remember
}

# Sets $status. Once it was waited for, the number of a group may become that of others.
wait_for() { # GROUP
    wait "$1" 2>/dev/null # in which the shell says "Killed"
    status=$?
    waiting=$groups groups=''
    for other in $waiting; do [ "$other" = "$1" ] || groups="$groups $other"; done
}

# Wait for what was begun, but not for ever: whatever the file system does to it, a guard kills it one day. The guard itself
# is killed: of what has just been begun any other signal may be lost.
end() { # GROUP STATUS...: it must be one of these
    # shellcheck disable=SC2016 # for the inner shell
    setsid sh -c 'sleep "$0" || exit; true >"$1.late"; kill -s KILL -- "-$1" "$1"' "$patience" "$1" 2>/dev/null 3>&- &
    remember
    guard=$group
    wait_for "$1"
    result=$status
    kill -s KILL -- "$guard" "-$guard" 2>/dev/null
    wait_for "$guard"
    status=$result
    [ ! -e "$1.late" ] || { status=74 && echo "a process had not ended after $patience seconds" && return 1; }
    shift
    for allowed; do
        [ "$status" -eq "$allowed" ] || continue
        [ "$status" -eq 0 ] || hit=yes
        return 0
    done
    echo "a process ended with status $status"
    return 1
}

same() {
    begin wait:60
    end "$group" 0 && diff -rq -x log -x lock untouched "$run"
}

# Sets $drawn to a number below LIMIT.
draw() { # LIMIT
    random=$(((random * 1103515245 + 12345) % 2147483648))
    drawn=$(($1 * (random / 65536) / 32768))
}

# USR2 is meant for the training alone, and ends other programs. Without COMMAND a child of this script is deaf to INT.
interrupt() { # SIGNAL [COMMAND...]
    signal=$1
    shift
    begin wait:60 "$@"
    draw "$duration"
    sleep "$((drawn / 1000)).$(printf %03d $((drawn % 1000)))"
    case $signal in USR2) target=$group ;; *) target=-$group ;; esac
    kill -s "$signal" -- "$target" 2>/dev/null # by now it may have ended
    end "$group" 0 75 129 130 137 138 140 143
}

# Of a run that is finished the same line changes nothing, which the log tells.
stays() {
    [ "$(grep -c '^[1-4]' "$run/metrics.tsv")" -eq 4 ] || { echo 'epochs are missing' && return 1; }
    cp "$run/log" log && same && cmp log "$run/log" && "$programs/ckpt-verify" -q "$run"
}

# The run that is left alone. It takes $duration milliseconds; its checkpoints have $size kilobytes.
make_measure() {
    run=untouched
    begun=$(date +%s%N)
    begin fail 2>messages
    if ! end "$group" 0 >>messages; then
        fail_as train.sh
        fail "$status" "$place: train: it fails undisturbed: $(head -n 1 messages)"
    fi
    duration=$((($(date +%s%N) - begun) / 1000000))
    size=$(($(wc -c <"$run/epoch-0004.safetensors") / 1024))
    stays >messages 2>&1 || fail 74 "$place: train: what was made undisturbed does not stay so: $(head -n 1 messages)"
    say "$place: an undisturbed run takes $duration ms"
}

# The trials, each a function that does one in the directory $trial and returns whether the promise held.

try_kills() {
    draw 3
    for _ in $(seq 0 "$drawn"); do interrupt KILL || return; done
    same
}

try_signal() {
    # shellcheck disable=SC2086 # a signal a word
    set -- $signals
    shift $((tried % $#))
    interrupt "$1" ${listening:+env --default-signal=INT} && same
}

# The loser is refused, or waits for a moment in which all is done, of which the log knows nothing.
try_two_runs() {
    begin fail
    first=$group
    begin fail
    end "$group" 0 75 || return
    second=$status
    end "$first" 0 75 || return
    case $second,$status,$(grep -Ec ' train\.sh: (begins|goes on)' "$run/log") in
    0,75,* | 75,0,* | 0,0,1) hit=yes && same ;;
    *) echo "two at once ended with $status and $second" && return 1 ;;
    esac
}

try_one_name() {
    mkdir "$run"
    writers='' winners=''
    for number in $(seq 20); do
        "$programs/nn-init" -s "$number" -o "$run/same" net.model 3>&- &
        remember
        writers="$writers $number:$group"
    done
    for writer in $writers; do
        end "${writer#*:}" 0 73 || return
        [ "$status" -ne 0 ] || winners="$winners ${writer%:*}"
    done
    case $winners in ' '*' '*) echo "it was published by$winners" && return 1 ;; esac
    "$programs/nn-init" -s "${winners# }" -o - net.model | cmp - "$run/same" && [ "$(ls -A "$run")" = same ]
}

replace_often() {
    for number in $(seq 50); do echo "$number $number" >"$trial/new" && mv -fT "$trial/new" "$trial/file" || exit; done
}

# Until it is told to end, or nobody is left who would tell it. Ends with 1 where it has seen that the file was being replaced.
read_often() {
    seen=0
    until [ -e "$trial/end" ] || ! kill -s 0 $$; do
        number='' again=''
        read -r number again <"$trial/file"
        [ "$number" = "${again:-none}" ] || { echo "a reader found '$number $again' instead of the old or the new" && exit 2; }
        case $number in 0 | 50) ;; *) seen=1 ;; esac
    done
    exit "$seen"
}

# One who reads finds the old file or the new one.
try_replacing() {
    echo 0 0 >"$trial/file"
    read_often 3>&- &
    remember
    reader=$group
    replace_often 3>&- &
    remember
    end "$group" 0 && true >"$trial/end" || return
    end "$reader" 0 1 2 && [ "$status" -ne 2 ]
}

try_moving() {
    interrupt KILL || return
    [ ! -e "$run" ] || mv "$run" "$trial/moved" || return
    run=$trial/moved
    same
}

try_file_limit() {
    draw $((2 * size)) # in blocks of 512 bytes
    # shellcheck disable=SC2016 # for the inner shell
    begin wait:60 sh -c 'trap "" XFSZ && ulimit -f "$0" && exec "$@"' "$drawn"
    end "$group" 0 73 74 && same
}

# Where permissions do not keep us from making files, a mount that is read-only does.
try_read_only() {
    interrupt TERM || return
    hit=''
    mkdir -p "$run" && cp -a "$run" "$trial/before" && chmod a-w "$run" || return
    set --
    # shellcheck disable=SC2016 # for the inner shell
    [ ! -w "$run" ] || set -- unshare "$namespace" sh -c 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"' "$run"
    begin wait:60 "$@"
    end "$group" 0 73 74 && chmod u+w "$run" && diff -rq -x log "$trial/before" "$run" && same
}

# A disk of its own, which has room at last; what was made there is copied.
try_full_disk() {
    draw $((6 * size))
    mkdir "$trial/disk" && run=$trial/disk/run
    # shellcheck disable=SC2016 # for the inner shell
    begin wait:60 unshare "$namespace" sh -c '
        disk=$1
        shift
        mount -t tmpfs -o size="$0"k none "$disk" || exit 1
        "$@"
        status=$?
        mount -t tmpfs -o remount,size=1g none "$disk" && "$@" && cp -r "$disk/run" "$disk/.." || exit 1
        exit "$status"' $((drawn + 4)) "$trial/disk"
    run=$trial/run
    end "$group" 0 73 74 && same
}
