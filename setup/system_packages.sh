#!/usr/bin/env bash
# Sees that the programs are there that no Python package brings: a headless browser and a reverse proxy (nginx)
# for the tests of pages, and the text layout library that the bulletin's PDF is set with. Where they are missing and this user may install packages
# with apt-get, installs them; else says what will not work, and goes on.
set -euo pipefail

packages=()
command -v chromium >/dev/null && command -v chromedriver >/dev/null || packages+=(chromium chromium-driver)
PATH="$PATH:/usr/sbin" command -v nginx >/dev/null || packages+=(nginx-light)
ldconfig -p 2>/dev/null | grep -q libpangoft2-1.0 || packages+=(libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core)
[[ ${#packages[@]} -eq 0 ]] && exit 0

# Runs a command as root, without ever asking for a password.
as_root() {
  if [[ $(id -u) -eq 0 ]]; then "$@"; else sudo -n "$@"; fi
}

if command -v apt-get >/dev/null && { [[ $(id -u) -eq 0 ]] || sudo -n true 2>/dev/null; }; then
  echo "Installing ${packages[*]}" >&2
  as_root apt-get update -qq >&2 || true
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${packages[@]}" </dev/null >/dev/null && exit 0
fi
echo "Missing: ${packages[*]}. Without them tests of pages are skipped and the bulletin has no PDF. Install them with:" >&2
echo "    sudo apt-get update && sudo apt-get install -y ${packages[*]}" >&2
