// A process whose disk never answers, neither with success nor with a failure, still ends when it is told to.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include <array>
#include <boost/asio/post.hpp>
#include <catch2/catch.hpp>
#include <thread>

#include "app/app_settings.hpp"
#include "role/mount.hpp"
#include "sdk/process/command_line.hpp"
#include "sdk/process/exit_codes.hpp"
#include "support/files.hpp"
#include "support/http_exchange.hpp"
#include "support/raw_peer.hpp"
#include "support/stuck_disk.hpp"
#include "support/temp_dir.hpp"

namespace {

using namespace distd;
using Catch::Contains;

struct pipe_ends {
    pipe_ends() { REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0); }
    ~pipe_ends() {
        ::close(ends[0]);
        ::close(ends[1]);
    }
    pipe_ends(const pipe_ends&) = delete;
    pipe_ends& operator=(const pipe_ends&) = delete;
    [[nodiscard]] char read_byte() const {
        char byte = '\0';
        return ::read(ends[0], &byte, 1) == 1 ? byte : '\0';
    }
    void write_byte(char byte) const { static_cast<void>(::write(ends[1], &byte, 1)); }

    std::array<int, 2> ends{};
};

// A log service in a process of its own, made by a fork: its disk sticks when it is told to.
class log_on_stuck_disk {
public:
    log_on_stuck_disk() {
        pid_ = ::fork();
        REQUIRE(pid_ >= 0);
        if (pid_ == 0) ::_exit(play());
        std::string text;
        while (!text.ends_with("ready\n")) {
            const char byte = output_.read_byte();
            REQUIRE(byte != '\0');
            text += byte;
        }
        const auto start = text.find("http://");
        url_ = text.substr(start, text.find('\n') - start);
    }
    ~log_on_stuck_disk() {
        if (pid_ <= 0) return;
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    log_on_stuck_disk(const log_on_stuck_disk&) = delete;
    log_on_stuck_disk& operator=(const log_on_stuck_disk&) = delete;

    [[nodiscard]] std::uint16_t port() const { return test::port_of(url_); }
    void stick() {
        orders_.write_byte('s');
        REQUIRE(reports_.read_byte() == 's');
    }
    // For one file that the loop itself asks for.
    void stick_on_loop() const { orders_.write_byte('l'); }
    void wait_until_held() { REQUIRE(reports_.read_byte() == 'h'); }
    void signal(int number) const { ::kill(pid_, number); }
    [[nodiscard]] int stop() {
        signal(SIGTERM);
        int status = 0;
        ::waitpid(std::exchange(pid_, -1), &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    [[nodiscard]] std::string errors() const { return test::text_of(dir_ / "errors"); }

private:
    int play() {
        ::dup2(output_.ends[1], STDOUT_FILENO);
        ::dup2(::open((dir_ / "errors").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600), STDERR_FILENO);
        test::stuck_disk disk([this] { reports_.write_byte('h'); });
        const auto config = settings_parser(app::app_settings(all_roles()))
                                .parse({{"--role=log", "--listen=127.0.0.1:0", "--drain-timeout=100ms",
                                         "--data-dir=" + std::string(dir_ / "data")},
                                        {}});
        boost::asio::io_context loop(1);
        std::thread([&] {
            const auto order = orders_.read_byte();
            if (order == 's') {
                disk.stick("/log/");
                reports_.write_byte('s');
            }
            if (order == 'l') {
                disk.stick("/log/any");
                boost::asio::post(loop, [&] { static_cast<void>(disk.exists(dir_ / "data/log/any")); });
            }
        }).detach();
        auto log = std::make_shared<log_sink>(log_sink::setup{}, real_time());
        host process(loop, real_time(), config, log, disk);
        const auto chosen = app::roles_to_play(config, all_roles());
        const auto places = places_of(config, app::listeners_of(chosen, config));
        mount_role(process, *chosen.front(), places.front());
        return process.run();
    }

    test::temp_dir dir_;
    pipe_ends output_;
    pipe_ends orders_;
    pipe_ends reports_;
    pid_t pid_ = -1;
    std::string url_;
};

const std::string line_of_a_client =
    "POST /log HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nline";

}  // namespace

TEST_CASE("a stop that a hanging disk holds up ends with an exit code of its own, and names the file") {
    log_on_stuck_disk log;
    log.stick();
    test::raw_peer client(log.port());
    client.send(line_of_a_client);
    log.wait_until_held();
    CHECK(log.stop() == exit_codes::disk_hangs);
    CHECK_THAT(log.errors(), Contains("the disk does not answer: still waiting for ") && Contains("/log/"));
}

TEST_CASE("a stop ends when nobody waits for the hanging disk but the process itself") {
    log_on_stuck_disk log;
    log.stick();
    {
        test::raw_peer client(log.port());
        client.send(line_of_a_client);
        log.wait_until_held();
        client.reset();
    }
    CHECK(log.stop() == exit_codes::disk_hangs);
    CHECK_THAT(log.errors(), Contains("the disk does not answer: still waiting for "));
}

TEST_CASE("a stop ends where the loop itself waits for the hanging disk, and hears no signal") {
    log_on_stuck_disk log;
    log.stick_on_loop();
    log.wait_until_held();
    CHECK(log.stop() == exit_codes::disk_hangs);
    CHECK_THAT(log.errors(),
               Contains("the disk does not answer: still waiting for ") && Contains("/log/any"));
}

TEST_CASE("a second signal ends the process at once where the loop itself waits for the hanging disk") {
    log_on_stuck_disk log;
    log.stick_on_loop();
    log.wait_until_held();
    log.signal(SIGINT);
    CHECK(log.stop() == 128 + SIGTERM);
}

TEST_CASE("a stop ends where a reader waits for the hanging disk") {
    log_on_stuck_disk log;
    test::raw_peer client(log.port());
    client.send(line_of_a_client);
    CHECK_THAT(client.read_answer(), Contains(" 200 "));
    log.stick();
    test::raw_peer reader(log.port());
    reader.send("GET /log HTTP/1.1\r\nHost: localhost\r\n\r\n");
    log.wait_until_held();
    CHECK(log.stop() == exit_codes::disk_hangs);
    CHECK_THAT(log.errors(), Contains("the disk does not answer: still waiting for "));
}
