// Where a scenario happens: processes of the system, HTTP to them, and waiting for something to become true.
// One text of a scenario runs in both worlds: everything in the test's own process on one loop with its own
// time, and real processes.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/logging/log_sink.hpp"
#include "sdk/process/host.hpp"
#include "support/fake_time.hpp"
#include "support/http_exchange.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"

namespace distd::test {

class world {
public:
    virtual ~world() = default;

    // Starts a process `name` with these roles (as in --role) and returns when it is ready. Its data is in
    // `data_dir(name)` and stays there when it ends. Ports are ephemeral unless `flags` say otherwise.
    virtual void start(const std::string& name, const std::string& roles,
                       std::vector<std::string> flags = {}) = 0;
    virtual void stop(
        const std::string& name) = 0;  // SIGTERM, or what it comes to; checks that the stop was clean
    [[nodiscard]] virtual std::string address(const std::string& name, const std::string& role) const = 0;
    [[nodiscard]] virtual http_answer http(const std::string& method, const std::string& url,
                                           const std::string& body = {},
                                           const std::string& content_type = "application/json") = 0;
    // Lets time pass until it holds. Throws, with `what`, when it does not come true.
    virtual void until(const std::string& what, const std::function<bool()>& holds) = 0;
    virtual void pump() {}  // lets what is ready happen

    [[nodiscard]] std::string data_dir(const std::string& name) const { return dir_ / name; }

protected:
    temp_dir dir_;
};

// All processes on the loop of the test, with time that only moves in `until` and `advance`. With
// DISTD_TEST_TLS=1 clients come to a portal over TLS.
class in_process_world final : public world {
public:
    ~in_process_world() override;
    void start(const std::string& name, const std::string& roles,
               std::vector<std::string> flags = {}) override;
    void stop(const std::string& name) override;
    void begin_stop(const std::string& name);  // SIGTERM; `stop` then waits for its end
    std::string address(const std::string& name, const std::string& role) const override;
    // Without TLS, also where clients come over it.
    [[nodiscard]] std::string plain_address(const std::string& name, const std::string& role) const;
    http_answer http(const std::string& method, const std::string& url, const std::string& body = {},
                     const std::string& content_type = "application/json") override;
    void until(const std::string& what, const std::function<bool()>& holds) override;
    void pump() override;
    [[nodiscard]] log_sink& log(const std::string& name) { return *logs_.at(name); }

    boost::asio::io_context loop{1};
    fake_time time{loop};
    http::blocking_lookup look_up = http::ask_system;  // of the processes that are started from then on

private:
    [[nodiscard]] std::string address_of(const std::string& name,
                                         const std::vector<std::string>& labels) const;
    [[nodiscard]] std::vector<std::string> over_tls(std::vector<std::string> flags) const;

    std::map<std::string, std::shared_ptr<log_sink>> logs_;
    struct stopping {
        bool done = false;
        bool clean = false;
    };
    std::map<std::string, std::unique_ptr<host>> hosts_;
    std::map<std::string, stopping> stopping_;
};

// Real processes of the distd binary.
class process_world final : public world {
public:
    void start(const std::string& name, const std::string& roles,
               std::vector<std::string> flags = {}) override;
    void stop(const std::string& name) override;
    void kill(const std::string& name);  // kill -9
    [[nodiscard]] pid_t pid(const std::string& name) const { return processes_.at(name).pid(); }
    std::string address(const std::string& name, const std::string& role) const override;
    http_answer http(const std::string& method, const std::string& url, const std::string& body = {},
                     const std::string& content_type = "application/json") override;
    void until(const std::string& what, const std::function<bool()>& holds) override;

    [[nodiscard]] std::string errors(const std::string& name) const;  // what it wrote to standard error

private:
    std::map<std::string, process> processes_;
};

}  // namespace distd::test
