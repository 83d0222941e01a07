#!/bin/sh
# Installs the Debian packages that the build, the tests and the demo need, where they are missing.
# With "peers" also the programs that tests check the configurations in deploy/ with; without them those tests are skipped and say so.
# None of their services is started.
set -eu

packages="
  libspandsp-dev libtiff-dev libsqlite3-dev libpango1.0-dev zlib1g-dev pkg-config
  mupdf-tools fonts-dejavu-core
  python3-venv poppler-utils wrk strace openssl
"
peers="
  nginx-light rsyslog rsyslog-openssl postfix wireguard-tools nftables fail2ban strongswan-swanctl systemd curl
"
# What makes the Asterisk of make test-peers.
asterisk="debootstrap wget openssl"
case ${1:-} in
peers) packages="$packages $peers" ;;
asterisk) packages="$asterisk" ;;
esac

missing=""
for package in $packages; do
    status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
    [ "$status" = "install ok installed" ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

echo "Installing:$missing"
as_root=""
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "Run as root, or install by hand:$missing" >&2; exit 1; }
    as_root=sudo
fi
# Debian's way to keep a package from starting its service (policy-rc.d); an operator's own policy stays.
policy=/usr/sbin/policy-rc.d
if [ "${1:-}" = "peers" ] && [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null
    $as_root chmod 755 "$policy"
    # shellcheck disable=SC2064
    trap "$as_root rm -f $policy" EXIT
fi
$as_root apt-get update -qq
echo "postfix postfix/main_mailer_type select No configuration" | $as_root debconf-set-selections 2>/dev/null || true
# shellcheck disable=SC2086
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
