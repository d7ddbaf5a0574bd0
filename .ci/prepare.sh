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

# --- The engine of a network: CometBFT, at exactly one version. Only `./run --authorities` and `./test` need it.

engine_module=github.com/cometbft/cometbft
engine_version=v0.40.0
engine_program=build/engine/cometbft
# CometBFT needs Go 1.25; from 1.21 on a Go fetches a newer one by itself.
go_minor_wanted=25
go_minor_that_fetches=21
# Where the machine's own Go will not do, one comes as a Python package.
network_packages=(python3 python3-venv python3-pip curl)

# go_minor PROGRAM: 26 for go1.26.8; nothing for what is no Go.
go_minor() {
    GOTOOLCHAIN=local "$1" env GOVERSION 2>/dev/null | sed -nE 's/^go1\.([0-9]+).*/\1/p'
}

# engine_is_right: is the installed program the pinned version? Its own `version` says something else, so what Go's linker
# left in the file is read; no Go is needed for that.
engine_is_right() {
    [ -x "$engine_program" ] &&
        LC_ALL=C grep -aqF "$(printf 'mod\t%s\t%s\t' "$engine_module" "$engine_version")" "$engine_program"
}

# find_go: prints a Go that can build the engine: the machine's, or one that is installed under build/ for this.
find_go() {
    local go minor
    for go in "$(command -v go || true)" /usr/local/go/bin/go; do
        [ -x "$go" ] || continue
        minor=$(go_minor "$go")
        if [ -n "$minor" ] && [ "$minor" -ge "$go_minor_that_fetches" ]; then
            printf '%s\n' "$go"
            return 0
        fi
    done
    go=build/go/lib/go
    if [ ! -x "$go/bin/go" ] || ! cmp -s .ci/go-requirements.txt build/go/requirements.txt; then
        say "Installing Go into build/go"
        rm -rf build/go
        python3 -m venv build/go/python &&
            build/go/python/bin/pip install --quiet --disable-pip-version-check --require-hashes --no-deps \
                --target build/go/lib -r .ci/go-requirements.txt >&2 || return 1
        chmod +x "$go"/bin/* "$go"/pkg/tool/*/* 2>/dev/null || true
        cp .ci/go-requirements.txt build/go/requirements.txt
    fi
    printf '%s\n' "$PWD/$go/bin/go"
}

# install_engine: builds the pinned engine unless it is there.
install_engine() {
    engine_is_right && return 0
    local go log toolchain=local
    go=$(find_go) || {
        say "Go could not be installed. Install Go 1.$go_minor_wanted or newer and start again."
        return 1
    }
    [ "$(go_minor "$go")" -ge "$go_minor_wanted" ] || toolchain=auto
    mkdir -p build/engine
    log=build/engine.log
    say "Building CometBFT $engine_version; the first time takes some minutes"
    if ! GOBIN="$PWD/build/engine" GOTOOLCHAIN=$toolchain GOFLAGS='' GOWORK=off \
        "$go" install "$engine_module/cmd/cometbft@$engine_version" >"$log" 2>&1; then
        tail -n 20 "$log" >&2
        say "CometBFT could not be built; the whole log is in $log."
        return 1
    fi
    engine_is_right || {
        say "$engine_program is not CometBFT $engine_version. Remove build/engine and start again."
        return 1
    }
}
