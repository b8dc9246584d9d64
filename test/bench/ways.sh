# The ways into the log, as a measurement of `run`, which sources this and lends its functions.

# start_go_log: the Go service that promises nothing; port in $go_port, pid in $go_pid
start_go_log() {
    build_go "$work/go_log" "$here/go_style_log.go"
    taskset -c $server_core env GOMAXPROCS=1 "$work/go_log" "$work/go.lines" >"$work/go.out" 2>>"$work/go.log" &
    go_pid=$!
    pids+=("$go_pid")
    wait_until "the start of the Go service" "$work/go.log" grep -q '^port ' "$work/go.out"
    go_port=$(value port "$(<"$work/go.out")")
}

# log_load PORT PID CONNECTIONS SECONDS: a line as text per request; sets $rate (lines/s) and $cpu (µs per line)
log_load() {
    local before after answer requests duration p99_us errors
    before=$(cpu_ticks "$2")
    answer=$(timeout --foreground 30 taskset -c $load_core wrk -t1 -c"$3" -d"$4s" -s "$here/log_load.lua" \
        "http://127.0.0.1:$1/log") || die "wrk failed: $answer"
    after=$(cpu_ticks "$2")
    read -r requests duration p99_us errors <<<"$(sed -n 's/^measured //p' <<<"$answer")"
    [ "$errors" = 0 ] || die "wrk counted $errors errors: $answer"
    rate=$(calc "$requests * 1000000 / $duration" 0)
    cpu=$(calc "($after - $before) * 1000000 / $ticks_per_second / $requests")
}

# start_floor: recv, a write to the disk for all that came meanwhile, send; port in $floor_port, pid in $floor_pid
start_floor() {
    taskset -c $server_core "$tool" floor-lines "$work" >"$work/floor.out" 2>>"$work/floor.log" &
    floor_pid=$!
    pids+=("$floor_pid")
    wait_until "the start of the floor" "$work/floor.log" grep -q '^port ' "$work/floor.out"
    floor_port=$(value port "$(<"$work/floor.out")")
}

measure_ways() {
    local round port what="POST /log"
    local -a ours=() our_cpus=() peers=() peer_cpus=() ratios=() floors=() floor_cpus=() floor_ratios=()
    start_go_log
    start_floor
    start_distd log --role=log --listen=127.0.0.1:0 --registry=$nobody
    port=$(port_of log log)
    log_load "$port" "$distd_pid" $connections 1
    for ((round = 0; round < rounds; ++round)); do
        log_load "$go_port" "$go_pid" $connections $seconds
        peers+=("$rate") peer_cpus+=("$cpu")
        log_load "$port" "$distd_pid" $connections $seconds
        ours+=("$rate") our_cpus+=("$cpu") ratios+=("$(calc "$rate / ${peers[-1]}")")
        log_load "$floor_port" "$floor_pid" $connections $seconds
        floors+=("$rate") floor_cpus+=("$cpu") floor_ratios+=("$(calc "${our_cpus[-1]} / $cpu")")
    done
    row "$what, one line, durable; peer: Go, not durable" "$(median "${ours[@]}")/s" "$(median "${peers[@]}")/s" \
        "$(median "${ratios[@]}")" "$(calc "$(median "${our_cpus[@]}")" 2) / $(calc "$(median "${peer_cpus[@]}")" 2) µs" \
        – "" 0
    row "the same: CPU a line (peer: bare recv, write and send)" "$(median "${ours[@]}")/s" "$(median "${floors[@]}")/s" \
        "$(median "${floor_ratios[@]}")" \
        "$(calc "$(median "${our_cpus[@]}")" 2) / $(calc "$(median "${floor_cpus[@]}")" 2) µs" "<= 1.5" "" "$(median "${floor_ratios[@]}")"
    row "the same: ratio of the rates" – – "$(median "${ratios[@]}")" – ">= 2" "" "$(median "${ratios[@]}")"
}
