# How a script begins, for it to read in first, once it has trapped EXIT and stderr is open: what all of them know, and the other parts.
#
#     here    the directory of the script, which has set it
#     start   where it was started
#     waste   a file or a directory that goes away with it
#     draft   another file that does, while it is nobody else's
# shellcheck shell=sh disable=SC2034,SC2154 # what one part sets, another uses

LC_ALL=C
export LC_ALL
unset CDPATH
name=${0##*/}
start=$PWD
case ${TMPDIR-} in '' | /*) ;; *) TMPDIR=$start/$TMPDIR ;; esac
nl='
'
tab='	'
waste='' draft='' logging='' child='' training='' told='' stopping='' telling=TERM
trap '' XFSZ # a limit on the size of files is an error, here and in all programs

# The shell itself ends with 2, where it lacks descriptors or processes.
on_exit() {
    ended=$?
    [ -z "$waste" ] || rm -rf "$waste"
    [ -z "$draft" ] || rm -f "$draft"
    if [ "$ended" -ne 2 ]; then
        log "$name: it ends with status $ended"
        return
    fi
    printf '%s: the system lacks memory, descriptors or processes\n' "$name" >&2
    exit 71
}

trap on_exit EXIT

# shellcheck source=pipelines/train/children.sh
. "$here/train/children.sh" || exit 70
# shellcheck source=pipelines/train/files.sh
. "$here/train/files.sh" || exit 70
# shellcheck source=pipelines/train/settings.sh
. "$here/train/settings.sh" || exit 70
# shellcheck source=pipelines/train/directory.sh
. "$here/train/directory.sh" || exit 70
# shellcheck source=pipelines/train/data.sh
. "$here/train/data.sh" || exit 70
# shellcheck source=pipelines/train/run.sh
. "$here/train/run.sh" || exit 70
