// Syslog over TCP and UDP: what was sent is stored, also by a stop and after a full disk.
#include <catch2/catch.hpp>
#include <string>

#include "role/log_fixture.hpp"
#include "support/full_disk.hpp"

namespace {

using namespace distd;
using namespace distd::test;
using Catch::Contains;

}  // namespace

TEST_CASE("syslog over TCP is stored, octet-counted or line by line") {
    log_service log({"--log-syslog-tcp=127.0.0.1:0"});
    const auto port = log.syslog_port("tcp");
    raw_peer sender(port, [&] { log.w.pump(); });
    sender.send("<11>1 2026-11-20T10:11:11.779940+00:00 vm A - ID1 [app@32473 k=\"v\\\"\"] one\n");
    sender.send("42 <14>1 2026-11-20T10:11:12Z vm A - - - two\n<13>Nov 20 10:11:11 vm A[7]: three");
    sender.finish_sending();
    log.w.until("the lines are stored", [&] { return log.messages("?" + ours) != ""; });
    log.w.until("all of them", [&] { return log.messages("?" + ours) == "|one|two|three"; });
    const auto one = log.get("?service=A&order=oldest&limit=1").body;
    CHECK_THAT(
        one,
        Contains(R"("time":"2026-11-20T10:11:11.779940Z","level":"error","service":"A","message":"one",)"
                 R"("host":"vm","facility":"user","severity":"err","message_id":"ID1","app@32473.k":"v\"")"));
    CHECK(log.metric("distd_log_records_total{way=\"syslog-tcp\"}") == 3);
}

TEST_CASE("syslog over UDP is stored, one line per datagram") {
    log_service log({"--log-syslog-udp=127.0.0.1:0"});
    const auto port = log.syslog_port("udp");
    send_datagram(port, "<13>1 2026-11-20T10:11:11Z vm A - - - one\n");
    send_datagram(port, "<13>Nov 20 10:11:11 vm A: two");
    send_datagram(port, "");
    log.w.until("the lines are stored", [&] { return log.messages("?" + ours) == "|one|two"; });
    log.w.until("the empty one is counted",
                [&] { return log.metric("distd_log_refused_records_total{way=\"syslog-udp\"}") == 1; });
}

TEST_CASE("syslog received before a stop is stored") {
    log_service log({"--log-syslog-tcp=127.0.0.1:0", "--log-syslog-udp=127.0.0.1:0"});
    const auto tcp = log.syslog_port("tcp");
    const auto udp = log.syslog_port("udp");
    raw_peer sender(tcp, [&] { log.w.pump(); });
    sender.send("<13>1 2026-11-20T10:11:11Z vm A - - - first\n");
    log.w.until("the connection is served", [&] { return log.messages("?service=A") == "|first"; });
    sender.send("<13>1 2026-11-20T10:11:11Z vm A - - - late\n");
    send_datagram(udp, "<13>1 2026-11-20T10:11:11Z vm B - - - later");
    log.restart();
    CHECK(log.messages("?" + ours) == "|first|late");
    CHECK(log.messages("?service=B") == "|later");
}

TEST_CASE("syslog received while the disk is full is stored once there is space") {
    log_service log({"--log-syslog-tcp=127.0.0.1:0"});
    raw_peer sender(log.syslog_port("tcp"), [&] { log.w.pump(); });
    full_disk disk;
    sender.send("<13>1 2026-11-20T10:11:11Z vm A - - - first " + std::string(8192, 'x') + "\n");
    const auto refused = log.post("[A] - " + std::string(8192, 'x'));
    sender.send("<13>1 2026-11-20T10:11:11Z vm A - - - second\n");
    for (int i = 0; i < 3; ++i) CHECK(log.post("[A] - " + std::string(8192, 'x')).status == 507);
    disk.has_room_again();
    CHECK(refused.status == 507);
    log.w.until("both lines are stored", [&] {
        const auto found = log.messages("?" + ours);
        return found.starts_with("|first xxx") && found.ends_with("|second");
    });
    CHECK(log.metric("distd_log_refused_records_total{way=\"syslog-tcp\"}") == 0);
}

TEST_CASE("syslog from other machines requires --insecure") {
    in_process_world w;
    CHECK_THROWS_WITH(w.start("log", "log", {"--log-syslog-tcp=0.0.0.0:0"}),
                      Contains("--log-syslog-tcp=0.0.0.0:0: other machines could send lines there"));
}
