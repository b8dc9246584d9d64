// Probes to one host are bounded a second, whoever asked for them.
#include <catch2/catch.hpp>

#include "role/registry/core/health.hpp"

using namespace distd;
using namespace std::chrono_literals;
using namespace distd::registry;

namespace {

struct scene {
    explicit scene(std::size_t max_probes_per_host) {
        health_engine::rules r;
        r.max_probes_per_host = max_probes_per_host;
        r.interval = 1s;
        health = std::make_unique<health_engine>(r);
    }
    void watch(const std::string& url, const std::string& host) {
        registration r{"A", url, {}, "", "http://" + host + ":1/" + url};
        health->watch(r, ++generation, condition::passing, now, 0);
    }
    // Of so long; each is answered at once. By host.
    std::map<std::string, int> probes_in(milliseconds span) {
        std::map<std::string, int> sent;
        const auto end = now + span;
        for (; now < end; now += 10ms)
            while (auto p = health->take(now)) {
                if (leads_to) health->leads_to(*p, {*leads_to});
                ++sent[p->heartbeat_url().substr(7, p->heartbeat_url().find(':', 7) - 7)];
                ++by_url[p->url()];
                CHECK(health->finish(*p, "", now) == health_engine::transition::none);
            }
        return sent;
    }

    std::unique_ptr<health_engine> health;
    std::map<std::string, int> by_url;
    std::optional<boost::asio::ip::address> leads_to;  // whatever the name
    std::uint64_t generation = 0;
    steady_point now{1h};
};

}  // namespace

TEST_CASE("however many instances name a host, it gets so many probes a second, and each has its turn") {
    scene s(20);
    for (int i = 0; i < 100; ++i) s.watch("u" + std::to_string(i), "10.0.0.1");
    s.probes_in(5s);
    s.by_url.clear();
    const auto sent = s.probes_in(10s);
    CHECK(sent.at("10.0.0.1") >= 190);
    CHECK(sent.at("10.0.0.1") <= 201);
    REQUIRE(s.by_url.size() == 100);
    for (const auto& [url, count] : s.by_url) {
        INFO(url);
        CHECK(count >= 1);
        CHECK(count <= 3);
    }
}

TEST_CASE("a host that is named too often delays no other one") {
    scene s(20);
    for (int i = 0; i < 100; ++i) s.watch("u" + std::to_string(i), "10.0.0.1");
    for (int i = 0; i < 10; ++i) s.watch("v" + std::to_string(i), "10.0.0.2");
    s.probes_in(5s);
    CHECK(s.probes_in(10s).at("10.0.0.2") >= 95);
}

TEST_CASE("loopback gets ten times as many, and spellings of a host are one host") {
    scene s(2);
    for (int i = 0; i < 100; ++i) s.watch("u" + std::to_string(i), i % 2 == 0 ? "LocalHost" : "localhost");
    s.probes_in(5s);
    int all = 0;
    for (const auto& [host, count] : s.probes_in(10s)) all += count;
    CHECK(all >= 190);
    CHECK(all <= 201);
}

TEST_CASE("names that lead to one host do not get it more probes than its address would") {
    scene s(20);
    for (int i = 0; i < 100; ++i) s.watch("u" + std::to_string(i), "x" + std::to_string(i) + ".evil");
    s.leads_to = boost::asio::ip::make_address("10.0.0.1");
    s.probes_in(5s);
    int all = 0;
    for (const auto& [host, count] : s.probes_in(10s)) all += count;
    CHECK(all >= 190);
    CHECK(all <= 201);
}

TEST_CASE("registering again and again makes nobody probe a host more often") {
    scene s(20);
    for (int second = 0; second < 10; ++second) {
        for (int i = 0; i < 100; ++i) s.watch("u" + std::to_string(i), "10.0.0.1");
        const auto sent = s.probes_in(1s);
        if (second > 1) CHECK((sent.empty() || sent.at("10.0.0.1") <= 21));
    }
}
