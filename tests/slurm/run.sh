#!/bin/bash
# The suites of this folder, on a Slurm of their own: tests/slurm/run.sh [ARGUMENT OF BATS...]. The output is TAP.
#
# A controller, munged and two nodes run in namespaces: of processes, so that nothing survives this script; of the network, which has
# the loopback interface alone; of mounts, where /mnt is a file system in memory with all that belongs to the cluster. Each node has
# another of processes below it, so that one can lose power. What is missing for that is said, and each test skipped by its name.
set -eu

cd "$(dirname "$0")/../.."
[[ $# != 0 ]] || set -- tests/slurm/*.bats
namespaces=(unshare --pid --fork --kill-child --mount-proc --mount --net --uts --ipc)

missing() {
    PATH=$PATH:/usr/sbin:/sbin
    for program in bats slurmctld slurmd sbatch munged ip unshare; do
        if ! command -v "$program" >/dev/null; then
            echo "there is no $program; contrib/install-dependencies.sh test installs it"
            return
        fi
    done
    "${namespaces[@]}" mount -t tmpfs test /mnt >/dev/null 2>&1 || echo 'no namespaces can be made here; root can where that is allowed'
}

why=$(missing)
if [[ -n $why ]]; then
    sed -n 's/^@test "\(.*\)" {$/\1/p' tests/slurm/*.bats | awk -v why="$why" '{ print "ok " NR " " $0 " # skip " why }'
    exit
fi

# Waiting for its child, unshare does not hear TERM.
"${namespaces[@]}" tests/slurm/inside.sh "$@" &
trap 'kill -KILL $!' TERM INT
wait $!
