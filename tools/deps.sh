#!/bin/sh
# Installs the Debian packages named that are missing; silent when none is.
missing=""
for package in "$@"; do
    dpkg-query -W -f '${Status}\n' "$package" 2>/dev/null |
        grep -q '^install ok installed' || missing="$missing $package"
done
[ -z "$missing" ] && exit 0
echo "installing:$missing"
sudo=""
[ "$(id -u)" = 0 ] || sudo=sudo
$sudo apt-get update -qq &&
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq \
        --no-install-recommends $missing
