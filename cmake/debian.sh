# Debian packages and how to get those that are missing. Sourced by quickstart.sh and runtests.sh.

# What a build needs.
build_packages=(
    g++ cmake ninja-build ccache mold
    libboost-dev libboost-graph-dev libtbb-dev libyaml-cpp-dev libhdf5-dev libfmt-dev
    nlohmann-json3-dev libcli11-dev
)
# What the tests need besides: test libraries, a second compiler, and the programs that must be able to read results.
test_packages=(
    libgtest-dev libgmock-dev libbenchmark-dev librapidcheck-dev
    clang libclang-rt-14-dev clang-format-14
    python3 python3-yaml python3-numpy python3-h5py python3-xarray python3-netcdf4 python3-h5netcdf
    hdf5-tools netcdf-bin
    r-base-core r-bioc-rhdf5 r-cran-hdf5r r-cran-ncdf4
)

# install_missing <packages>...: nothing to do, and no network, when all are there.
install_missing() {
    if ! command -v dpkg-query >/dev/null; then
        echo "This is not Debian: please install yourself what these packages hold: $*" >&2
        return 0
    fi
    local missing=() package
    for package in "$@"; do
        [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null; then
            echo "Missing: ${missing[*]}" >&2
            echo "Install them as root: apt-get install ${missing[*]}" >&2
            return 1
        fi
        as_root=(sudo)
    fi
    echo "Installing ${missing[*]}"
    "${as_root[@]}" apt-get update -qq &&
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
            apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null
}

# Objects of another clone of the same sources are found too.
export CCACHE_BASEDIR=${CCACHE_BASEDIR:-$PWD} CCACHE_NOHASHDIR=${CCACHE_NOHASHDIR:-1}
