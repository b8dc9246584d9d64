// Host names to addresses, off the hot path: addresses and `localhost` are known at once, other names are
// looked up in the background and remembered for a while, failures for a shorter one. Names that are asked
// for meanwhile share a look-up. Bounds: names remembered (full: the expired go, then the oldest) and
// look-ups under way (full: refused).
#pragma once

#include <boost/asio/ip/address.hpp>
#include <boost/intrusive/list.hpp>
#include <distd/result.hpp>
#include <distd/time.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace distd::http {

using address_list = std::vector<boost::asio::ip::address>;

class resolver {
public:
    static constexpr milliseconds keep_for{30'000};  // the system's look-up does not tell how long it holds
    static constexpr milliseconds keep_failure_for{2'000};

    struct limits {
        std::size_t names = 1024;
        std::size_t lookups = 64;
    };

    // Looks a name up and calls back later on the loop, never at once; an empty list means there is none.
    using lookup = std::function<void(const std::string& host, std::function<void(address_list)> done)>;

    // One who waits for a name. May die any time; is then not told.
    struct question
        : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
        explicit question(std::function<void()> call_back) : answered(std::move(call_back)) {}
        std::function<void()> answered;
    };

    resolver(time_source&, lookup, limits);
    resolver(time_source& t, lookup l) : resolver(t, std::move(l), limits{}) {}
    ~resolver();

    // What is known without asking. `unreachable` for a name that was found not to exist a moment ago.
    [[nodiscard]] std::optional<result<address_list>> known(const std::string& host);
    // Has `q` told once something is known; false when too many names are being looked up.
    [[nodiscard]] bool ask(const std::string& host, question& q);

private:
    using waiting_list = boost::intrusive::list<question, boost::intrusive::constant_time_size<false>>;
    struct entry {
        address_list addresses;
        steady_point until;
    };
    struct state {
        limits most;
        std::map<std::string, entry> names;
        std::map<std::string, waiting_list> lookups;
    };

    static void learned(state&, const std::string& host, address_list found, steady_point now);

    time_source& time_;
    lookup lookup_;
    std::shared_ptr<state> state_;  // look-ups hold it weakly: they may outlast the resolver
};

// The system's own look-up, on a thread that Asio keeps for it. A look-up that runs cannot be interrupted:
// the loop ends once the system has given up.
[[nodiscard]] resolver::lookup system_lookup(executor);

}  // namespace distd::http
