#!/bin/sh
# Copies new and changed files of the folder of backups to other media and compares each copy byte for byte.
#   copy-backups.sh FROM TO [DAYS]
# What the server's rotation removed goes from the copy DAYS (35) later, and what changed is kept beside the new as NAME.~1~: a
# taken-over server that deletes or overwrites its backups does not reach the copies for that long.
# Backups are sealed; this script needs no key and must not have one: never copy the key bundle to the same media.
set -eu
umask 077

[ $# -ge 2 ] && [ $# -le 3 ] || { echo "Usage: $0 FROM TO [DAYS]" >&2; exit 64; }
from=$1
to=$2
days=${3-35}
case $days in
'' | *[!0-9]*) echo "DAYS is a whole number, not '$days'." >&2; exit 64 ;;
esac
[ -n "$(find "$from" -type f -print -quit)" ] || { echo "$from holds no backup: nothing was copied or removed." >&2; exit 66; }
# `.gone` remembers since when a file is missing in FROM.
mkdir -p "$to/.gone"
to=$(cd "$to" && pwd)
incoming="$to/.incoming"
trap 'rm -f "$incoming"' EXIT

copied=0
cd "$from"
# The server chooses the names: no white space, nothing to quote.
for file in $(find . -type f ! -name '.*' | sort); do
    file=${file#./}
    if [ -e "$to/$file" ] && [ "$(stat -c %s.%Y "$file")" = "$(stat -c %s.%Y "$to/$file")" ]; then continue; fi
    mkdir -p "$to/$(dirname "$file")"
    # Under another name until it is whole and on the disk, so that half a copy never looks like one.
    cp --preserve=timestamps "$file" "$incoming"
    sync "$incoming"
    cmp -s "$file" "$incoming" || { echo "The copy of $file differs: it was still being written, or the medium fails." >&2; exit 74; }
    mv --backup=numbered "$incoming" "$to/$file"
    copied=$((copied + 1))
done
sync -f "$to"

removed=0
cd "$to"
for file in $(find . -path ./.gone -prune -o -type f ! -name '.*' -print); do
    file=${file#./}
    gone=".gone/$file"
    if [ -e "$from/$file" ]; then
        rm -f "$gone"
    elif [ ! -e "$gone" ]; then
        mkdir -p "$(dirname "$gone")"
        : >"$gone"
    elif [ -n "$(find "$gone" -mtime +"$days")" ]; then
        rm "$file" "$gone"
        removed=$((removed + 1))
    fi
done
echo "$copied copied, $removed removed"
