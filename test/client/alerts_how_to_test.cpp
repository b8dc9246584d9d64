// The ways of docs/how-to/alerts.md, with the commands as they stand there: ntfy and Slack by stubs that
// check what these document of a message, mail by the page's own relay, whose `sendmail` speaks SMTP to a
// server in the test.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <regex>
#include <thread>

#include "client/client_fixture.hpp"
#include "support/foreign_json.hpp"

using namespace distd::test;
using Catch::Contains;

namespace {

// The blocks of code below a heading of the page.
std::vector<std::string> blocks_below(const std::string& heading) {
    const auto page = text_of_file(source_dir() + "/docs/how-to/alerts.md");
    const auto begin = page.find("\n## " + heading);
    REQUIRE(begin != page.npos);
    const auto end = std::min(page.find("\n## ", begin + 1), page.size());
    std::vector<std::string> blocks;
    for (auto at = page.find("\n```", begin); at < end; at = page.find("\n```", at + 1)) {
        const auto first = page.find('\n', at + 1) + 1;
        at = page.find("\n```", first);
        blocks.push_back(page.substr(first, at + 1 - first));
    }
    return blocks;
}

void replace(std::string& text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    INFO(text);
    REQUIRE(at != text.npos);
    text.replace(at, from.size(), to);
}

// A server of the test on a free port of loopback: each connection is served in its thread, one after the
// other.
class listener {
public:
    explicit listener(std::function<void(int)> serve)
        : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), serve_(std::move(serve)) {
        sockaddr_in at{
            .sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
        socklen_t size = sizeof at;
        REQUIRE(::bind(fd_, reinterpret_cast<sockaddr*>(&at), size) == 0);
        REQUIRE(::listen(fd_, 8) == 0);
        REQUIRE(::getsockname(fd_, reinterpret_cast<sockaddr*>(&at), &size) == 0);
        port_ = ntohs(at.sin_port);
        thread_ = std::thread([this] {
            for (int peer; (peer = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0; ::close(peer))
                serve_(peer);
        });
    }
    ~listener() { stop(); }
    listener(const listener&) = delete;
    listener& operator=(const listener&) = delete;

    void stop() {
        if (!thread_.joinable()) return;
        ::shutdown(fd_, SHUT_RDWR);
        thread_.join();
        ::close(fd_);
    }
    [[nodiscard]] std::string port() const { return std::to_string(port_); }

private:
    int fd_;
    std::uint16_t port_ = 0;
    std::function<void(int)> serve_;
    std::thread thread_;
};

// As a mail server speaks, as far as one who hands in a mail needs it.
class mail_server {
public:
    mail_server() : in_([this](int peer) { serve(peer); }) {}
    [[nodiscard]] std::string port() const { return in_.port(); }
    void stop() { in_.stop(); }
    // After the client has its answer: nothing is written any more.
    [[nodiscard]] const std::string& commands() const noexcept { return commands_; }
    [[nodiscard]] const std::string& mail() const noexcept { return mail_; }

private:
    void serve(int peer) {
        std::FILE* in = ::fdopen(::dup(peer), "r");
        const auto say = [peer](std::string_view text) {
            static_cast<void>(!::write(peer, text.data(), text.size()));
        };
        say("220 test\r\n");
        bool is_mail = false;
        for (char line[4096]; std::fgets(line, sizeof line, in) != nullptr;) {
            const std::string text = line;
            if (is_mail && text == ".\r\n") {
                is_mail = false;
                say("250 taken\r\n");
            } else if (is_mail) {
                mail_ += text;
            } else {
                commands_ += text;
                is_mail = text == "DATA\r\n";
                say(is_mail ? "354 go on\r\n" : text == "QUIT\r\n" ? "221 bye\r\n" : "250 ok\r\n");
            }
        }
        std::fclose(in);
    }

    std::string commands_;
    std::string mail_;
    listener in_;
};

// Starts the program for each connection, which is its standard input and output: as systemd and inetd do.
void serve_by(const std::string& program, const std::string& path, int peer) {
    ::posix_spawn_file_actions_t files;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawn_file_actions_adddup2(&files, peer, 0);
    ::posix_spawn_file_actions_adddup2(&files, peer, 1);
    std::vector<std::string> command{program};
    std::vector<std::string> environment{"PATH=" + path};
    pid_t pid = 0;
    if (::posix_spawn(&pid, program.c_str(), &files, nullptr, pointers(command).data(),
                      pointers(environment).data()) == 0)
        ::waitpid(pid, nullptr, 0);
    ::posix_spawn_file_actions_destroy(&files);
}

void write_program(const std::string& path, const std::string& text) {
    std::ofstream(path) << text;
    ::chmod(path.c_str(), 0700);
}

// What the page has one do: the command, with the addresses of this test, and then a test of the alert.
struct how_to {
    void follow(std::string command, const std::string& url, const std::string& replacement) {
        replace(command, "http://127.0.0.1:3000", t.registry());
        replace(command, url, replacement);
        const auto stored = t.sh.bash("set -e; " + command);
        CAPTURE(command, stored.err);
        REQUIRE(stored.code == 0);
        CHECK_THAT(stored.out, Contains(R"("version":1)"));
    }
    http_answer test(const std::string& name) {
        return t.w.http("POST", t.registry() + "/alerts/" + name + "/test");
    }
    small_town t;
};

// As https://docs.ntfy.sh/publish/#publish-as-json has it: what is to be sent is posted to the server itself.
foreign_answer answer_of_ntfy(const foreign_request& q) {
    const auto message = foreign_parse(q.body);
    const bool is_topic = std::regex_match(foreign_text(message, "topic"), std::regex("[-_A-Za-z0-9]{1,64}"));
    if (q.method != "POST" || q.target != "/" || !is_topic) return {400, R"({"code":40024})"};
    for (const auto& member : message.as_object())
        if (member.key() == "topic" || member.key() == "title" || member.key() == "message" ||
            member.key() == "click")
            continue;
        else
            return {400, "a member that it does not have"};
    return {200, R"({"id":"a","event":"message"})", "application/json"};
}

// As https://api.slack.com/messaging/webhooks and the page of blocks have it.
foreign_answer answer_of_slack(const foreign_request& q) {
    const auto message = foreign_parse(q.body);
    if (q.method != "POST" || q.content_type != "application/json") return {400, "invalid_payload"};
    if (foreign_text(message, "text").empty()) return {400, "no_text"};
    for (const auto& block : foreign_list(message, "blocks")) {
        const auto& text = foreign_member(block, "text");
        const auto length = foreign_text(text, "text").size();
        if (foreign_text(block, "type") != "section" || foreign_text(text, "type") != "plain_text" ||
            length == 0 || length > 3000)
            return {400, "invalid_blocks"};
    }
    return {q.target == "/services/T000/B000/XXXX" ? 200 : 404, "ok"};
}

}  // namespace

TEST_CASE("the way to ntfy sends what ntfy takes") {
    std::string heard;
    foreign_server ntfy([&](const foreign_request& q) {
        heard = q.body;
        return answer_of_ntfy(q);
    });
    ntfy.start();
    how_to page;
    page.follow(blocks_below("ntfy").at(0), "https://ntfy.sh/",
                "http://127.0.0.1:" + std::to_string(ntfy.port()) + "/");
    const auto sent = page.test("phone");
    INFO(sent.body);
    CHECK(sent.status == 200);
    ntfy.stop();
    CHECK_THAT(heard, Contains(R"("title":"registry test")") && Contains("to see whether it arrives"));
}

TEST_CASE("the way to Slack sends what Slack takes, and nothing in it calls anybody") {
    std::string heard;
    foreign_server slack([&](const foreign_request& q) {
        heard = q.body;
        return answer_of_slack(q);
    });
    slack.start();
    how_to page;
    page.follow(blocks_below("Slack").at(0), "https://hooks.slack.com",
                "http://127.0.0.1:" + std::to_string(slack.port()));
    const auto sent = page.test("slack");
    INFO(sent.body);
    CHECK(sent.status == 200);
    slack.stop();
    const auto message = foreign_parse(heard);
    CHECK(foreign_text(message, "text") == "distd: test");  // no text of a service is in it
    CHECK(foreign_list(message, "blocks").size() == 1);
}

TEST_CASE("the way to mail brings a mail, and a failure of sendmail is a failure of the alert") {
    mail_server server;
    temp_dir dir;
    const auto blocks = blocks_below("Mail");
    REQUIRE(blocks.size() == 4);
    write_program(dir / "alert-mail", blocks.at(0));
    // -t: the recipients are those of the mail itself. Each program of this name prints something.
    write_program(dir / "sendmail",
                  "#!/bin/sh\n[ \"$1\" = -t ] || exit 64\necho queued\nmail=$(cat)\n"
                  "to=$(printf '%s\\n' \"$mail\" | sed -n 's/^To: //p;/^$/q')\n"
                  "printf '%s\\n' \"$mail\" | curl -sS --crlf -m 10 -T - --mail-from alerts@localhost "
                  "--mail-rcpt \"$to\" smtp://127.0.0.1:" +
                      server.port() + "\n");
    listener relay([&](int peer) { serve_by(dir / "alert-mail", dir.path() + ":/usr/bin:/bin", peer); });
    how_to page;
    page.follow(blocks.at(3), "127.0.0.1:8082", "127.0.0.1:" + relay.port());
    const auto sent = page.test("mail");
    INFO(sent.body);
    CHECK(sent.status == 200);
    CHECK_THAT(sent.body, Contains(R"("status":204)"));
    server.stop();
    CHECK_THAT(server.commands(), Contains("RCPT TO:<ops@example.org>"));
    CHECK_THAT(server.mail(), Contains("To: ops@example.org\r\nSubject: registry test (") &&
                                  Contains("charset=utf-8\r\n\r\nregistry test (") &&
                                  Contains("\r\nsent by 127.0.0.1 to see whether it arrives\r\n"));
    const auto failed = page.test("mail");  // now that nobody takes mail
    CHECK(failed.status == 502);
    CHECK_THAT(failed.body, Contains("answered 500"));
}
