# For the suites of tests/ranks, as `load ranks` after `load ../helpers`: ranks on this machine, more of them than it has processors.

# shellcheck source=tests/ranks/mpi.sh
. "$ROOT/tests/ranks/mpi.sh"

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    { command -v mpirun >/dev/null && [ -e "$BUILD/lib/rote/comm-mpi.so" ]; } || skip 'there is no MPI'
}

# Those that wait for each other for ever end after two minutes.
ranks() { # COUNT PROGRAM [ARGUMENT...]
    local count=$1
    shift
    timeout 120 mpirun -q --bind-to none -n "$count" "$@" 3>&-
}

# Two machines of one rank each, for mpirun: each is a session here, with a daemon of Open MPI's that is the parent of its rank.
machines() {
    printf '#!/bin/sh\nshift\nexec setsid sh -c "$*"\n' >agent
    chmod +x agent
    printf '%s slots=1\n' one two >machines
    export OMPI_MCA_plm_rsh_agent=$PWD/agent OMPI_MCA_orte_default_hostfile=$PWD/machines OMPI_MCA_btl=self,tcp
}

# The first of a set's samples, as a list.
first() { # COUNT
    seq 0 $(($1 - 1)) >"first$1"
}

# The same in the background: $! is mpirun, whose children they are.
begin_ranks() { # COUNT PROGRAM [ARGUMENT...]
    local count=$1
    shift
    mpirun -q --bind-to none -n "$count" "$@" 3>&- &
}

# shellcheck disable=SC2034 # for a test to look at
# Sets $status to that of the last child that was begun.
end_ranks() {
    status=0
    wait $! || status=$?
}

# shellcheck disable=SC2154 # bats sets output
# In how many lines of the last output is TEXT?
times_in() { # TEXT
    grep -c -- "$1" <<<"$output" || :
}
