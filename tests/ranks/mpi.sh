# To be read in by what starts ranks on this machine, more of them than it has processors.
# shellcheck shell=sh

# Open MPI's own settings: on the loopback interface alone, as root, and without reading another process's memory, as in a container.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1
export OMPI_MCA_btl="${OMPI_MCA_btl:-self,vader}" OMPI_MCA_btl_vader_single_copy_mechanism=none
export OMPI_MCA_oob_tcp_if_include=lo OMPI_MCA_btl_tcp_if_include=lo
export TMPDIR=/tmp # its sockets have no room for long names
