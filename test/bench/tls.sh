# TLS before its peers, with the same certificate in all of them, as a measurement of `run`, which sources this and lends its
# functions.

# make_certificate: P-256, for 127.0.0.1; in $work/pair.pem
make_certificate() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=bench \
        -addext subjectAltName=IP:127.0.0.1,DNS:localhost -keyout "$work/key.pem" -out "$work/cert.pem" 2>>"$work/log"
    cat "$work/cert.pem" "$work/key.pem" >"$work/pair.pem"
    chmod 600 "$work/key.pem" "$work/pair.pem"
}

# wait_for_tls NAME PORT PATH
wait_for_tls() {
    wait_until "the first answer of $1" "$work/$1.log" \
        curl -sf -m 2 --cacert "$work/cert.pem" -o /dev/null "https://127.0.0.1:$2$3"
}

# start_nginx_tls: own page /own and gateway; port in $nginx_port, pid in $nginx_pid
start_nginx_tls() {
    nginx_port=$(value port "$("$tool" port)")
    cat >"$work/nginx.conf" <<TEXT
worker_processes 1; daemon off; pid $work/nginx.pid; error_log $work/nginx.log;
events { worker_connections 4096; }
http {
    access_log $work/nginx.access combined buffer=64k;
    keepalive_requests 1000000000; keepalive_timeout 75s;
    client_body_temp_path $work/nginx.1; proxy_temp_path $work/nginx.2; fastcgi_temp_path $work/nginx.3;
    uwsgi_temp_path $work/nginx.4; scgi_temp_path $work/nginx.5;
    upstream behind { server 127.0.0.1:$upstream_port; keepalive 128; keepalive_requests 1000000000; }
    server {
        listen 127.0.0.1:$nginx_port ssl;
        ssl_certificate $work/cert.pem; ssl_certificate_key $work/key.pem;
        ssl_protocols TLSv1.2 TLSv1.3; ssl_ecdh_curve X25519:prime256v1;
        location = /heartbeat { default_type application/json; return 200 '{"status":"ok"}'; }
        location /api/Files/ {
            proxy_pass http://behind/;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header X-Request-Id \$request_id;
            proxy_set_header X-Forwarded-For \$remote_addr;
            proxy_set_header X-Forwarded-Host \$host;
            proxy_set_header X-Forwarded-Proto \$scheme;
        }
    }
}
TEXT
    taskset -c $server_core nginx -e "$work/nginx.log" -c "$work/nginx.conf" 2>>"$work/nginx.log" &
    local master=$!
    pids+=("$master")
    wait_for_tls nginx "$nginx_port" /api/Files/1k
    nginx_pid=$(first_child_of "$master")
}

# start_haproxy_tls: port in $haproxy_port, pid in $haproxy_pid
start_haproxy_tls() {
    haproxy_port=$(value port "$("$tool" port)")
    cat >"$work/haproxy.conf" <<TEXT
global
    nbthread 1
    maxconn 4096
    ssl-default-bind-options ssl-min-ver TLSv1.2
defaults
    mode http
    timeout connect 2s
    timeout client 75s
    timeout server 30s
    http-reuse safe
    option forwardfor
frontend front
    bind 127.0.0.1:$haproxy_port ssl crt $work/pair.pem curves X25519:P-256
    unique-id-format %{+X}o%ci:%cp_%Ts_%rt
    http-request set-header X-Request-Id %[unique-id]
    http-request set-header X-Forwarded-Proto https
    http-request replace-path /api/Files(/.*) \\1
    default_backend behind
backend behind
    server one 127.0.0.1:$upstream_port pool-max-conn 128
TEXT
    local libraries
    libraries=$(dirname "$(dirname "$(command -v haproxy)")")/lib/$(uname -m)-linux-gnu
    taskset -c $server_core env LD_LIBRARY_PATH="$libraries" haproxy -db -f "$work/haproxy.conf" \
        >"$work/haproxy.log" 2>&1 &
    haproxy_pid=$!
    pids+=("$haproxy_pid")
    wait_for_tls haproxy "$haproxy_port" /api/Files/1k
}

# start_caddy_tls: where it is installed; port in $caddy_port, pid in $caddy_pid
start_caddy_tls() {
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
    wait_for_tls caddy "$caddy_port" /api/Files/1k
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

# Of all that a client can ask for: none may hold the loop for long.
worst_handshake_row() {
    local group version worst=0 asked=20
    for group in X25519 P-256 P-384 P-521 X448 ffdhe2048 ffdhe8192; do
        for version in -tls1_2 -tls1_3; do
            handshakes=$asked handshake_cpu "${pid_at[ours]}" bash -c \
                "for ((i = 0; i < $asked; ++i)); do openssl s_client -connect 127.0.0.1:${port_at[ours]} $version -groups $group; done </dev/null || true"
            worst=$(calc "$cpu > $worst ? $cpu : $worst" 0)
        done
    done
    row "TLS: the most expensive handshake that a client can ask for" "$(calc "$worst / 1000" 1) ms" – – – "<= 3" ms \
        "$(calc "$worst / 1000" 3)"
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
    local size peers=(nginx haproxy) plain_port handshakes=400
    make_certificate
    build_go "$work/tls_clients" "$here/tls_clients/main.go"
    start_upstream
    head -c 65536 /dev/zero | tr '\0' x >"$work/files/64k"
    start_nginx_tls
    start_haproxy_tls
    start_distd registry --role=registry --listen=127.0.0.1:0
    local registry=http://127.0.0.1:$(port_of registry registry)
    curl -sSf -m 10 -o /dev/null "$registry/services" \
        -d "{\"ServiceName\":\"Files\",\"ServiceURL\":\"http://127.0.0.1:$upstream_port\",\"Tags\":[\"gateway\"]}"
    start_distd portal --role=portal --listen=127.0.0.1:0 --registry="$registry" \
        --tls-listen=127.0.0.1:0 --tls-cert-file="$work/pair.pem"
    plain_port=$(port_of portal portal)
    ours=portal ours_port=$(sed -nE 's|^portal-tls https://.*:([0-9]+)$|\1|p' "$work/portal.out")
    wait_for_tls portal "$ours_port" /api/Files/1k
    port_at=([nginx]=$nginx_port [haproxy]=$haproxy_port [ours]=$ours_port)
    pid_at=([nginx]=$nginx_pid [haproxy]=$haproxy_pid [ours]=$distd_pid)
    log_at=([nginx]=$work/nginx.access [haproxy]=$work/haproxy.log [ours]=$work/portal.log)
    if command -v caddy >/dev/null; then
        start_caddy_tls
        peers+=(caddy)
        port_at[caddy]=$caddy_port pid_at[caddy]=$caddy_pid log_at[caddy]=$work/caddy.log
    fi

    scheme=https
    measure_by_turns /heartbeat nginx ours
    cpu_row nginx "TLS, own page: CPU per request" "<= 0.9"
    for size in 1k 64k 1m; do
        measure_by_turns /api/Files/$size "${peers[@]}" ours
        cpu_row nginx "TLS, gateway, $size: CPU per request" "<= 0.9"
        cpu_row haproxy "TLS, gateway, $size: CPU per request (peer: HAProxy, without a log)" "<= 0.9"
        [ -z "${port_at[caddy]-}" ] || cpu_row caddy "TLS, gateway, $size: CPU per request (peer: Caddy)" "<= 0.3"
    done
    handshake_row "TLS: CPU per new session, with a request" "<= 1.0"
    handshake_row "TLS: CPU per resumed session, with a request" "<= 1.15" resumed
    worst_handshake_row
    idle_row 2000
    # What TLS itself costs, and that it costs plain text nothing: of one process, by turns.
    scheme=http
    port_at[ours]=$plain_port
    measure_by_turns /api/Files/1k ours
    remark "TLS, gateway, 1 KiB: the same process takes $(calc "${cpu_of[ours]}" 2) µs for a request without TLS."
}
