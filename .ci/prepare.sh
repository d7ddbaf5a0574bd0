# Shared by ./run and ./test: installs what is missing and builds. Sourced, never run.
# Needs: bash, and root or sudo for the packages that are not there yet.

say() { printf '%s\n' "$*" >&2; }

# The Debian packages that the build and the programs need.
build_packages=(
    g++ cmake ninja-build pkg-config ccache protobuf-compiler libprotobuf-dev libsodium-dev liblmdb-dev
    libssl-dev libboost1.81-dev libcli11-dev libspdlog-dev libtomlplusplus-dev nlohmann-json3-dev
    prometheus-cpp-dev zlib1g-dev libsystemd-dev libqrencode-dev libcsv-dev libutf8proc-dev catch2
    librapidcheck-dev libjemalloc-dev jq
)
# Beyond those, what the tests need.
test_packages=(python3 python3-venv python3-pip curl)
# Beyond those, what `./test --all` needs: the second compiler, its sanitizers and fuzzer, the formatter.
all_packages=(clang-16 libclang-rt-16-dev clang-format-16 clang-tidy-16)

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# install_missing PACKAGE...: installs those that dpkg does not know as installed; quiet where nothing is missing.
install_missing() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' || missing+=("$package")
    done
    [ "${#missing[@]}" = 0 ] && return 0
    say "Installing with apt: ${missing[*]}"
    if printf '%s\n' "${missing[@]}" | grep -qx 'libboost1.81-dev' &&
        dpkg-query -W -f '${Status}' libboost1.74-dev 2>/dev/null | grep -q '^install ok installed$'; then
        say "Note: the headers of Boost 1.81 take the place of those of Boost 1.74 on this machine."
    fi
    local log
    log=$(mktemp)
    if ! { as_root env DEBIAN_FRONTEND=noninteractive apt-get update &&
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"; } \
        >"$log" 2>&1; then
        tail -n 20 "$log" >&2
        rm -f "$log"
        say "The packages above could not be installed. Mend what apt says and start again."
        return 1
    fi
    rm -f "$log"
}

# build_preset NAME [TARGET...]: configures and builds; prints the compiler's words only when it fails.
build_preset() {
    local preset=$1 log
    shift
    mkdir -p build
    log="build/$preset.log"
    say "Building ($preset); the first time takes some minutes"
    local targets=()
    [ "$#" -gt 0 ] && targets=(--target "$@")
    if ! { cmake --preset "$preset" && cmake --build --preset "$preset" "${targets[@]}"; } >"$log" 2>&1; then
        tail -n 60 "$log" >&2
        say "The build failed; the whole log is in $log."
        return 1
    fi
}
