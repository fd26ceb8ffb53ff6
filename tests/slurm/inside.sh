#!/bin/bash
# Within the namespaces of run.sh: bring up the cluster and run suites on it.
set -eu

# shellcheck source=tests/slurm/cluster.bash
. tests/slurm/cluster.bash
if ! cluster_up; then
    tail -n 20 /mnt/log/*
    exit 1
fi
bats --timing --tap --print-output-on-failure "$@"
