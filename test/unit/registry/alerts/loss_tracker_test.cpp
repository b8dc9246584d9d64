// What the timeline's events mean for whoever is told of losses.
#include "role/registry/alerts/loss_tracker.hpp"

#include "unit/registry/alerts/alerts_scene.hpp"

using namespace distd;
using namespace distd::test;
using namespace distd::registry;

namespace {

struct scene : alerts_scene {
    loss_tracker& book() {
        kept = std::make_unique<loss_tracker>(state->instances());
        kept->restore(state->events().all(), now);
        return *kept;
    }
    std::unique_ptr<loss_tracker> kept;
};

}  // namespace

TEST_CASE("the console's page of a service is linked where a console is registered") {
    scene s;
    CHECK(s.book().console_page("/alerts").empty());
    s.add("Console", "localhost:5050/");
    CHECK(s.book().console_page("/alerts") == "http://localhost:5050/alerts");
    s.lose("localhost:5050/");
    CHECK(s.book().console_page("/alerts").empty());
}

TEST_CASE("a reason is as long as a message has room for, cut between characters") {
    scene s;
    s.add("cart", "http://a:1");
    std::string reason;
    for (int i = 0; i < 300; ++i) reason += "ä";
    s.offer("http://a:1", false, reason);
    const auto m = s.book().describe("cart", alert_kind::lost);
    CHECK(m.reason.size() <= 310);
    CHECK(m.reason.ends_with("ä…"));
}

TEST_CASE("of very many that are gone the first are forgotten") {
    scene s;
    for (std::size_t i = 0; i <= loss_tracker::max_gone; ++i) {
        const auto url = "http://h:" + std::to_string(i + 1);
        s.add("s" + std::to_string(i), url);
        s.remove(url, true);
    }
    const auto& book = s.book();
    CHECK_FALSE(book.of("s0").is_lost);
    CHECK(book.of("s1").is_lost);
    CHECK_FALSE(book.of("s1").is_listed);
}
