# shellcheck shell=bash
# What scripts/run and scripts/test share: an environment that also works when it was empty, packages, builds.
# Sourced, never run. Sets ROOT, the checkout.

ROOT=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)

# Without one, bash makes up a PATH that holds the current folder.
[[ $(declare -p PATH 2>/dev/null) == 'declare -x'* ]] || PATH=
export PATH=${PATH:+$PATH:}/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LANG=${LANG:-C.UTF-8}
if [[ -z ${HOME:-} ]]; then
  HOME=$(getent passwd "$(id -u)" | cut -d: -f6) || true
  export HOME=${HOME:-/tmp}
fi

say() { printf '%s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# package_list SECTION... prints one line per package of scripts/packages.txt: "name" or "name | other".
package_list() {
  local line section='' wanted=" $* "
  while IFS= read -r line || [[ -n $line ]]; do
    line=${line%%#*}
    line=${line%"${line##*[![:space:]]}"}
    case $line in
      '') ;;
      \[*\]) section=${line#\[} section=${section%\]} ;;
      *) [[ $wanted != *" $section "* ]] || printf '%s\n' "$line" ;;
    esac
  done <"$ROOT/scripts/packages.txt"
}

# missing_packages SECTION... prints what dpkg does not know as installed, "a|b" where either will do. Asks dpkg
# only, never apt.
missing_packages() {
  local installed line name found
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p')
  while IFS= read -r line; do
    found=
    for name in ${line//|/ }; do
      [[ $'\n'$installed$'\n' != *$'\n'$name$'\n'* ]] || found=1
    done
    [[ -n $found ]] || printf '%s\n' "${line// /}"
  done < <(package_list "$@")
}

# ensure_packages SECTION... installs what is missing: as root, or with sudo; else says what to run and stops.
ensure_packages() {
  if ! command -v dpkg-query >/dev/null; then
    say 'No dpkg here: vcpkg.json names the libraries; going on with what is installed.'
    return 0
  fi
  local missing install=("$ROOT/scripts/apt-install")
  missing=$(missing_packages "$@" | tr '\n' ' ')
  missing=${missing% }
  [[ -n $missing ]] || return 0
  say "Missing packages: $missing"
  if [[ $(id -u) != 0 ]]; then
    if ! command -v sudo >/dev/null || ! { sudo -n true 2>/dev/null || [[ -t 0 ]]; }; then
      say 'They need root to be installed, and there is no sudo without a password here. Run as root:'
      # shellcheck disable=SC2086
      say "  $(printf '%q ' "${install[@]}" $missing)"
      die 'and then this script again.'
    fi
    install=(sudo "${install[@]}")
  fi
  # shellcheck disable=SC2086  # names without blanks, one word each
  "${install[@]}" $missing || die 'The installation failed; apt says why above.'
}

# build_jobs: one job per core, but no more than memory holds (1.5 GiB for each compiler).
build_jobs() {
  local cores memory
  cores=$(nproc)
  memory=$(awk '/^MemAvailable:/ {print int($2 / 1572864)}' /proc/meminfo 2>/dev/null || true)
  if [[ -n $memory ]] && ((memory < cores)); then cores=$((memory > 0 ? memory : 1)); fi
  echo "$cores"
}

# use_ccache sets LAUNCHER for CMake. Without ccache everything works, only slower.
LAUNCHER=()
use_ccache() {
  command -v ccache >/dev/null || return 0
  export CCACHE_DIR=${CCACHE_DIR:-${AIOPS_CACHE:-$HOME/.cache/aiops}/ccache}
  export CCACHE_BASEDIR=$ROOT CCACHE_NOHASHDIR=1
  # Precompiled headers never hit without these.
  export CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
  mkdir -p "$CCACHE_DIR" 2>/dev/null && [[ -w $CCACHE_DIR ]] || return 0
  LAUNCHER=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
}

# configure PRESET [argument...] runs CMake when it never did, or when the checkout was moved since.
# Later changes are noticed by the build itself.
configure() {
  local preset=$1 dir=$ROOT/build/$1 fresh=()
  shift
  if [[ -f $dir/CMakeCache.txt ]]; then
    if grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$ROOT" "$dir/CMakeCache.txt"; then
      [[ ! -f $dir/build.ninja ]] || return 0
    else
      fresh=(--fresh)
    fi
  fi
  (cd "$ROOT" && cmake --preset "$preset" --log-level=WARNING "${fresh[@]}" "${LAUNCHER[@]}" "$@")
}

# fuzz_compiler prints a clang++ that has libFuzzer; nothing where there is none.
fuzz_compiler() {
  local compiler
  for compiler in clang++-16 clang++-19 clang++; do
    command -v "$compiler" >/dev/null || continue
    if [[ -n $(find "$("$compiler" -print-resource-dir)" -name 'libclang_rt.fuzzer*.a' -print -quit) ]]; then
      echo "$compiler"
      return
    fi
  done
}

# build PRESET [target...]
build() {
  local dir=$ROOT/build/$1 targets=()
  shift
  [[ $# == 0 ]] || targets=(--target "$@")
  cmake --build "$dir" --parallel "$(build_jobs)" "${targets[@]}"
}
