# A certificate by ACME, from an empty folder, as a measurement of `run`, which sources this and lends its functions. The CA
# is Debian's pebble, without the pauses that it makes before it validates, with challtestsrv in the place of the DNS.

# start_ca HTTP-PORT TLS-PORT: port in $ca_port, that of its management in $ca_management
start_ca() {
    local dns
    dns=$(value port "$("$tool" port)")
    ca_port=$(value port "$("$tool" port)")
    ca_management=$(value port "$("$tool" port)")
    pebble-challtestsrv -dns01 "127.0.0.1:$dns" -management "127.0.0.1:$(value port "$("$tool" port)")" \
        -http01 "" -https01 "" -tlsalpn01 "" -defaultIPv4 127.0.0.1 -defaultIPv6 "" >"$work/dns.log" 2>&1 &
    pids+=("$!")
    cat >"$work/pebble.json" <<TEXT
{"pebble": {"listenAddress": "127.0.0.1:$ca_port", "managementListenAddress": "127.0.0.1:$ca_management",
            "certificate": "$work/cert.pem", "privateKey": "$work/key.pem", "httpPort": $1, "tlsPort": $2}}
TEXT
    PEBBLE_VA_NOSLEEP=1 pebble -config "$work/pebble.json" -dnsserver "127.0.0.1:$dns" >"$work/pebble.log" 2>&1 &
    pids+=("$!")
    wait_until "the start of pebble" "$work/pebble.log" curl -sf -m 2 --cacert "$work/cert.pem" -o "$work/roots.pem" \
        "https://localhost:$ca_management/roots/0"
}

measure_acme() {
    local http tls begun times=() n
    if ! command -v pebble >/dev/null; then
        remark "ACME was not measured: pebble is not installed."
        return
    fi
    make_certificate
    http=$(value port "$("$tool" port)")
    tls=$(value port "$("$tool" port)")
    start_ca "$http" "$tls"
    for n in {1..5}; do
        begun=${EPOCHREALTIME/[.,]/}
        start_distd "portal$n" --role=portal --listen=127.0.0.1:"$http" --tls-listen=127.0.0.1:"$tls" \
            --portal-acme=bench@example.org --portal-acme-names=shop.example --portal-http=redirect \
            --portal-acme-directory="https://localhost:$ca_port/dir" --tls-ca-file="$work/cert.pem"
        wait_until "a page that pebble's root vouches for" "$work/portal$n.log" \
            curl -sf -m 2 --cacert "$work/roots.pem" --resolve "shop.example:$tls:127.0.0.1" -o /dev/null \
            "https://shop.example:$tls/status"
        times+=("$(((${EPOCHREALTIME/[.,]/} - begun)))")
        kill "$distd_pid"
        wait "$distd_pid" || true
    done
    local seconds
    seconds=$(calc "$(median "${times[@]}") / 1000000" 2)
    row "ACME: from an empty folder to a page that is trusted" "$seconds s" – – – "<= 5" s "$seconds"
}
