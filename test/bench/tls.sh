# TLS before its peers, with the same certificate in all of them, as a measurement of `run`, which sources this and lends its
# functions.

# make_certificate: P-256, for 127.0.0.1; in $work/pair.pem
make_certificate() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=bench \
        -addext subjectAltName=IP:127.0.0.1,DNS:localhost -keyout "$work/key.pem" -out "$work/cert.pem" 2>>"$work/log"
    cat "$work/cert.pem" "$work/key.pem" >"$work/pair.pem"
    chmod 600 "$work/key.pem" "$work/pair.pem"
}

# start_caddy: port in $caddy_port, pid in $caddy_pid; without a log
start_caddy() {
    caddy_port=$(value port "$("$tool" port)")
    cat >"$work/caddy.conf" <<TEXT
{
    admin off
    auto_https off
}
https://127.0.0.1:$caddy_port {
    tls $work/cert.pem $work/key.pem
    handle_path /api/Files/* {
        reverse_proxy 127.0.0.1:$upstream_port
    }
}
TEXT
    taskset -c $server_core env GOMAXPROCS=1 HOME="$work" caddy run --adapter caddyfile --config "$work/caddy.conf" \
        >"$work/caddy.log" 2>&1 &
    caddy_pid=$!
    pids+=("$caddy_pid")
    wait_for_gateway caddy "$caddy_port"
}

# cpu_row PEER WHAT BAR: of the CPU per request
cpu_row() {
    row "$2" "$(calc "${cpu_of[ours]}" 2) µs" "$(calc "${cpu_of[$1]}" 2) µs" "${cpus_to[$1]}" \
        "$(calc "${cpu_of[ours]}" 2) / $(calc "${cpu_of[$1]}" 2) µs" "$3" "" "${cpus_to[$1]}"
}

# handshake_cpu PID COMMAND...: CPU of that process in µs for each of the handshakes that the command makes; in $cpu
handshake_cpu() {
    local before pid=$1
    shift
    before=$(cpu_ticks "$pid")
    timeout --foreground 60 taskset -c $load_core "$@" >>"$work/log" 2>&1 || die "handshakes failed: $(tail -n 2 "$work/log")"
    cpu=$(calc "($(cpu_ticks "$pid") - $before) * 1000000 / $ticks_per_second / $handshakes" 0)
}

# handshake_row WHAT BAR [resumed]: by turns, ours against nginx
handshake_row() {
    local round name
    local -A all=()
    for ((round = 0; round < rounds; ++round)); do
        for name in nginx ours; do
            handshake_cpu "${pid_at[$name]}" "$work/tls_clients" handshakes "${port_at[$name]}" "$work/cert.pem" \
                $handshakes ${3:+"$3"}
            all[$name]+=" $cpu"
        done
    done
    cpu_of[ours]=$(median ${all[ours]}) cpu_of[nginx]=$(median ${all[nginx]})
    cpus_to[nginx]=$(ratio_of_rounds "${all[ours]}" "${all[nginx]}")
    cpu_row nginx "$1" "$2"
}

# Of all that a client can ask for, none may hold the loop for long.
worst_handshake_row() {
    local all kind ms
    all=$(timeout --foreground 120 taskset -c $load_core "$work/tls_clients" worst "${port_at[ours]}" "$work/cert.pem" \
        "${pid_at[ours]}" 100) || die "the worst handshakes failed: $all"
    read -r kind ms <<<"$(sort -k2 -g <<<"$all" | tail -n 1)"
    row "TLS: the most expensive handshake that a client can choose (${kind//_/ })" "$(calc "$ms" 2) ms" – – – "<= 3" ms "$ms"
}

# idle_row COUNT: memory of idle connections
idle_row() {
    local name
    local -A each=()
    for name in nginx ours; do
        each[$name]=$(value bytes_each "$(taskset -c $load_core "$work/tls_clients" idle "${port_at[$name]}" \
            "$work/cert.pem" "${pid_at[$name]}" "$1")")
    done
    row "TLS: one of $1 idle clients" "$(calc "${each[ours]} / 1024" 1) KiB" "$(calc "${each[nginx]} / 1024" 1) KiB" \
        "$(calc "${each[ours]} / ${each[nginx]}" 2)" – "<= 1.1" "" "$(calc "${each[ours]} / ${each[nginx]}")"
}

measure_tls() {
    local size scheme=https handshakes=1000
    make_certificate
    build_go "$work/tls_clients" "$here"/tls_clients/*.go
    start_upstream
    head -c 65536 /dev/zero | tr '\0' x >"$work/files/64k"
    start_nginx_gateway
    start_haproxy
    start_caddy
    start_portal "http://127.0.0.1:$upstream_port" --tls-listen=127.0.0.1:0 --tls-cert-file="$work/pair.pem"
    port_at=([nginx]=$nginx_port [haproxy]=$haproxy_port [caddy]=$caddy_port [ours]=$ours_port)
    pid_at=([nginx]=$nginx_pid [haproxy]=$haproxy_pid [caddy]=$caddy_pid [ours]=$distd_pid)
    log_at=([nginx]=$work/nginx.access [haproxy]=$work/haproxy.log [caddy]=$work/caddy.log [ours]=$work/portal.log)

    measure_by_turns /heartbeat nginx ours
    cpu_row nginx "TLS, own page: CPU per request" "<= 0.9"
    for size in 1k 64k 1m; do
        measure_by_turns /api/Files/$size nginx haproxy caddy ours
        cpu_row nginx "TLS, gateway, $size: CPU per request" "<= 0.9"
        cpu_row haproxy "TLS, gateway, $size: CPU per request (peer: HAProxy, without a log)" "<= 0.9"
        cpu_row caddy "TLS, gateway, $size: CPU per request (peer: Caddy)" "<= 0.3"
    done
    handshake_row "TLS: CPU per new session, with a request" "<= 1.0"
    handshake_row "TLS: CPU per resumed session, with a request" "<= 1.15" resumed
    worst_handshake_row
    idle_row 2000
    # What TLS itself costs, and that it costs plain text nothing: of one process, by turns.
    scheme=http
    port_at[ours]=$(port_of portal portal)
    measure_by_turns /api/Files/1k ours
    remark "TLS, gateway, 1 KiB: the same process takes $(calc "${cpu_of[ours]}" 2) µs for a request without TLS."
}
