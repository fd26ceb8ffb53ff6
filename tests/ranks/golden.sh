#!/bin/sh
# golden.sh RANKS...: hold what so many ranks compute to tests/golden/digests.tsv, with three threads each. Prints TAP.
#
# The programs are those of $BUILD (default: build/ of the repository). Where there is no MPI, it is a skipped test.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "${BUILD:-$root/build}" && pwd)
# shellcheck source=tests/ranks/mpi.sh
. "$root/tests/ranks/mpi.sh"
if ! command -v mpirun >/dev/null || [ ! -e "$build/lib/rote/comm-mpi.so" ]; then
    echo 'ok - the digests by ranks # skip there is no MPI'
    exit
fi
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
mkdir "$directory/bin"
ln -s "$build"/bin/* "$directory/bin"
rm "$directory/bin/nn-train-epoch"
cat >"$directory/bin/nn-train-epoch" <<END
#!/bin/sh
exec mpirun -q --bind-to none -n \$RANKS '$build/bin/nn-train-epoch' "\$@"
END
chmod +x "$directory/bin/nn-train-epoch"
failed=0
for ranks; do
    RANKS=$ranks BUILD=$directory ROTE_DEVICE=cpu "$root/tests/golden.sh" >"$directory/said" 2>&1 || failed=1
    sed "s/^\(ok\|not ok\) - /&$ranks ranks: /" "$directory/said"
done
exit "$failed"
