# The gateway and the pages before their peers, as measurements of `run`, which sources this and lends its functions.

stream_bytes=1073741824

# start_upstream: the server behind all gateways, on the load's core; port in $upstream_port. /1k is written in one piece, as
# most services write what they have made, and costs the load's core so little that the gateways' core is the one that is
# full; /1k-file comes in two pieces, head and file, which costs both cores an acknowledgement more.
start_upstream() {
    upstream_port=$(value port "$("$tool" port)")
    mkdir -p "$work/files"
    head -c 1024 /dev/zero | tr '\0' x >"$work/files/1k-file"
    head -c 1048576 /dev/zero | tr '\0' x >"$work/files/1m"
    cat >"$work/upstream.conf" <<TEXT
$([ "$(id -u)" != 0 ] || echo "user root;")
worker_processes 1; daemon off; pid $work/upstream.pid; error_log $work/upstream.log;
events { worker_connections 1024; }
http {
    access_log off; keepalive_requests 1000000000; keepalive_timeout 75s; sendfile on;
    open_file_cache max=100;
    client_body_temp_path $work/up.1; proxy_temp_path $work/up.2; fastcgi_temp_path $work/up.3;
    uwsgi_temp_path $work/up.4; scgi_temp_path $work/up.5;
    server {
        listen 127.0.0.1:$upstream_port;
        location / { root $work/files; }
        location = /1k { return 200 "$(cat "$work/files/1k-file")"; }
    }
}
TEXT
    taskset -c $load_core nginx -e "$work/upstream.log" -c "$work/upstream.conf" 2>>"$work/upstream.log" &
    pids+=($!)
    wait_until "the start of the upstream" "$work/upstream.log" \
        curl -sf -m 2 -o /dev/null "http://127.0.0.1:$upstream_port/1k"
}

# The gateways speak $scheme; for https all show the same certificate, $work/pair.pem.

# wait_for_gateway NAME PORT: until it passes requests on
wait_for_gateway() {
    local -a trust=()
    [ $scheme = http ] || trust=(--cacert "$work/cert.pem")
    wait_until "the first answer of $1" "$work/$1.log" \
        curl -sf -m 2 "${trust[@]}" -o /dev/null "$scheme://127.0.0.1:$2/api/Files/1k"
}

# start_nginx_gateway: as start_nginx
start_nginx_gateway() {
    nginx_port=$(value port "$("$tool" port)")
    local tls=
    [ $scheme = http ] || tls="ssl;
        ssl_certificate $work/cert.pem; ssl_certificate_key $work/key.pem;
        ssl_protocols TLSv1.2 TLSv1.3; ssl_ecdh_curve X25519:prime256v1"
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
        listen 127.0.0.1:$nginx_port $tls;
        location = /heartbeat {
            default_type application/json;
            add_header X-Request-Id \$request_id;
            return 200 '{"status":"ok"}';
        }
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
    wait_for_gateway nginx "$nginx_port"
    nginx_pid=$(first_child_of "$master")
}

# start_haproxy: port in $haproxy_port, pid in $haproxy_pid; without a log, which would be syslog's
start_haproxy() {
    haproxy_port=$(value port "$("$tool" port)")
    local tls=
    [ $scheme = http ] || tls="ssl crt $work/pair.pem ssl-min-ver TLSv1.2 curves X25519:P-256"
    cat >"$work/haproxy.conf" <<TEXT
global
    nbthread 1
    maxconn 4096
defaults
    mode http
    timeout connect 2s
    timeout client 75s
    timeout server 30s
    http-reuse safe
    option forwardfor
frontend front
    bind 127.0.0.1:$haproxy_port $tls
    unique-id-format %{+X}o%ci:%cp_%Ts_%rt
    http-request set-header X-Request-Id %[unique-id]
    http-request set-header X-Forwarded-Proto $scheme
    http-request replace-path /api/Files(/.*) \\1
    default_backend behind
backend behind
    server one 127.0.0.1:$upstream_port pool-max-conn 128
TEXT
    # The libraries that came with it where it was unpacked, not installed
    local libraries
    libraries=$(dirname "$(dirname "$(command -v haproxy)")")/lib/$(uname -m)-linux-gnu
    taskset -c $server_core env LD_LIBRARY_PATH="$libraries" haproxy -db -f "$work/haproxy.conf" \
        >"$work/haproxy.log" 2>&1 &
    haproxy_pid=$!
    pids+=("$haproxy_pid")
    wait_for_gateway haproxy "$haproxy_port"
}

# start_go NAME CORE KIND [UPSTREAM]: one of gateway_peer; port in $go_port, pid in $go_pid
start_go() {
    [ -x "$work/peer" ] || build_go "$work/peer" "$here/gateway_peer/main.go"
    go_port=$(value port "$("$tool" port)")
    taskset -c "$2" env GOMAXPROCS=1 "$work/peer" "$3" "127.0.0.1:$go_port" "${4-}" >"$work/$1.log" 2>&1 &
    go_pid=$!
    pids+=("$go_pid")
}

# start_portal URL [ARGUMENT...]: a registry that knows the service Files at that address, and a portal in front of it;
# port in $ours_port, pid in $distd_pid
start_portal() {
    local registry url=$1 listener=portal
    shift
    [ $scheme = http ] || listener=portal-tls
    start_distd registry --role=registry --listen=127.0.0.1:0
    registry=http://127.0.0.1:$(port_of registry registry)
    curl -sSf -m 10 -o /dev/null "$registry/services" \
        -d "{\"ServiceName\":\"Files\",\"ServiceURL\":\"$url\",\"Tags\":[\"gateway\"]}"
    start_distd portal --role=portal --listen=127.0.0.1:0 --registry="$registry" "$@"
    ours=portal ours_port=$(port_of portal $listener)
    wait_for_gateway portal "$ours_port"
}

# measure_by_turns PATH SERVER...: rounds of all of them; sets the medians ${rate_of[SERVER]}, ${cpu_of[SERVER]} and
# ${p99_of[SERVER]}, and of the rounds' ratios of ours to each ${rates_to[SERVER]}, ${cpus_to[SERVER]} and ${p99s_to[SERVER]}
declare -A port_at pid_at log_at rate_of cpu_of p99_of rates_to cpus_to p99s_to
measure_by_turns() {
    local name round what
    path=$1
    shift
    local -A all=()
    for name in "$@"; do load "${port_at[$name]}" "${pid_at[$name]}" "${log_at[$name]}" 1 1; done
    for ((round = 0; round < rounds; ++round)); do
        for name in "$@"; do
            load "${port_at[$name]}" "${pid_at[$name]}" "${log_at[$name]}" 1 $seconds
            all[$name.rate]+=" $rate" all[$name.cpu]+=" $cpu" all[$name.p99]+=" $p99"
            all[$name.lines]+=" $logged"
        done
    done
    our_lines=$(median ${all[ours.lines]})
    for name in "$@"; do
        rate_of[$name]=$(median ${all[$name.rate]}) cpu_of[$name]=$(median ${all[$name.cpu]})
        p99_of[$name]=$(median ${all[$name.p99]})
        rates_to[$name]=$(ratio_of_rounds "${all[ours.rate]}" "${all[$name.rate]}")
        cpus_to[$name]=$(ratio_of_rounds "${all[ours.cpu]}" "${all[$name.cpu]}")
        p99s_to[$name]=$(ratio_of_rounds "${all[ours.p99]}" "${all[$name.p99]}")
    done
    path=/heartbeat
}

# ratio_of_rounds OURS THEIRS: the median of the quotients
ratio_of_rounds() {
    local -a ours_in theirs_in ratios=()
    local i
    read -r -a ours_in <<<"$1"
    read -r -a theirs_in <<<"$2"
    for i in "${!ours_in[@]}"; do ratios+=("$(calc "${ours_in[i]} / ${theirs_in[i]}")"); done
    median "${ratios[@]}"
}

# row_against SERVER WHAT BAR: of the rates
row_against() {
    row "$2" "${rate_of[ours]}/s" "${rate_of[$1]}/s" "${rates_to[$1]}" \
        "$(calc "${cpu_of[ours]}" 2) / $(calc "${cpu_of[$1]}" 2) µs" "$3" "" "${rates_to[$1]}"
}

measure_gateway() {
    local both resident each
    start_upstream
    start_nginx_gateway
    start_haproxy
    start_go proxy $server_core proxy "http://127.0.0.1:$upstream_port"
    wait_for_gateway proxy "$go_port"
    start_portal "http://127.0.0.1:$upstream_port"
    port_at=([nginx]=$nginx_port [haproxy]=$haproxy_port [go]=$go_port [ours]=$ours_port)
    pid_at=([nginx]=$nginx_pid [haproxy]=$haproxy_pid [go]=$go_pid [ours]=$distd_pid)
    log_at=([nginx]=$work/nginx.access [haproxy]=$work/haproxy.log [go]=$work/proxy.log [ours]=$work/portal.log)

    measure_by_turns /api/Files/1k nginx haproxy go ours
    both="$(calc "${cpu_of[ours]}" 2) / $(calc "${cpu_of[nginx]}" 2) µs"
    row "gateway, 1 KiB: CPU per request" "$(calc "${cpu_of[ours]}" 2) µs" "$(calc "${cpu_of[nginx]}" 2) µs" \
        "${cpus_to[nginx]}" "$both" "<= 1.0" "" "${cpus_to[nginx]}"
    row "gateway, 1 KiB: p99" "${p99_of[ours]} ms" "${p99_of[nginx]} ms" "${p99s_to[nginx]}" "$both" "<= 1.1" "" \
        "${p99s_to[nginx]}"
    row_against nginx "gateway, 1 KiB: rate" –
    row_against go "gateway, 1 KiB: rate (peer: Go's ReverseProxy)" ">= 2.5"
    row_against haproxy "gateway, 1 KiB: rate (peer: HAProxy, without a log)" –
    remark "gateway, 1 KiB: distd wrote $our_lines access lines per request."
    holds "$our_lines > 0.999" || die "the gateway dropped access lines, it wrote $our_lines of each"
    measure_by_turns /api/Files/1k-file nginx haproxy go ours
    row_against nginx "gateway, 1 KiB in two pieces: rate" –
    row_against go "gateway, 1 KiB in two pieces: rate (peer: Go's ReverseProxy)" –
    row_against haproxy "gateway, 1 KiB in two pieces: rate (peer: HAProxy, without a log)" –
    measure_by_turns /api/Files/1m nginx haproxy ours
    row_against nginx "gateway, 1 MiB: rate" ">= 1.2"
    row_against haproxy "gateway, 1 MiB: rate (peer: HAProxy, without a log)" –

    resident=$(awk '/^VmHWM:/ { printf "%.2f", $2 / 1024 }' "/proc/$distd_pid/status")
    row "gateway: most resident memory meanwhile" "$resident MiB" – – – "<= 30" MiB "$resident"
    each=$(timeout --foreground 60 taskset -c $load_core \
        "$tool" idle "$ours_port" "$distd_pid" $idle_connections /api/Files/1k)
    each=$(calc "$(value bytes_each "$each") / 1024" 2)
    row "gateway: one of $idle_connections idle clients" "$each KiB" – – – "<= 8" KiB "$each"
}

# grown COMMAND...: runs it; how much more memory the gateway took at most than before, in MiB
grown() {
    local before peak
    before=$(awk '/^VmRSS:/ { print $2 }' "/proc/$distd_pid/status")
    echo 5 >"/proc/$distd_pid/clear_refs" # VmHWM begins anew
    "$@" >>"$work/log" 2>&1 || die "1 GiB did not go through: $(tail -n 3 "$work/log")"
    peak=$(awk '/^VmHWM:/ { print $2 }' "/proc/$distd_pid/status")
    calc "($peak - $before) / 1024" 1
}

takes_all() { # from the standard input to the upstream, which counts
    [ "$(head -c $stream_bytes /dev/zero | curl -sSf -m 60 -T - "$1/sink")" = $stream_bytes ]
}
gives_all() {
    [ "$(curl -sSf -m 60 "$1/$stream_bytes" | wc -c)" = $stream_bytes ]
}

measure_streams() {
    local gateway megabytes
    start_go upstream $load_core upstream
    wait_until "the start of the upstream" "$work/upstream.log" \
        curl -sf -m 2 -o /dev/null "http://127.0.0.1:$go_port/1"
    start_portal "http://127.0.0.1:$go_port"
    gateway=http://127.0.0.1:$ours_port/api/Files
    megabytes=$(grown takes_all "$gateway")
    row "gateway, 1 GiB up in chunks: growth of memory" "$megabytes MiB" – – – "< 20" MiB "$megabytes"
    megabytes=$(grown gives_all "$gateway")
    row "gateway, 1 GiB down: growth of memory" "$megabytes MiB" – – – "< 20" MiB "$megabytes"
}

measure_pages() {
    local registry grading
    start_distd registry --role=registry --listen=127.0.0.1:0
    registry=http://127.0.0.1:$(port_of registry registry)
    start_distd grading --role=grading --listen=127.0.0.1:0 --registry="$registry"
    taskset -a -c -p $load_core "$distd_pid" >>"$work/log"
    grading=http://127.0.0.1:$(port_of grading grading)
    start_distd portal --role=portal --listen=127.0.0.1:0 --registry="$registry"
    ours=portal ours_port=$(port_of portal portal)
    start_go page $server_core portal "$grading"
    wait_until "Go's page" "$work/page.log" curl -sf -m 2 -o /dev/null "http://127.0.0.1:$go_port/students"
    wait_until "the portal's page" "$work/portal.log" curl -sf -m 2 -o /dev/null "http://127.0.0.1:$ours_port/students"
    port_at=([go]=$go_port [ours]=$ours_port) pid_at=([go]=$go_pid [ours]=$distd_pid)
    log_at=([go]=$work/page.log [ours]=$work/portal.log)
    measure_by_turns /students go ours
    row_against go "list of students, portal and grading (peer: a portal in Go)" ">= 3"
}
