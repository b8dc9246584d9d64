// One who registers thousands of names in zones of its own, none of which answers, beside names in use.
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <list>
#include <map>

#include "http/client/lookup_schedule.hpp"
#include "http/client/resolver.hpp"
#include "support/fake_time.hpp"

using namespace distd;
using namespace distd::http;

namespace {

// The threads, in the test's time: a name of the bad zones takes ten seconds, any other one no time.
class threads {
public:
    explicit threads(time_source& t) : time_(t) {}

    resolver::lookup lookup() {
        return [this](const std::string& host, std::function<void(resolver::found)> done) {
            schedule_.add(host, time_.now());
            waiting_[host] = std::move(done);
        };
    }
    void work() {
        for (auto r = running_.begin(); r != running_.end();) {
            const auto done = r->second <= time_.now() ? r++ : running_.end();
            if (done == running_.end()) {
                ++r;
                continue;
            }
            const auto host = done->first;
            running_.erase(done);
            end(host, errc::unreachable);
        }
        refuse();
        while (auto host = schedule_.take(time_.now())) {
            if (host->ends_with(".evil"))
                running_[*host] = time_.now() + seconds(10);
            else
                end(*host, address_list{boost::asio::ip::make_address("10.0.0.1")});
        }
        refuse();
    }

private:
    void end(const std::string& host, resolver::found what) {
        schedule_.done(host, time_.now());
        waiting_.extract(host).mapped()(std::move(what));
    }
    void refuse() {
        for (const auto& host : schedule_.take_refused()) waiting_.extract(host).mapped()(errc::overloaded);
    }

    time_source& time_;
    lookup_schedule schedule_;
    std::map<std::string, std::function<void(resolver::found)>> waiting_;
    std::map<std::string, steady_point> running_;
};

}  // namespace

TEST_CASE(
    "five thousand new names in zones that do not answer take no name its address, nor a new one its turn") {
    boost::asio::io_context loop;
    test::fake_time time{loop};
    threads pool(time);
    // As the registry has it, and as any other client has it.
    const auto max = GENERATE(resolver::limits{.names = 100'000, .lookups = 16'384}, resolver::limits{});
    resolver names(time, pool.lookup(), max);
    std::list<resolver::question> questions;
    const auto ask = [&](const std::string& host) {
        if (!names.known(host)) static_cast<void>(names.ask(host, questions.emplace_back([] {})));
    };
    const auto good = [](int i) { return "web" + std::to_string(i) + ".good"; };
    for (int i = 0; i < 5; ++i) ask(good(i));
    pool.work();
    const auto begin = time.now();
    for (int second = 0; time.now() - begin < std::chrono::minutes(11); ++second) {
        if (second % 30 == 0)
            for (int i = 0; i < 5000; ++i) ask("x.z" + std::to_string(i) + ".evil");
        for (int i = 0; i < 5; ++i) REQUIRE(names.known(good(i)));
        pool.work();
        time.advance(seconds(1));
    }
    if (max.lookups > 5000) {
        pool.work();
        ask("new.good");
        for (int second = 0; second < 30; ++second) {
            pool.work();
            time.advance(seconds(1));
        }
        CHECK(names.known("new.good"));
    }
}
