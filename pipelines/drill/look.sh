# What is there to drill with; for drill.sh to read in. The directory of the drill is the current one.
# shellcheck shell=sh disable=SC2034,SC2154 # what one part sets, another uses

# What the file system has: a command says so; WITH is what that is good for, WITHOUT what becomes of rote.
look() { # WHAT WITH WITHOUT COMMAND...
    what=$1 with=$2 without=$3
    shift 3
    if "$@" >/dev/null 2>&1; then
        print "$what${tab}there${tab}1${tab}1${tab}0$tab$with"
    else
        print "$what${tab}missing${tab}1${tab}0${tab}0$tab$without"
    fi
}

has_exclusive() {
    created=$(for number in 1 2 3 4 5 6 7 8; do (set -C && : >created && echo "$number") & done)
    case $created in [1-8]) ;; *) return 1 ;; esac
}

has_locks() {
    ! timeout 60 flock -n locked flock -n locked true && timeout 60 flock -n locked true
}

has_links() {
    : >linked && ln linked link && ! ln linked link
}

look_around() {
    : >synced
    look exclusive 'of many who create a file one does' 'two writers may take the same temporary file' has_exclusive
    look flock 'a second process is refused, the next one is not' 'nothing keeps a second rote-train out' has_locks
    look link 'a name is given only while it is free' 'a rename that replaces nothing stands in for it, or rote does not work here' has_links
    look fsync 'a file can be forced to the disk' 'rote-train does not work here' sync synced
    look fsync-directory 'a name can be forced to the disk' 'rote-train does not work here' sync .
}

# What permits to mount something that nobody else sees: sets $namespace, and $closed where a directory can be closed to us.
find_permissions() {
    namespace=-rm closed=''
    [ "$(id -u)" -ne 0 ] || namespace=-m
    mkdir closed && chmod a-w closed 2>/dev/null
    unshare "$namespace" mount -t tmpfs none closed 2>/dev/null || namespace=''
    [ -w closed ] && [ -z "$namespace" ] || closed=yes
    signals='TERM HUP USR1 USR2' listening=''
    ! env --default-signal=INT true 2>/dev/null || { signals="$signals INT" && listening=yes; }
}
