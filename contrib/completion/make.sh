#!/bin/sh
# make.sh bash|zsh PAGE... - print the completion of the programs that these pages of section 1 describe
#
# It is one of the two files beside this one, after a table of all options (options.awk says how that is made).
set -eu

name=${0##*/}
here=$(dirname "$0")
case ${1-},$# in
*,[01]) shell='' ;;
bash,* | zsh,*) shell=$1 && shift ;;
*) shell='' ;;
esac
if [ -z "$shell" ]; then
    echo "usage: $name bash|zsh page ..." >&2
    exit 64
fi
table=$(awk -f "$here/options.awk" "$@")
programs=$(printf '%s\n' "$table" | cut -d '|' -f 1 | uniq | tr '\n' ' ')
programs=${programs% }
quoted=$(printf '%s\n' "$table" | sed "s/'/'\\\\''/g")

[ "$shell" = bash ] || echo "#compdef $programs"
echo "# Completion of rote's programs for $shell: made of their pages by contrib/completion/make.sh."
printf "\n_rote_table='%s'\n\n" "$quoted"
cat "$here/rote.$shell"
[ "$shell" = zsh ] || printf '\ncomplete -o default -F _rote %s\n' "$programs"
