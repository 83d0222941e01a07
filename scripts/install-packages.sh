#!/bin/sh
# Installs the Debian packages that the build, the tests and the demo need, where they are missing.
set -eu

packages="
  libspandsp-dev libtiff-dev libsqlite3-dev libpango1.0-dev zlib1g-dev pkg-config
  mupdf-tools fonts-dejavu-core
  python3-venv poppler-utils wrk strace
"

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
$as_root apt-get update -qq
# shellcheck disable=SC2086
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
