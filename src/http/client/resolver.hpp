// Host names to addresses, off the hot path: addresses, `localhost` and names below it are known at once,
// other names are looked up in the background and remembered for a while, failures for a shorter one. Names
// that are asked for meanwhile share a look-up. What was found once is shown for some time more while it is
// looked up anew, and while nobody can be asked, so that a server of names that is slow or away takes
// nobody's address. Bounds: names remembered (full: those out of use go, then the oldest) and look-ups under
// way (full: refused).
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
    // After a failed look-up that took long, which would hold up others if it were repeated sooner.
    static constexpr milliseconds keep_slow_failure_for{30'000};
    static constexpr milliseconds slow_after{1'000};
    static constexpr milliseconds show_old_for{600'000};  // beyond `keep_for`

    struct limits {
        std::size_t names = 1024;
        std::size_t lookups = 64;
    };

    // Looks a name up and calls back later on the loop, never at once. An empty list: there is no such name;
    // an error: nobody who was asked knows.
    using found = result<address_list>;
    using lookup = std::function<void(const std::string& host, std::function<void(found)> done)>;

    // A caller that waits for a name. May be destroyed any time, and is then not called back.
    struct question
        : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
        explicit question(std::function<void()> call_back) : answered(std::move(call_back)) {}
        std::function<void()> answered;
    };

    resolver(time_source&, lookup, limits);
    resolver(time_source& t, lookup l) : resolver(t, std::move(l), limits{}) {}
    ~resolver();

    // What is known without waiting; what is old is asked for anew meanwhile. `unreachable` for a name that
    // was not found a moment ago.
    [[nodiscard]] std::optional<result<address_list>> known(const std::string& host);
    // Calls `q.answered` once something is known; false when too many names are being looked up.
    [[nodiscard]] bool ask(const std::string& host, question& q);

private:
    using waiting_list = boost::intrusive::list<question, boost::intrusive::constant_time_size<false>>;
    struct entry {
        address_list addresses;
        steady_point until;  // it is looked up anew
        steady_point shown_until;
    };
    struct asked {
        waiting_list waiting;
        steady_point since;
    };
    struct state {
        limits max;
        std::map<std::string, entry> names;
        std::map<std::string, asked> lookups;
    };

    [[nodiscard]] bool begin(const std::string& host);
    static void learned(state&, const std::string& host, found what, steady_point now);
    static void remember(state&, const std::string& host, found what, milliseconds took, steady_point now);

    time_source& time_;
    lookup lookup_;
    std::shared_ptr<state> state_;  // look-ups hold it weakly: they may outlast the resolver
};

}  // namespace distd::http
