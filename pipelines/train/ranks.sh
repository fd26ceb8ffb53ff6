# Training by several processes, for train.sh to read in.
#
# mpirun starts them, or srun in a job of Slurm. Both pass USR1 and USR2 on, and end all of them when one ends badly. mpirun would end
# them at once after INT or TERM: so they are told to stop by USR1, and have a session of their own, apart from a terminal's signals.
# shellcheck shell=sh disable=SC2034,SC2154 # what one part sets, another uses

most_tries=3 # of an epoch, in which ranks are lost before anything is kept

# A process that is to train alone does, whoever has started this script.
ROTE_COMM=self
export ROTE_COMM

# Sets $launcher to what starts ranks.
find_launcher() {
    [ "$ranks" -gt 1 ] || return 0
    [ "$device" != blas ] || usage "ranks=$ranks: blas works alone; cpu has ranks"
    launcher=mpirun
    [ -z "${SLURM_JOB_ID-}" ] || launcher=srun
    command -v "$launcher" >/dev/null || fail 69 "ranks=$ranks: find $launcher: it is not there; openmpi-bin of Debian has mpirun"
}

# Sets $status as `supervise` does.
supervise_ranks() { # PROGRAM [ARGUMENT...]
    case $launcher in
    srun)
        export SLURM_MPI_TYPE="${SLURM_MPI_TYPE:-pmix}"
        set -- srun -K -n "$ranks" "$@"
        ;;
    *) set -- mpirun -q --bind-to none -n "$ranks" "$@" ;;
    esac
    telling=USR1
    supervise_logged setsid env -u ROTE_COMM "$@"
    telling=TERM
}

what_is_kept() {
    stat -c '%i %s %.9Y' "$making.part" 2>/dev/null
}

# Sets $lost to what $status says. mpirun has others than those of signals, 205 for one, where a machine went away.
describe_loss() {
    lost="a rank was ended by signal $((status - 128))"
    [ "$status" -le 192 ] || lost="$launcher: a machine was lost (status $status)"
}

# After ranks that were lost: end, but try again where nothing was kept, most_tries times.
after_loss() {
    tries=$((tries + 1))
    describe_loss
    if [ -n "$trained" ] || [ "$(what_is_kept)" != "$kept" ]; then fail 75 "$lost; the same line again goes on"; fi
    if [ "$tries" -ge "$most_tries" ]; then
        is_signal "$status" || [ "$status" -gt 192 ] || end_as nn-train-epoch
        fail 71 "$lost, $tries times before anything was kept: perhaps memory is wanting, or partial-every"
    fi
    warn "$lost; this is try $((tries + 1)) of $most_tries"
}

# Train $making, as `must` would by one process.
must_by_ranks() { # PROGRAM [ARGUMENT...]
    tries=0
    while :; do
        [ -z "$stopping" ] || stop_here
        kept=$(what_is_kept)
        supervise_ranks "$@"
        [ "$status" -ne 0 ] || [ ! -e "$making" ] || break
        case $status in
        0) fail 75 "$launcher: ranks ended before they began; the same line again goes on" ;; # srun: a node did not start its own
        1 | 255) [ -e hold ] || fail 69 "$launcher: it could not start $ranks ranks; '$launcher -n $ranks true' may say why" ;;
        129 | 1[3-9]? | 2??) [ -n "$stopping" ] || { after_loss && continue; } ;;
        esac
        end_as "$launcher"
    done
    trained=yes
}
