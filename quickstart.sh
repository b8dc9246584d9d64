#!/usr/bin/env bash
# From a fresh Debian 12 to a running system, or to the verdict of every test. What is there already is left alone, so the
# second run is quick and needs no network.
set -euo pipefail
cd "$(dirname "$0")"

usage() {
    cat <<'TEXT'
usage: ./quickstart.sh          build distd and run it: every role on this machine, data in ./data
       ./quickstart.sh test [SUITE [CASE]]
                                build and run every test, one suite or one case of it (test --help); the last line is
                                "N passed, N failed"
       ./quickstart.sh abuse [CASE]
                                attack the release with large numbers; a client beside each attack has to be answered
                                within 100 ms, 99 times of 100 (DISTD_ABUSE_SCALE: 10, how large)
       ./quickstart.sh bench    measure distd against its peers in one run
       ./quickstart.sh fuzz     look for inputs that break a parser, a minute for each, starting from what it found before
       ./quickstart.sh sim [--minutes=N]
                                let simulated disks fail and forget under the stores, from fresh seeds (N: 5)
Packages that are missing are installed with apt (sudo is used only when you are not root).
TEXT
}

test_usage() {
    cat <<'TEXT'
usage: ./quickstart.sh test                  build and run every test
       ./quickstart.sh test SUITE            one of the suites below, built first
       ./quickstart.sh test SUITE CASE       one case of it
The last line is "N passed, N failed"; the output of each suite lies in build/test-logs.

  unit        pure code and single parts
  http        the HTTP server, over real sockets
  role        roles in one process, on free ports
  e2e         single processes: start, signals, kill -9
  client      the operator's command line in front of real processes
  scenario    whole systems of processes, also with services of another make
  abuse       processes under attack
  sim         histories on simulated disks, sockets and time: the same seeds each time. When all suites run, five
              minutes of fresh seeds run beside them, as "sim-fresh"; what fails prints how to run it again
  install     an installed copy, its units and its SDK
  shippers    real log shippers
  prometheus  the real Prometheus
  fuzz        each parser's fuzzer on the same inputs each time
  browser     the portal and the console in a real browser

CASE of unit to sim is the name of a test case, with * for any text: "a URL*". Of fuzz it is a parser: request.
The checks of install, shippers, prometheus and browser build on one another and run as a whole.
TEXT
}

build_packages=(clang-19 cmake ninja-build ccache libboost1.81-dev libboost-json1.81-dev libboost-log1.81-dev
    libsqlite3-dev libssl-dev zlib1g-dev libre2-dev libzstd-dev libkainjow-mustache-dev)
test_packages=(binutils libclang-rt-19-dev llvm-19 catch2 curl openssl pebble sslscan systemd bsdutils
    shellcheck groff-base)
bench_packages=(wrk curl openssl pebble)

say() { printf '\n== %s\n' "$*"; }
die() {
    echo "quickstart.sh: $*" >&2
    exit 1
}
refuse() {
    echo "quickstart.sh: $*" >&2
    exit 2
}

# ---- what is missing

is_installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "not root and no sudo here; as root, run: $*"
    fi
}

package_lists_are_fresh=
refresh_package_lists() {
    [ -n "$package_lists_are_fresh" ] || as_root apt-get update -qq </dev/null
    package_lists_are_fresh=yes
}

install_missing() {
    local package missing=()
    command -v dpkg-query >/dev/null || die "this script knows Debian 12; elsewhere, install by hand: $*"
    for package in "$@"; do
        is_installed "$package" || missing+=("$package")
    done
    [ ${#missing[@]} = 0 ] && return
    say "installing ${missing[*]}"
    refresh_package_lists
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}" </dev/null
}

# Some tools come in packages that would also start a daemon: those are unpacked into .cache/tools instead.
fetch_tool() {
    local package=$1 tool=$2
    command -v "$tool" >/dev/null && return
    say "fetching $tool"
    refresh_package_lists
    mkdir -p .cache/tools
    (cd .cache/tools && apt-get download -q "$package" </dev/null && dpkg -x "$package"_*.deb . && rm "$package"_*.deb)
    command -v "$tool" >/dev/null || die "$tool is not in Debian's package $package"
}
# With its libraries.
fetch_haproxy() {
    command -v haproxy >/dev/null && return
    say "fetching haproxy"
    refresh_package_lists
    mkdir -p .cache/tools
    (cd .cache/tools && apt-get download -q haproxy liblua5.3-0 libopentracing-c-wrapper0 libopentracing1 </dev/null &&
        for package in *.deb; do dpkg -x "$package" . && rm "$package"; done)
    command -v haproxy >/dev/null || die "haproxy is not in Debian's package haproxy"
}
# With the modules and the libraries that they need.
fetch_shippers() {
    local module
    module=$(compgen -G '/usr/lib/*/rsyslog/omelasticsearch.so' || compgen -G '.cache/tools/usr/lib/*/rsyslog/omelasticsearch.so') || true
    [ -n "$module" ] && command -v rsyslogd >/dev/null && command -v syslog-ng >/dev/null && return
    say "fetching rsyslog and syslog-ng"
    refresh_package_lists
    mkdir -p .cache/tools
    (cd .cache/tools && apt-get download -q rsyslog rsyslog-elasticsearch syslog-ng-core libestr0 libfastjson4 liblognorm5 \
        libivykis0 libnet1 libwrap0 libjson-c5 libcurl4 libglib2.0-0 libpcre3 </dev/null &&
        for package in *.deb; do dpkg -x "$package" . && rm "$package"; done)
    command -v rsyslogd >/dev/null && command -v syslog-ng >/dev/null || die "rsyslog and syslog-ng could not be fetched"
}
# A compiler for one of the benchmarks' peers, 80 MiB: unpacked, it does its work.
fetch_go() {
    ! command -v go >/dev/null && ! compgen -G '.cache/tools/usr/lib/go-*/bin/go' >/dev/null || return 0
    say "fetching go"
    refresh_package_lists
    mkdir -p .cache/tools
    (cd .cache/tools && apt-get download -q golang-1.19-go golang-1.19-src </dev/null &&
        for package in golang-*.deb; do dpkg -x "$package" . && rm "$package"; done)
}
export PATH="$PATH:$PWD/.cache/tools/usr/bin:$PWD/.cache/tools/usr/sbin"

# ---- building

# A sanitizer compile takes up to 1.5 GiB.
parallel_jobs() {
    local by_memory
    by_memory=$(awk '/^MemAvailable:/ { print int($2 / 1572864) }' /proc/meminfo)
    echo $((by_memory < 1 ? 1 : by_memory < $(nproc) ? by_memory : $(nproc)))
}

# build PRESET [--target=TARGET] [CMAKE_ARGUMENT...]
build() {
    local preset=$1 target=all
    shift
    case ${1-} in --target=*) target=${1#--target=} && shift ;; esac
    say "building build/$preset"
    cmake --preset "$preset" "$@" --log-level=WARNING </dev/null
    NINJA_STATUS='[%f/%t, %es] ' nice cmake --build --preset "$preset" --target "$target" -j "$(parallel_jobs)" </dev/null
}
build_release() { build release -DDISTD_TESTS=OFF; }

# A clone in another folder finds the objects of the first one.
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1

# ---- testing

logs=build/test-logs

# run NAME COMMAND...: a runner, which ends with "tally: N passed, N failed" on standard error. One that dies without it,
# or that fails for another reason than a failed test (a leak, say), counts as one failure. What it came to is a file,
# since suites run beside one another: $logs/NAME.verdict has "PASSED FAILED" and, if that is not well, why.
running=
run() {
    local name=$1 log=$logs/$1.log code=0 tally histories why='' started=$SECONDS
    shift
    timeout -k 10 "${limit:-900}" "$@" </dev/null >"$log" 2>&1 &
    running=$!
    wait "$running" || code=$?
    running=
    tally=$(sed -nE 's/^tally: ([0-9]+) passed, ([0-9]+) failed$/\1 \2/p' "$log" | tail -1)
    if [ -z "$tally" ]; then
        tally="0 1" why="ended without a tally, exit code $code"
    elif [ "${tally#* }" != 0 ]; then
        why="${tally#* } failed"
    elif [ "$code" != 0 ]; then
        tally="${tally% *} 1" why="every test passed, but the exit code is $code"
    fi
    echo "$tally $why" >"$logs/$name.verdict"
    histories=$(awk '$1 == "sim:" { n += $2 } END { if (n) print n " histories, " }' "$log")
    printf '%-10s %d passed, %d failed (%s%d s)\n' "$name" "${tally% *}" "${tally#* }" "$histories" $((SECONDS - started))
}

# The last lines of every test run, also of one that did not get as far as the tests: what failed with the end of its
# output (and the lines that run a history again), and the sum.
verdict_is_out=
failures=()
verdict() {
    local file log passed failed why all_passed=0 all_failed=${#failures[@]}
    verdict_is_out=yes
    for file in "$logs"/*.verdict; do
        [ -e "$file" ] || continue
        read -r passed failed why <"$file"
        all_passed=$((all_passed + passed))
        all_failed=$((all_failed + failed))
        [ -n "$why" ] || continue
        log=${file%.verdict}.log
        say "the end of $log"
        tail -n 200 "$log"
        grep '^DISTD_SIM_SEED=' "$log" || true
        failures+=("$(basename "$file" .verdict): $why")
    done
    [ ${#failures[@]} = 0 ] || printf 'FAILED  %s\n' "${failures[@]}"
    echo "$all_passed passed, $all_failed failed"
    [ "$all_failed" = 0 ]
}

# start_beside NICE SUITE...: one after the other, beside what follows; finish_beside waits for them.
beside=()
start_beside() {
    (
        trap '[ -z "$running" ] || kill "$running"; exit 1' TERM
        renice -n "$1" "$BASHPID" >/dev/null
        for suite in "${@:2}"; do run_suite "$suite"; done
    ) &
    beside+=($!)
}
finish_beside() {
    local pid
    for pid in "${beside[@]}"; do wait "$pid" || failures+=("suites that ran beside others died"); done
    beside=()
}
stop_testing() {
    for pid in $running "${beside[@]}"; do kill "$pid" 2>/dev/null || true; done
    [ -n "$verdict_is_out" ] || { failures+=("before all tests could run") && verdict; }
}

# fuzz PARSER FOUND FLAG...: that parser's fuzzer, or with '*' each, from its kept corpus and from what was FOUND before.
# What breaks it stays in build/test-logs, with its output.
fuzz() {
    local source name corpus log parser=$1 found=$2 good=0 broken=()
    shift 2
    for source in test/fuzz/${parser}_fuzz.cpp; do
        name=$(basename "$source" _fuzz.cpp)
        log=$logs/fuzz-$name.log
        corpus=("$found/$name")
        mkdir -p "${corpus[0]}"
        [ -d "test/fuzz/corpus/$name" ] && corpus+=("test/fuzz/corpus/$name")
        if "build/asan/test/fuzz/${name}_fuzz" "$@" -timeout=60 -rss_limit_mb=2048 -print_final_stats=1 \
            -artifact_prefix="$logs/$name-" "${corpus[@]}" >"$log" 2>&1; then
            good=$((good + 1))
            echo "$name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs, none broke it"
        else
            broken+=("$name")
        fi
    done
    for name in "${broken[@]}"; do
        echo "the fuzzer of $name failed:"
        grep -vE '^#|NEW_FUNC' "$logs/fuzz-$name.log" | tail -n 60
    done
    echo "tally: $good passed, ${#broken[@]} failed"
    [ ${#broken[@]} = 0 ]
}

install_node_modules() {
    local wanted=test/browser/package-lock.json
    [ -f "$wanted" ] || return 0
    cmp -s "$wanted" test/browser/node_modules/.installed && return
    say "installing the browser tests' modules"
    (cd test/browser && PUPPETEER_SKIP_DOWNLOAD=1 npm ci --no-audit --no-fund --prefer-offline </dev/null)
    cp "$wanted" test/browser/node_modules/.installed
}

# sim_for MINUTES: fresh seeds for so long, shared evenly by the test cases that take them. Every failure tells its seed.
sim_for() {
    local tests=build/asan/test/sim_tests cases
    cases=$("$tests" --list-test-names-only "[seeds]" | grep -c . || true)
    export DISTD_SIM_MINUTES
    DISTD_SIM_MINUTES=$(awk "BEGIN { print $1 / ($cases < 1 ? 1 : $cases) }")
    "$tests" "[seeds]"
}

suites=(unit http role e2e client scenario abuse sim install shippers prometheus fuzz browser)
# Ports that tests find free, and leave for a moment while they start a process again, are theirs only while no other
# suite with sockets runs: beside one another are suites without, and those of the release beside the compiler.
suites_of_the_release=(install shippers prometheus browser)
suites_without_sockets=(sim fuzz sim-fresh)
suites_with_sockets=(unit http role e2e client scenario abuse)

# check_suite SUITE [CASE]: ends with exit code 2 when there is nothing of that name.
check_suite() {
    case " ${suites[*]} " in
        *" $1 "*) ;;
        *) refuse "there is no suite '$1'; there are: ${suites[*]}" ;;
    esac
    [ $# = 1 ] && return
    case $1 in
        install | shippers | prometheus | browser)
            refuse "the checks of $1 build on one another and run as a whole: ./quickstart.sh test $1"
            ;;
        fuzz)
            [ -f "test/fuzz/$2_fuzz.cpp" ] && return
            refuse "no parser '$2' is fuzzed; there are:$(printf ' %s' test/fuzz/*_fuzz.cpp | sed 's,test/fuzz/,,g; s,_fuzz.cpp,,g')"
            ;;
    esac
}

# prepare SUITE...: what they need besides a compiler.
prepare() {
    local suite
    for suite in "$@"; do
        case $suite in
            prometheus) fetch_tool prometheus promtool ;;
            shippers) fetch_shippers ;;
            browser)
                command -v npm >/dev/null || install_missing nodejs npm
                command -v chromium >/dev/null || install_missing chromium
                install_node_modules || echo "no modules for the browser tests: they will fail" >&2
                ;;
        esac
    done
}

# build_suite SUITE [CASE]
build_suite() {
    case $1 in
        install | shippers | prometheus | browser) build_release ;;
        fuzz) build asan --target="$([ $# = 1 ] && echo all || echo "$2_fuzz")" ;;
        *) build asan --target="$1_tests" ;;
    esac
}

# run_suite SUITE [CASE]
run_suite() {
    local suite=$1
    case $suite in
        install) run install test/install/run build/release ;;
        shippers) run shippers test/shippers/run build/release/distd ;;
        prometheus) run prometheus test/prometheus/run build/release ;;
        # The same inputs each time: what is new is for `fuzz` to find, not for the verdict over a change.
        fuzz) run fuzz bash -c 'fuzz "$1" "$logs/fuzz-found" -seed=1 -runs=40000' fuzz "${2-*}" ;;
        sim-fresh) limit=7200 run sim-fresh bash -c 'sim_for 5' ;;
        browser) run browser node test/browser/run.mjs build/release/distd ;;
        # For Catch a comma is between two names.
        http | role)
            run "$suite" "build/asan/test/${suite}_tests" ${2+"${2//,/\\,}"}
            run "$suite-tls" env DISTD_TEST_TLS=1 "build/asan/test/${suite}_tests" ${2+"${2//,/\\,}"}
            ;;
        *) run "$suite" "build/asan/test/${suite}_tests" ${2+"${2//,/\\,}"} ;;
    esac
}

begin_testing() {
    trap stop_testing EXIT
    rm -rf "$logs" && mkdir -p "$logs"
    # A test sees the settings that it gives, not those of whoever runs it.
    for variable in "${!DISTD_@}"; do unset "$variable"; done
    export ASAN_SYMBOLIZER_PATH=/usr/bin/llvm-symbolizer-19 UBSAN_OPTIONS=print_stacktrace=1
    export -f fuzz sim_for
    export logs
}

test_all() {
    local suite
    install_missing "${build_packages[@]}" "${test_packages[@]}"
    prepare "${suites[@]}"
    build_release
    say "testing (output in $logs)"
    start_beside 0 "${suites_of_the_release[@]}"
    build asan
    finish_beside
    start_beside 10 "${suites_without_sockets[@]}"
    for suite in "${suites_with_sockets[@]}"; do run_suite "$suite"; done
    finish_beside
}

# test_one SUITE [CASE]
test_one() {
    install_missing "${build_packages[@]}" "${test_packages[@]}"
    prepare "$1"
    build_suite "$@"
    say "testing (output in $logs)"
    run_suite "$@"
    grep -qv '^0 0' "$logs/$1.verdict" && return
    [ $# = 1 ] && failures+=("$1: it ran no case")
    [ $# = 1 ] || failures+=("$1: no case is called '$2'; build/asan/test/${1}_tests --list-tests shows all")
}

case "${1-}${2+ too many}" in
    "")
        install_missing "${build_packages[@]}"
        build_release
        say "once it says ready, open http://127.0.0.1:5050/, the console, or http://127.0.0.1:5005/, the grade book (Ctrl-C stops it)"
        exec build/release/distd --role=all --data-dir=./data
        ;;
    test | "test too many")
        shift
        case "${1-}" in -h | --help) test_usage && exit ;; esac
        [ $# -le 2 ] || { test_usage >&2 && exit 2; }
        if [ $# = 0 ]; then
            begin_testing
            test_all
        else
            check_suite "$@"
            begin_testing
            test_one "$@"
        fi
        verdict
        ;;
    fuzz)
        install_missing "${build_packages[@]}" "${test_packages[@]}"
        build asan
        mkdir -p "$logs"
        fuzz '*' build/fuzz -max_total_time=60
        ;;
    sim | "sim too many")
        minutes=${2-5}
        minutes=${minutes#--minutes=}
        case "$minutes" in '' | *[!0-9.]*) usage >&2 && exit 2 ;; esac
        install_missing "${build_packages[@]}" "${test_packages[@]}"
        build asan
        sim_for "$minutes"
        ;;
    abuse | "abuse too many")
        [ $# -le 2 ] || { usage >&2 && exit 2; }
        install_missing "${build_packages[@]}" "${test_packages[@]}"
        build release --target=abuse_tests -DDISTD_TESTS=ON
        export DISTD_ABUSE_SCALE="${DISTD_ABUSE_SCALE:-10}" DISTD_ABUSE_STRICT=yes
        exec build/release/test/abuse_tests ${2+"${2//,/\\,}"}
        ;;
    bench)
        install_missing "${build_packages[@]}" "${bench_packages[@]}"
        fetch_tool nginx nginx
        fetch_haproxy
        fetch_tool caddy caddy
        fetch_go
        fetch_tool etcd-server etcd
        build release -DDISTD_TESTS=OFF -DDISTD_BENCH=ON
        exec test/bench/run
        ;;
    -h | --help)
        usage
        ;;
    *)
        usage >&2
        exit 2
        ;;
esac
