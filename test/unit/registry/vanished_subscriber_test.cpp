// A subscriber that was given up may still be there, and hold what it was told: when it registers again.
#include <catch2/catch.hpp>

#include "role/registry/core/dispatcher.hpp"

using namespace distd;
using namespace std::chrono_literals;
using namespace distd::registry;
using how = outbox::outcome;
using farewell = dispatcher::farewell;
using texts = std::vector<std::string>;

namespace {

const std::string log_added = R"({"Added":[{"Name":"Log","URL":"log"}],"Removed":[]})";
const std::string log_removed = R"({"Added":[],"Removed":[{"Name":"Log","URL":"log"}]})";

// A provider that is there all the time, and subscribers to it.
struct scene {
    scene() { all.put({"Log", "log", {}, "", ""}, ++revision); }

    void join(const std::string& url) {
        patches.join(*all.put({"User", url, {"Log"}, url + "/services", ""}, ++revision).now, all);
    }
    void leave(const std::string& url, farewell f) {
        all.remove(url);
        patches.leave(url, f);
    }
    texts deliver(how outcome = how::arrived) {
        texts sent;
        while (auto d = patches.take(now)) {
            sent.push_back(*d->text);
            patches.finish(*d, outcome, now, 0);
        }
        return sent;
    }

    catalog all;
    dispatcher patches;
    steady_point now{1h};
    std::uint64_t revision = 0;
};

}  // namespace

TEST_CASE("one that was given up and registers again is cleared, then told") {
    scene s;
    s.join("user");
    CHECK(s.deliver() == texts{log_added});
    s.leave("user", farewell::unsaid);
    CHECK(s.patches.unsettled() == 0);
    s.join("user");
    CHECK(s.deliver() == texts{log_removed, log_added});
}

TEST_CASE("one that took itself off is a newcomer when it registers again") {
    scene s;
    s.join("user");
    s.deliver();
    s.leave("user", farewell::said);
    s.join("user");
    CHECK(s.deliver() == texts{log_added});
}

TEST_CASE("one that was given up before it took anything is a newcomer when it registers again") {
    scene s;
    s.join("user");
    CHECK(s.deliver(how::refused) == texts{log_added});
    s.leave("user", farewell::unsaid);
    s.join("user");
    CHECK(s.deliver() == texts{log_added});
}

TEST_CASE("one that was given up while its patch was under way may hold it") {
    scene s;
    s.join("user");
    const auto patch = s.patches.take(s.now);
    REQUIRE(patch);
    s.leave("user", farewell::unsaid);
    s.patches.finish(*patch, how::in_doubt, s.now, 0);
    s.join("user");
    CHECK(s.deliver() == texts{log_removed, log_added});
}

TEST_CASE("of very many that were given up the oldest are forgotten") {
    scene s;
    const auto name = [](std::size_t n) { return "user" + std::to_string(n); };
    for (std::size_t n = 0; n <= dispatcher::most_vanished; ++n) {
        s.join(name(n));
        s.deliver();
        s.leave(name(n), farewell::unsaid);
    }
    s.join(name(0));
    CHECK(s.deliver() == texts{log_added});
    s.join(name(1));
    CHECK(s.deliver() == texts{log_removed, log_added});
}
