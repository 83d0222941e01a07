#!/bin/bash
# A real Asterisk to call and be called by, on loopback: Debian's, in a chroot of its own under a cache folder.
#
#   asterisk-peer.sh setup                        Make the chroot, once: about 2 minutes and 500 MB.
#   asterisk-peer.sh run NAME KEY=VALUE...        Run an instance until standard input ends, then stop and remove it.
#   asterisk-peer.sh start NAME KEY=VALUE...      Run one in the background.
#   asterisk-peer.sh cli NAME COMMAND             Ask it.
#   asterisk-peer.sh stop NAME                    Stop it; its folder stays until the next start.
#   asterisk-peer.sh folder NAME                  Print its folder: results, received/, documents/, shared/, log, tls/.
#   asterisk-peer.sh version                      Print what the chroot has.
#
# Keys are described in asterisk-peer-configuration.sh. Status 3: this machine cannot have one, and why is said; 2: wrong use.
# PEER_CACHE is the cache folder, PEER_SUITES the Debian suites to try (sid has Asterisk 22, bullseye 16).
set -euo pipefail

PATH=$PATH:/usr/sbin:/sbin
here=$(cd "$(dirname "$0")" && pwd)
cache=${PEER_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/faxlock}
suites=${PEER_SUITES:-sid bullseye}

impossible() { echo "No Asterisk peer: $*" >&2; exit 3; }
wrong() { echo "asterisk-peer.sh: $*" >&2; exit 2; }

# The first chroot that is complete, in the order of the suites.
chroot_folder() {
    local suite
    for suite in $suites; do
        if [ -x "$cache/asterisk-$suite/usr/sbin/asterisk" ]; then echo "$cache/asterisk-$suite"; return; fi
    done
    return 1
}

# The mirror that apt uses for Debian here; nothing if it names none.
mirror() {
    awk '/^URIs:/ { print $2; exit }' /etc/apt/sources.list.d/debian.sources 2>/dev/null | grep . ||
        awk '$1 == "deb" { for (i = 2; i <= NF; i++) if ($i ~ /^https?:.*debian\/?$/) { print $i; exit } }' /etc/apt/sources.list \
            2>/dev/null | grep . || true
}

# Becomes the command. Mounts that it makes vanish with it, however it ends.
isolated() {
    if unshare --mount true 2>/dev/null; then exec unshare --mount -- "$@"; else exec "$@"; fi
}

setup() {
    [ "$(id -u)" -eq 0 ] || impossible "a chroot takes root"
    mkdir -p "$cache"
    exec 9>"$cache/asterisk.lock"
    flock --wait 1200 9 || impossible "another set-up holds $cache/asterisk.lock"
    if chroot_folder >/dev/null; then version; return; fi
    command -v debootstrap >/dev/null || impossible "debootstrap is missing (make test-peers installs it)"
    local from suite target log
    from=$(mirror)
    [ -n "$from" ] || impossible "apt's sources name no mirror of Debian"
    for suite in $suites; do
        timeout 30 wget -q --tries=1 -O /dev/null "$from/dists/$suite/Release" && break
        suite=
    done
    [ -n "$suite" ] || impossible "$from does not answer"
    for suite in $suites; do
        target=$cache/asterisk-$suite log=$cache/asterisk-$suite.log
        rm -rf "$target.new"
        echo "Making Debian $suite with Asterisk in $target (about 2 minutes) ..."
        if timeout --kill-after=10 900 setsid --wait "$BASH" "$0" bootstrap "$suite" "$target.new" "$from" >"$log" 2>&1; then
            rm -rf "$target.new"/var/cache/apt/archives/*.deb "$target.new"/usr/share/{doc,man,locale}
            mv "$target.new" "$target"
            version
            return
        fi
        rm -rf "$target.new"
        echo "That failed; the end of $log:" >&2
        tail -n 5 "$log" >&2
    done
    impossible "no Asterisk could be installed; the lines above say why"
}

bootstrap() {
    isolated debootstrap --variant=minbase --include=asterisk,asterisk-modules "$1" "$2" "$3"
}

version() { chroot "$(need_root)" /usr/sbin/asterisk -V; }

need_root() {
    [ "$(id -u)" -eq 0 ] || impossible "a chroot takes root"
    chroot_folder || impossible "there is none yet; asterisk-peer.sh setup makes it"
}

cli() { timeout 20 chroot "$root" /usr/sbin/asterisk -C "/srv/$name/etc/asterisk.conf" -rx "$1"; }

is_ours() { { tr "\0" " " <"/proc/$1/cmdline"; } 2>/dev/null | grep -q -- "-C /srv/$name/etc/asterisk.conf"; }

start() {
    if [ -f "$folder/pid" ] && is_ours "$(cat "$folder/pid")"; then wrong "$name runs already"; fi
    rm -rf "$folder"
    "$BASH" "$here/asterisk-peer-configuration.sh" "$root" "$name" "$@"
    ulimit -n 8192 2>/dev/null || true
    # Some machines forbid device files: theirs are lent for as long as Asterisk lives.
    [ -c "$root/dev/null" ] && [ -c "$root/dev/urandom" ] || lend="mount --bind /dev '$root/dev' &&"
    isolated ${leash:-} sh -c "${lend:-} exec chroot '$root' /usr/sbin/asterisk -f -C /srv/$name/etc/asterisk.conf" \
        >"$folder/output" 2>&1 </dev/null 9>&- &
    echo $! >"$folder/pid"
    for _ in $(seq 200); do
        if cli 'core waitfullybooted' 2>/dev/null | grep -q 'fully booted'; then return; fi
        kill -0 "$(cat "$folder/pid")" 2>/dev/null || break
        sleep 0.1
    done
    echo "Asterisk $name did not start:" >&2
    tail -n 20 "$folder/output" >&2
    stop
    exit 1
}

stop() {
    local id
    id=$(cat "$folder/pid" 2>/dev/null) || return 0
    if is_ours "$id"; then
        kill "$id" 2>/dev/null || true
        for _ in $(seq 50); do is_ours "$id" || break; sleep 0.1; done
        if is_ours "$id"; then kill -KILL "$id" 2>/dev/null || true; fi
    fi
    rm -f "$folder/pid"
}

run() {
    trap 'stop; [ -n "${PEER_KEEP:-}" ] || rm -rf "$folder"' EXIT
    trap 'exit 143' TERM INT HUP
    # Even a kill of this script does not leave Asterisk behind.
    leash="setpriv --pdeathsig KILL"
    start "$@"
    echo "ready $folder"
    # Whoever started this may be killed: its end of the pipe closes all the same.
    while read -r _; do :; done
}

action=${1:-}
[ $# -gt 0 ] && shift
case $action in
setup) setup ;;
bootstrap) bootstrap "$@" ;;
version) version ;;
run | start | stop | cli | folder)
    name=${1:-}
    [[ $name =~ ^[a-z0-9-]{1,32}$ ]] || wrong "a name is 1 to 32 of a to z, 0 to 9 and hyphen"
    shift
    root=$(need_root)
    folder=$root/srv/$name
    case $action in
    folder) echo "$folder" ;;
    cli) cli "$*" ;;
    start) start "$@"; echo "Asterisk $name runs as $(cat "$folder/pid") in $folder" ;;
    *) "$action" "$@" ;;
    esac
    ;;
*) sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
