#!/usr/bin/env bash
# Sees that Java 17 is there. Where it is missing and this user may install packages with apt-get, installs it;
# else names the command and fails.
set -euo pipefail

release=17
package="openjdk-$release-jre-headless"

# Prints the release of the Java that Spark would start: the one of JAVA_HOME, else the first on PATH.
found_release() {
  local java=java
  [[ -n "${JAVA_HOME:-}" ]] && java="$JAVA_HOME/bin/java"
  { "$java" -version 2>&1 || true; } | sed -nE 's/.*version "(1\.)?([0-9]+).*/\2/p' | head -n 1
}

# Runs a command as root, without ever asking for a password.
as_root() {
  if [[ $(id -u) -eq 0 ]]; then "$@"; else sudo -n "$@"; fi
}

# Whether packages can be installed without a question.
may_install() {
  command -v apt-get >/dev/null || return 1
  [[ $(id -u) -eq 0 ]] || { command -v sudo >/dev/null && sudo -n true 2>/dev/null; }
}

# Where a second Java stands beside Spark's, only JAVA_HOME tells which one to use.
name_java_home() {
  local home
  for home in /usr/lib/jvm/java-"$release"-*; do
    if [[ -x "$home/bin/java" ]]; then
      echo "Java $release is installed, but Spark would start another one; say: export JAVA_HOME=$home" >&2
      exit 1
    fi
  done
}

[[ "$(found_release)" == "$release" ]] && exit 0
name_java_home
if may_install; then
  echo "Java $release is missing: installing $package" >&2
  as_root apt-get update -qq >&2 || true
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$package" </dev/null >&2 || true
  [[ "$(found_release)" == "$release" ]] && exit 0
  name_java_home
fi
echo "Java $release is needed (found: $(found_release || true)). Install it, for example with:" >&2
echo "    sudo apt-get update && sudo apt-get install -y $package" >&2
echo "and let JAVA_HOME or PATH point to it." >&2
exit 1
