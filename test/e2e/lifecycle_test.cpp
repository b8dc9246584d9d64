// The real binary: how it starts, what it refuses, how it ends.
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "role/role.hpp"
#include "support/http_exchange.hpp"
#include "support/places.hpp"
#include "support/process.hpp"
#include "support/raw_peer.hpp"
#include "support/temp_dir.hpp"
#include "support/test_certificate.hpp"
#include "support/tls_peer.hpp"

namespace {

using namespace distd::test;
using Catch::Contains;
using Catch::StartsWith;

std::string text_of(const std::string& file) {
    std::ifstream in(file);
    std::ostringstream all;
    all << in.rdbuf();
    return all.str();
}

struct outcome {
    int code;
    std::string output;
    std::string errors;
};

// Runs distd to its end; only for calls that end by themselves.
outcome run(const std::vector<std::string>& flags,
            const std::map<std::string, std::string>& environment = {}) {
    temp_dir dir;
    std::vector<std::string> command{distd_binary()};
    command.insert(command.end(), flags.begin(), flags.end());
    process p(command, dir / "errors", environment);
    auto output = p.read_all_output();
    const auto code = p.wait();
    return {code, output, text_of(dir / "errors")};
}

process started(const std::string& data, const std::string& roles, std::vector<std::string> more = {},
                const std::string& errors = {}, const std::map<std::string, std::string>& environment = {}) {
    std::vector<std::string> command{distd_binary(), "--role=" + roles, "--listen=127.0.0.1:0",
                                     "--data-dir=" + data};
    command.insert(command.end(), more.begin(), more.end());
    process p(command, errors, environment);
    p.wait_until_ready();
    return p;
}

std::string token_file(const temp_dir& dir, const std::string& text) {
    std::ofstream(dir / "tokens") << text;
    ::chmod((dir / "tokens").c_str(), 0600);
    return dir / "tokens";
}

// Listens at that address on any port; inherited on purpose.
struct systemd_socket {
    explicit systemd_socket(std::uint32_t where, int type = SOCK_STREAM) : fd(::socket(AF_INET, type, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(where);
        REQUIRE(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
        if (type == SOCK_STREAM) REQUIRE(::listen(fd, 16) == 0);
        socklen_t size = sizeof address;
        REQUIRE(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0);
        port = ntohs(address.sin_port);
    }
    ~systemd_socket() { close(); }
    systemd_socket(const systemd_socket&) = delete;
    systemd_socket& operator=(const systemd_socket&) = delete;
    void close() {
        if (fd >= 0) ::close(fd);
        fd = -1;
    }
    // As systemd does it: descriptor 3, and the variables name the process that execs.
    process start(const std::string& flags, const std::string& errors = {},
                  const std::string& name = "portal") const {
        return process({"/bin/bash", "-c",
                        "exec 3<&" + std::to_string(fd) + "; LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=" +
                            name + " exec " + distd_binary() + " --role=portal " + flags},
                       errors);
    }

    int fd;
    std::uint16_t port = 0;
};

}  // namespace

TEST_CASE("one process with every role announces each address, answers there and ends cleanly on SIGTERM") {
    temp_dir dir;
    auto p = started(dir / "data", "all");
    for (const auto& role : distd::all_roles()) {
        CAPTURE(role.name);
        const auto answer = exchange("GET", p.address(role.name) + "/heartbeat");
        CHECK(answer.status == 200);
        CHECK_FALSE(answer.header("X-Request-Id").empty());
    }
    p.signal(SIGTERM);
    CHECK(p.wait() == 0);
}

TEST_CASE("SIGINT stops cleanly, too, and the process starts again on its data") {
    temp_dir dir;
    for (int i = 0; i < 3; ++i) {
        auto p = started(dir / "data", "registry,log,grading,portal");
        CHECK(exchange("GET", p.address("grading") + "/students").status == 200);
        p.signal(SIGINT);
        REQUIRE(p.wait() == 0);
    }
}

TEST_CASE("open requests are finished before the process ends, unless a second signal arrives") {
    temp_dir dir;
    for (const bool impatient : {false, true}) {
        auto p = started(dir / "data", "log");
        raw_peer peer(port_of(p.address("log")));
        peer.send(
            "POST /log HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: "
            "5\r\nExpect: "
            "100-continue\r\n\r\n");
        REQUIRE(peer.read_some() == "HTTP/1.1 100 Continue\r\n\r\n");
        p.signal(SIGTERM);
        // Draining has begun when nobody new is taken.
        for (bool refused = false; !refused;) {
            try {
                raw_peer another(port_of(p.address("log")));
            } catch (const connect_refused&) {
                refused = true;
            }
        }
        if (impatient) {
            p.signal(SIGTERM);
            CHECK(p.wait() == 128 + SIGTERM);
            continue;
        }
        peer.send("hello");
        CHECK_THAT(peer.read_until_close(), StartsWith("HTTP/1.1 200") && Contains("Connection: close"));
        CHECK(p.wait() == 0);
    }
}

TEST_CASE("a blocked standard error does not delay the stop, and lost lines are counted") {
    temp_dir dir;
    REQUIRE(::mkfifo((dir / "errors").c_str(), 0600) == 0);
    const int reader = ::open((dir / "errors").c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
    REQUIRE(reader >= 0);
    while (::write(reader, "\n", 1) == 1) {}  // full before the first line
    auto p = started(dir / "data", "all", {}, dir / "errors");
    p.signal(SIGTERM);
    CHECK_THAT(p.read_all_output(), Contains("log lines were not written: standard error was not read"));
    CHECK(p.wait() == 0);
    ::close(reader);
}

TEST_CASE("a second process on the same data folder is refused, and names the holder") {
    temp_dir dir;
    const auto first = started(dir / "data", "grading");
    const auto second = run({"--role=grading", "--listen=127.0.0.1:0", "--data-dir=" + (dir / "data")});
    CHECK(second.code == 1);
    CHECK_THAT(second.errors,
               Contains("in use by process " + std::to_string(first.pid())) && Contains("--data-dir"));
    const auto other_role = started(dir / "data", "log");
    CHECK(exchange("GET", other_role.address("log") + "/heartbeat").status == 200);
}

TEST_CASE("a port in use is reported with exit code 1") {
    temp_dir dir;
    const auto first = started(dir / "one", "portal");
    const auto port = std::to_string(port_of(first.address("portal")));
    const auto second = run({"--role=portal", "--listen=127.0.0.1:" + port, "--data-dir=" + (dir / "two")});
    CHECK(second.code == 1);
    CHECK_THAT(second.errors, Contains("cannot listen on 127.0.0.1:" + port) && Contains("in use"));
}

TEST_CASE("an invalid setting is reported with origin and valid values, exit code 2") {
    const auto flag = run({"--rol=log"});
    CHECK(flag.code == 2);
    CHECK_THAT(flag.errors, Contains("--rol") && Contains("--role"));
    const auto role = run({"--role=registri"});
    CHECK(role.code == 2);
    CHECK_THAT(role.errors, Contains("registri") && Contains("registry"));
    const auto variable = run({}, {{"DISTD_HEARTBEAT_INTERVAL", "3"}});
    CHECK(variable.code == 2);
    CHECK_THAT(variable.errors, Contains("DISTD_HEARTBEAT_INTERVAL") && Contains("3s"));
    const auto rule = run({"--role=registry", "--registry-allow=loopback,10.0.0/8", "--check-config"});
    CHECK(rule.code == 2);
    CHECK_THAT(rule.errors,
               Contains("--registry-allow") && Contains("'10.0.0/8'") && Contains("10.1.0.0/16"));
    temp_dir dir;
    std::ofstream(dir / "distd.conf") << "role = log\nheartbeat-intervall = 3s\n";
    const auto file = run({"--config=" + (dir / "distd.conf")});
    CHECK(file.code == 2);
    CHECK_THAT(file.errors, Contains("distd.conf:2") && Contains("heartbeat-interval"));
}

TEST_CASE("listening beyond loopback requires tokens or --insecure") {
    temp_dir dir;
    const auto refused = run({"--role=portal", "--listen=0.0.0.0:0", "--data-dir=" + (dir / "data")});
    CHECK(refused.code == 2);
    CHECK_THAT(refused.errors, Contains("--access-token-file") && Contains("--insecure"));
    const auto tokens = token_file(dir, "a-token-of-sixteen\n");
    CHECK(run({"--role=portal", "--listen=0.0.0.0:0", "--access-token-file=" + tokens, "--check-config"})
              .code == 0);
    CHECK(run({"--role=portal", "--listen=0.0.0.0:0", "--insecure", "--check-config"}).code == 0);
}

TEST_CASE("with tokens only the heartbeat is open, everything else needs a token") {
    temp_dir dir;
    const auto tokens = token_file(dir, "# ours\na-token-of-sixteen\n");
    auto p = started(dir / "data", "all", {"--access-token-file=" + tokens});
    const auto students = p.address("grading") + "/students";
    CHECK(exchange("GET", p.address("grading") + "/heartbeat").status == 200);
    CHECK(exchange("GET", students).status == 401);
    CHECK(exchange("GET", students, "", "", {}, "Authorization: Bearer a-token-of-sixteen\r\n").status ==
          200);
}

TEST_CASE("SIGHUP does not end the process, and reloads tokens at once") {
    temp_dir dir;
    const auto tokens = token_file(dir, "a-token-of-sixteen\n");
    auto p = started(dir / "data", "log", {"--access-token-file=" + tokens}, dir / "errors");
    static_cast<void>(token_file(dir, "another-one-of-them\n"));
    p.signal(SIGHUP);
    const auto with_new_one = [&] {
        return exchange("GET", p.address("log") + "/log", "", "", {},
                        "Authorization: Bearer another-one-of-them\r\n")
            .status;
    };
    while (with_new_one() != 200) {}
    p.signal(SIGTERM);
    CHECK(p.wait() == 0);
}

TEST_CASE("access tokens that others may read or anybody can guess are refused, with exit code 2") {
    temp_dir dir;
    const auto tokens = token_file(dir, "a-token-of-sixteen\n");
    const std::vector<std::string> flags{"--role=log", "--listen=127.0.0.1:0",
                                         "--access-token-file=" + tokens, "--data-dir=" + (dir / "data")};
    REQUIRE(::chmod(tokens.c_str(), 0644) == 0);
    const auto open = run(flags);
    CHECK(open.code == 2);
    CHECK_THAT(open.errors, Contains(tokens) && Contains("chmod 600"));
    static_cast<void>(token_file(dir, "x\n"));
    const auto weak = run(flags);
    CHECK(weak.code == 2);
    CHECK_THAT(weak.errors, Contains("line 1") && Contains("can be guessed"));
}

TEST_CASE("a data folder that others may write to is refused, with exit code 1") {
    temp_dir dir;
    std::filesystem::create_directories(dir / "data/log");
    REQUIRE(::chmod((dir / "data/log").c_str(), 0777) == 0);
    const auto refused = run({"--role=log", "--listen=127.0.0.1:0", "--data-dir=" + (dir / "data")});
    CHECK(refused.code == 1);
    CHECK_THAT(refused.errors, Contains(dir / "data/log") && Contains("may be written by other users"));
}

TEST_CASE("--help lists every role, setting and exit code, even with invalid settings") {
    const auto help = run({"--help", "--nonsense"});
    CHECK(help.code == 0);
    for (const auto& role : distd::all_roles()) CHECK_THAT(help.output, Contains("  " + role.name + " "));
    for (const char* part :
         {"--listen", "--data-dir", "--drain-timeout", "--log-format", "DISTD_", "Exit codes"})
        CHECK_THAT(help.output, Contains(part));
    CHECK_THAT(run({"--version"}).output, StartsWith("distd "));
}

TEST_CASE("distd logs cat works and reports through its exit code") {
    temp_dir dir;
    const auto help = run({"logs", "cat", "--help"});
    CHECK(help.code == 0);
    CHECK_THAT(help.output, StartsWith("Usage: distd logs cat FILE..."));
    CHECK(run({"logs", "cat"}).code == 2);
    CHECK(run({"logs", "cat", dir / "nothing.part"}).code == 1);
}

TEST_CASE("the output of --print-config is a config file with the same settings") {
    temp_dir dir;
    const auto printed = run({"--role=log,portal", "--heartbeat-interval=1m30s", "--print-config"});
    REQUIRE(printed.code == 0);
    std::ofstream(dir / "distd.conf") << printed.output;
    const auto again = run({"--config=" + (dir / "distd.conf"), "--print-config"});
    CHECK(again.code == 0);
    CHECK_THAT(again.output, Contains("role = log,portal") && Contains("heartbeat-interval = 1m30s"));
    CHECK(run({"--config=" + (dir / "distd.conf"), "--check-config"}).code == 0);
}

TEST_CASE("data belongs to its user alone") {
    temp_dir dir;
    auto p = started(dir / "data", "all");
    static_cast<void>(exchange("POST", p.address("log") + "/log", "[Test] - a line\n", "text/plain"));
    int files = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(dir / "data")) {
        CAPTURE(entry.path().string());
        struct stat info {};
        REQUIRE(::stat(entry.path().c_str(), &info) == 0);
        CHECK((info.st_mode & 0777) == (entry.is_directory() ? 0700u : 0600u));
        ++files;
    }
    CHECK(files > 4);
}

TEST_CASE("systemd is notified of ready, watchdog and stopping") {
    temp_dir dir;
    const auto path = dir / "notify";
    const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    const auto hear = [&] {
        char text[64];
        const auto n = ::recv(fd, text, sizeof text, 0);
        return std::string(text, n > 0 ? static_cast<std::size_t>(n) : 0);
    };
    auto p = started(dir / "data", "portal", {}, {}, {{"NOTIFY_SOCKET", path}, {"WATCHDOG_USEC", "400000"}});
    CHECK(hear() == "READY=1");
    CHECK(hear() == "WATCHDOG=1");
    CHECK(hear() == "WATCHDOG=1");
    p.signal(SIGTERM);
    std::string last;
    for (last = hear(); last == "WATCHDOG=1"; last = hear()) {}
    CHECK(last == "STOPPING=1");
    CHECK(p.wait() == 0);
    ::close(fd);
}

TEST_CASE("a socket from systemd is used, with connections from before the start") {
    temp_dir dir;
    systemd_socket given(INADDR_LOOPBACK);
    raw_peer early(given.port);
    early.send("GET /heartbeat HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    auto p = given.start("--data-dir=" + (dir / "data"));
    given.close();
    p.wait_until_ready();
    CHECK(port_of(p.address("portal")) == given.port);
    CHECK_THAT(early.read_until_close(), StartsWith("HTTP/1.1 200") || StartsWith("HTTP/1.1 503"));
    p.signal(SIGTERM);
    CHECK(p.wait() == 0);
}

TEST_CASE("a socket from systemd with -tls behind the role's name speaks TLS") {
    temp_dir dir;
    const systemd_socket given(INADDR_LOOPBACK);
    const auto flags = "--listen=127.0.0.1:0 --data-dir=" + (dir / "data");
    auto without = given.start(flags, dir / "errors", "portal-tls");
    CHECK(without.wait() == 2);
    CHECK_THAT(text_of(dir / "errors"), Contains("LISTEN_FDS") && Contains("--tls-cert-file"));
    std::ofstream(dir / "pair") << any_certificate().pair();
    REQUIRE(::chmod((dir / "pair").c_str(), 0600) == 0);
    auto p =
        given.start(flags + " --tls-listen=127.0.0.1:1 --portal-hsts=1h --tls-cert-file=" + (dir / "pair"),
                    dir / "errors", "portal-tls");
    p.wait_until_ready();
    CHECK(port_of(p.address("portal-tls")) == given.port);
    speak_tls_at(given.port);
    CHECK(exchange("GET", p.address("portal-tls") + "/heartbeat").status == 200);
    CHECK(exchange("GET", p.address("portal") + "/heartbeat").status == 200);
    forget_tls_at(given.port);
    p.signal(SIGTERM);
    CHECK(p.wait() == 0);
    CHECK_THAT(text_of(dir / "errors"),
               Contains("tls_listen_not_used") && Contains(std::to_string(given.port)));
}

TEST_CASE("a systemd socket beyond loopback requires tokens") {
    temp_dir dir;
    const systemd_socket given(INADDR_ANY);
    const auto data = "--data-dir=" + (dir / "data");
    auto p = given.start(data, dir / "errors");
    CHECK(p.wait() == 2);
    CHECK_THAT(text_of(dir / "errors"),
               Contains("portal would listen on 0.0.0.0:") && Contains("--access-token-file"));
    auto allowed = given.start(data + " --access-token-file=" + token_file(dir, "a-token-of-sixteen\n"));
    allowed.wait_until_ready();
    auto insists = given.start("--insecure --data-dir=" + (dir / "other"));
    insists.wait_until_ready();
}

TEST_CASE("a socket from systemd on which nobody can connect is refused before anything is announced") {
    temp_dir dir;
    const systemd_socket given(INADDR_LOOPBACK, SOCK_DGRAM);
    auto p = given.start("--data-dir=" + (dir / "data"), dir / "errors");
    CHECK(p.read_all_output().empty());
    CHECK(p.wait() == 2);
    CHECK_THAT(text_of(dir / "errors"), Contains("LISTEN_FDS") && Contains("is no TCP socket"));
}

TEST_CASE("without a terminal the log is JSON, with one line per request") {
    temp_dir dir;
    {
        auto p = started(dir / "data", "portal", {}, dir / "log");
        const auto answer =
            exchange("GET", p.address("portal") + "/heartbeat", "", "", {}, "X-Request-Id: find-me-42\r\n");
        CHECK(answer.header("X-Request-Id") == "find-me-42");
        p.signal(SIGTERM);
        REQUIRE(p.wait() == 0);
    }
    std::istringstream lines(text_of(dir / "log"));
    bool found = false;
    for (std::string line; std::getline(lines, line);) {
        CAPTURE(line);
        distd::json_error error;
        const auto value = distd::parse_json(line, error);
        REQUIRE(value);
        const auto& record = value->as_object();
        CHECK(record.contains("time"));
        if (!record.contains("id") || record.at("id") != "find-me-42") continue;
        found = true;
        for (const char* field : {"trace", "method", "path", "status", "bytes", "duration_us"})
            CHECK(record.contains(field));
        CHECK(record.at("status") == 200);
    }
    CHECK(found);
}
