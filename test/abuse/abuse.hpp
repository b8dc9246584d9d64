// What every attack of this folder needs: the roles that are attacked, a crowd of hostile connections, and
// another client whose requests go on beside them. Each file is one kind of attacker, and a sentence above
// each case names the attack; docs/attacks.md has all of them. A case asserts what the attacked process held
// (memory, places), how it refused, and that the other client was served. Attacks are small, and no timing
// counts, unless DISTD_ABUSE_SCALE=N multiplies them and DISTD_ABUSE_STRICT asks for a 99th percentile of the
// other client below 100 ms, as `quickstart.sh abuse` does. DISTD_ABUSE_BINARY attacks another binary.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "support/http_exchange.hpp"
#include "support/process.hpp"
#include "support/raw_peer.hpp"
#include "support/temp_dir.hpp"

namespace distd::test {

// Addresses of clients on other machines: see support/remote/remote_clients.cpp.
inline const std::string attacker_source = "127.0.77.1";
inline const std::string another_source = "127.0.77.99";

// `count` of something, as many times more as the caller of the suite wants.
[[nodiscard]] std::size_t scaled(std::size_t count);

// One distd process with `roles`, on ports of its own and with data of its own, until it is destroyed.
class victim {
public:
    explicit victim(const std::string& roles, std::vector<std::string> more_flags = {});

    [[nodiscard]] std::string url(const std::string& role) const { return process_->address(role); }
    [[nodiscard]] std::uint16_t port(const std::string& role) const { return port_of(url(role)); }
    [[nodiscard]] double resident_mib() const;
    [[nodiscard]] double peak_mib() const;  // the most that it ever was
    [[nodiscard]] double metric(const std::string& role, const std::string& name_and_labels) const;
    [[nodiscard]] std::string errors() const;  // what it wrote to standard error
    // SIGTERM, and the exit code. A victim that is never stopped is killed.
    [[nodiscard]] int stop();

private:
    [[nodiscard]] double status_mib(const std::string& field) const;

    temp_dir dir_;
    std::unique_ptr<process> process_;
};

// Connections of one source address that say `bytes` and then nothing.
class crowd {
public:
    // Stops early where the server refuses the connection itself.
    void add(std::uint16_t port, std::size_t count, const std::string& bytes,
             const std::string& source = attacker_source);
    // How many are still open and unanswered; looks at each without waiting.
    [[nodiscard]] std::size_t silent();
    [[nodiscard]] std::size_t size() const noexcept { return peers_.size(); }
    [[nodiscard]] raw_peer& at(std::size_t i) { return *peers_[i]; }
    void leave() { peers_.clear(); }

private:
    std::vector<std::unique_ptr<raw_peer>> peers_;
};

// Looks again and again until it holds; throws, with `what`, when it does not for half a minute.
void wait_until(const std::string& what, const std::function<bool()>& holds);

// What a client saw whose requests were sent one after the other, each on a connection of its own.
struct service_seen {
    std::map<int, std::size_t> statuses;  // 0: no answer
    std::vector<double> milliseconds;     // sorted

    [[nodiscard]] std::size_t requests() const noexcept { return milliseconds.size(); }
    [[nodiscard]] std::size_t answered_with(int status) const;
    [[nodiscard]] double percentile(double share) const;
};

// Sends `GET url` from another address than the attackers' `count` times, and says how it went. To be called
// while the attack holds.
[[nodiscard]] service_seen ask(const std::string& url, std::size_t count = 200,
                               const std::string& source = another_source);

// The same all the while it lives, in a thread of its own, for attacks that are work and not a state.
class other_client {
public:
    explicit other_client(std::string url, std::string source = another_source);
    ~other_client();
    other_client(const other_client&) = delete;
    other_client& operator=(const other_client&) = delete;

    [[nodiscard]] service_seen stop();

private:
    std::atomic<bool> stops_{false};
    service_seen seen_;
    std::thread thread_;
};

// Prints the figures; checks that every answer was 200 and, where timings count, that the 99th percentile was
// below 100 ms.
void check_served(const std::string& attack, const service_seen& seen);

}  // namespace distd::test
