# The cluster of tests/slurm: how it is begun, how nodes are hurt, and how jobs are waited for.
#
# /mnt/NODE is the process that a node hangs by: when that is killed, the kernel kills all that runs on the node.
# What is begun for longer than a test gets none of what bats waits for, descriptors 3 and, in teardown, 4.

# What somebody has set for the Slurm of this machine, or runs in a job of it.
unset "${!SLURM_@}" "${!SBATCH_@}" "${!SQUEUE_@}" "${!SINFO_@}" "${!SRUN_@}"
export SLURM_CONF=/mnt/slurm.conf PATH=$PATH:/usr/sbin:/sbin
export OMPI_MCA_btl_tcp_if_include=lo OMPI_MCA_oob_tcp_if_include=lo PMIX_MCA_ptl_tcp_if_include=lo # which Open MPI would leave out

# The second address is for getaddrinfo(), which finds no names where all addresses are those of loopback.
make_network() {
    ip link set lo up
    ip address add 192.0.2.1/32 dev lo
    hostname controller
    printf '127.0.0.1 %s\n' localhost controller n1 n2 >/mnt/hosts
    mount --bind /mnt/hosts /etc/hosts
}

# until_true TENTHS COMMAND...
until_true() {
    local left=$1
    shift
    until "$@"; do
        ((left-- > 0)) || return
        sleep 0.1
    done
}

start_munged() {
    head -c 128 /dev/urandom >/mnt/munge/key
    chmod 600 /mnt/munge/key
    munged -F --force --num-threads=2 --origin=127.0.0.1 --socket=/mnt/munge/socket --key-file=/mnt/munge/key \
        --seed-file=/mnt/munge/seed --pid-file=/mnt/munge/pid --log-file=/mnt/log/munged &
    until_true 100 test -S /mnt/munge/socket
}

start_controller() {
    slurmctld -D >>/mnt/log/start 2>&1 3>&- 4>&- </dev/null &
    disown
    until_true 100 controller_answers
}

controller_answers() {
    scontrol ping 2>/dev/null | grep -q 'is UP'
}

nodes_answer() {
    [[ $(sinfo -h -N -p usual -t idle,mixed,alloc -o %T | grep -vc '[*]') == 2 ]]
}

# Process 1 of a node, which goes on when slurmd is killed, as a machine does.
# shellcheck disable=SC2016 # for that process to expand
node_program='
    hostname "$1"
    mount -t tmpfs shm /dev/shm
    while :; do
        slurmd -D -N "$1" &
        wait $!
        until [ -e "/mnt/again.$1" ]; do sleep 0.2; done
        rm "/mnt/again.$1"
    done'

start_node() { # NODE
    unshare --pid --fork --kill-child --mount-proc --mount --uts --ipc bash -c "$node_program" node "$1" >>"/mnt/log/$1" 2>&1 3>&- 4>&- </dev/null &
    echo $! >"/mnt/$1"
    disown # that it is killed is no news
}

cluster_up() {
    mount -t tmpfs cluster /mnt
    mkdir -p /mnt/munge /mnt/state /mnt/spool/n1 /mnt/spool/n2 /mnt/tmp/n1 /mnt/tmp/n2 /mnt/log
    cp tests/slurm/slurm.conf /mnt
    {
        make_network
        start_munged
        start_controller
        start_node n1
        start_node n2
        until_true 300 nodes_answer
    } >>/mnt/log/start 2>&1 </dev/null
}

# --- For tests

# All that runs on the node is gone at once; it is there again after start_node.
lose_power() { # NODE
    kill -KILL "$(cat "/mnt/$1")"
    rm -rf /mnt/spool/"$1"/*pmix* /mnt/tmp/"$1"/* # sockets, which a machine that starts again has not
}

# slurmd alone: what it has started goes on, until start_slurmd.
kill_slurmd() { # NODE
    local init process
    read -r init <<<"$(children_of "$(cat "/mnt/$1")")"
    for process in $(children_of "$init"); do
        [[ $(cat "/proc/$process/comm") != slurmd ]] || kill -KILL "$process"
    done
}

start_slurmd() { # NODE
    : >"/mnt/again.$1"
}

children_of() { # PROCESS
    cat "/proc/$1/task/$1/children"
}

# A test that fails may have lost what the next one needs.
teardown() {
    [[ -n ${BATS_TEST_COMPLETED-} ]] || mend_cluster
    scancel --user=root
    until_true 300 nothing_runs
}

mend_cluster() {
    controller_answers || start_controller
    for node in n1 n2; do
        lose_power "$node" || :
        rm -f "/mnt/again.$node"
        start_node "$node"
    done
    until_true 300 nodes_answer
}

nothing_runs() {
    ! squeue -h -t all -o %T | grep -qvE 'COMPLETED|FAILED|CANCELLED|TIMEOUT'
}

# The first that trains epoch 2 where CONDITION is true stays in the middle of it, and makes the file `held` here; nothing keeps those
# that come later. There is no partial checkpoint then: one that is there afterwards was kept when the job was told to stop. Like any
# process that is stopped it hears that when it goes on, for which this cares.
hold_epoch_2() { # CONDITION
    put_program nn-train-epoch <<END
[ -e epoch-0001.safetensors ] && $1 && mkdir '$PWD/holding' 2>/dev/null || exec "\$real" "\$@"
"\$real" --partial-every 0.000001 "\$@" &
child=\$!
trap 'kill -TERM \$child; kill -CONT \$child' TERM USR1
until [ -e epoch-0002.safetensors.part ] || [ -e epoch-0002.safetensors ]; do :; done
kill -STOP \$child
until grep -q '^State:.[TZ]' /proc/\$child/status; do :; done
rm -f epoch-0002.safetensors.part
: >'$PWD/held'
while kill -0 \$child; do
    wait \$child
    status=\$?
done 2>/dev/null
exit \$status
END
}

state_of_job() { # JOB
    squeue -h -t all -j "$1" -o %T
}

# What `scontrol show job` says under this name.
field_of_job() { # JOB FIELD
    scontrol show job "$1" | grep -o "\b$2=[^ ]*" | head -n 1 | cut -d = -f 2-
}

# As for another version of it.
stop_controller() {
    local process
    process=$(cat /mnt/slurmctld.pid)
    scontrol shutdown slurmctld
    timeout 30 tail -s 0.1 --pid="$process" -f /dev/null
}

# Of the states that last, or that which is asked for.
is_settled() { # JOB STATE
    case $(state_of_job "$1") in COMPLETED | FAILED | CANCELLED | TIMEOUT | "$2") ;; *) return 1 ;; esac
}

# await JOB STATE: in a minute or two.
await() {
    until_true 1200 is_settled "$1" "$2"
    [[ $(state_of_job "$1") != "$2" ]] || return 0
    printf 'job %s is %s, not %s\n' "$1" "$(state_of_job "$1")" "$2"
    scontrol show job "$1"
    cat ./*.out
    return 1
}

await_file() { # FILE
    until_true 600 test -e "$1" && return
    printf '%s does not appear\n' "$1"
    cat ./*.out
    return 1
}
