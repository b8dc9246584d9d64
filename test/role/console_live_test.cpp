// A page that is followed: what its stream sends, and when.
#include <catch2/catch.hpp>
#include <memory>
#include <vector>

#include "role/console_fixture.hpp"
#include "support/raw_peer.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;

namespace {

struct followed : console_fixture {
    // Follows a page as its script does: with the address that the page gives.
    std::unique_ptr<raw_peer> follow(const std::string& path) {
        const auto page = get(path).body;
        const std::string before = "data-live=\"";
        const auto begin = page.find(before) + before.size();
        auto address = page.substr(begin, page.find('"', begin) - begin);
        for (auto at = address.find("&amp;"); at != address.npos; at = address.find("&amp;"))
            address.erase(at + 1, 4);
        auto peer = std::make_unique<raw_peer>(port_of(url()), [this] { w.pump(); });
        peer->send("GET " + address + " HTTP/1.1\r\nHost: " + host() +
                   "\r\nAccept: text/event-stream\r\n\r\n");
        return peer;
    }
    // Reads until it holds, and lets time pass meanwhile.
    std::string read_until(raw_peer& peer, const std::string& words) {
        std::string all;
        w.until("the stream sends " + words, [&] {
            if (!peer.is_silent()) all += peer.read_some();
            return all.find(words) != all.npos;
        });
        return all;
    }
};

}  // namespace

TEST_CASE_METHOD(followed, "a stream begins with what has changed since its page, and says the time") {
    add_instance("cart", "http://127.0.0.6:8100");
    const auto peer = follow("/");
    const auto sent = read_until(*peer, "event: tick");
    CHECK_THAT(sent, Contains("text/event-stream") && !Contains("cart"));
}

TEST_CASE_METHOD(followed, "a change reaches those who look, as the part that it changes") {
    add_instance("cart", "http://127.0.0.6:8100");
    add_instance("search", "http://127.0.0.6:9200");
    w.time.advance(std::chrono::minutes(2));  // rows say "2 min" for a minute, and seconds before that
    const auto peer = follow("/");
    static_cast<void>(read_until(*peer, "event: tick"));
    w.http("PUT", registry() + "/services/http%3A%2F%2F127.0.0.6%3A9200/drain", R"({"Reason":"disk swap"})");
    const auto sent = read_until(*peer, "event: page");
    const auto all = sent + read_until(*peer, "event: tick");
    CHECK_THAT(all, Contains("disk swap") && Contains("is drained") && Contains("\"order\""));
    CHECK_THAT(all, !Contains(">cart</a><p>"));  // its row did not change
}

TEST_CASE_METHOD(followed, "however often it changes, a page is sent four times a second at most") {
    add_instance("cart", "http://127.0.0.6:8100");
    const auto peer = follow("/services/cart");
    auto sent = read_until(*peer, "event: tick");
    const auto begun = w.time.now();
    const auto count = [&](const std::string& words) {
        int found = 0;
        for (auto at = sent.find(words); at != sent.npos; at = sent.find(words, at + 1)) ++found;
        return found;
    };
    const auto before = count("event: page");
    for (int weight = 2; weight < 1000 && count("event: page") < before + 3; ++weight) {
        add_instance("cart", "http://127.0.0.6:8100", ",\"Weight\":" + std::to_string(weight % 60'000));
        w.time.advance(milliseconds(50));
        w.pump();
        if (!peer->is_silent()) sent += peer->read_some();
    }
    REQUIRE(count("event: page") >= before + 3);
    CHECK(w.time.now() - begun >= 3 * milliseconds(250));
}

TEST_CASE_METHOD(followed,
                 "a page of which nothing else changes has the state of the system in its tab, live") {
    add_instance("cart", "http://127.0.0.6:8100");
    const auto peer = follow("/find?q=c");
    CHECK_THAT(read_until(*peer, "event: tick"), !Contains("event: page"));
    add_instance("shop", "http://127.0.0.6:8200", R"(,"RequiredServices":["points"])");
    CHECK_THAT(read_until(*peer, "event: page") + read_until(*peer, "event: tick"),
               Contains(R"("title":"▲ 1 sick · Find · distd","tone":"sick")"));
}

TEST_CASE_METHOD(
    followed, "a value that somebody else changes is followed: it, its version, its history and the tree") {
    add_instance("cart", "http://127.0.0.6:8100");
    const auto put = [&](const std::string& key, const std::string& value) {
        w.http("PUT", registry() + "/config/" + key, value, "application/json");
    };
    put("cart/limits", R"({"max":7})");
    const auto peer = follow("/config/cart%2Flimits");
    CHECK_THAT(read_until(*peer, "event: tick"), !Contains("event: page"));
    put("cart/limits", R"({"max":8})");
    const auto sent = read_until(*peer, "event: page") + read_until(*peer, "event: tick");
    CHECK_THAT(sent, Contains("[\"config-value\"") && Contains("&quot;max&quot;:8") &&
                         Contains("[\"config-head\"") && Contains("version 2 ") &&
                         Contains("[\"config-history\"") && Contains("Restore 1 as 3") &&
                         Contains("[\"config-tree\""));
    put("cart/other", "1");
    CHECK_THAT(read_until(*peer, "event: page") + read_until(*peer, "event: tick"),
               Contains("href=\\\"/config/cart%2Fother\\\"") && !Contains("[\"config-value\""));
    w.stop("registry");
    const auto away = read_until(*peer, "registry unreachable, as of");
    CHECK_THAT(away, !Contains("[\"config-tree\"") && !Contains("[\"config-value\""));
}

TEST_CASE_METHOD(followed, "a line that a service writes is on its page while somebody looks") {
    w.start("log", "log", {"--registry=" + registry()});
    add_instance("cart", "http://127.0.0.6:8100");
    w.until("the console knows the log",
            [&] { return get("/services/cart").body.find("No log service") == std::string::npos; });
    const auto peer = follow("/services/cart");
    static_cast<void>(read_until(*peer, "event: tick"));
    w.http("POST", w.address("log", "log") + "/log", "{\"service\":\"cart\",\"message\":\"two of them\"}\n",
           "application/x-ndjson");
    CHECK_THAT(read_until(*peer, "two of them"), Contains("[\"last-lines\""));
}

TEST_CASE_METHOD(followed, "a secret is not in the stream of a page that does not show it") {
    add_instance("cart", "http://127.0.0.6:8100");
    w.http("PUT", registry() + "/config/cart/password", "hunter2", "text/plain");
    const auto peer = follow("/config/cart%2Fpassword");
    static_cast<void>(read_until(*peer, "event: tick"));
    w.http("PUT", registry() + "/config/cart/password", "hunter3", "application/json");
    CHECK_THAT(read_until(*peer, "version 2 ") + read_until(*peer, "event: tick"),
               !Contains("hunter") && !Contains("unexpected"));
}

TEST_CASE_METHOD(followed, "one client's streams leave half of them to others") {
    const auto open = [&](const char* from) {
        auto peer = std::make_unique<raw_peer>(
            port_of(url()), [this] { w.pump(); }, from);
        peer->send("GET /live?page=now HTTP/1.1\r\nHost: " + host() +
                   "\r\nAccept: text/event-stream\r\n\r\n");
        return peer;
    };
    std::vector<std::unique_ptr<raw_peer>> open_ones;
    for (int i = 0; i < 32; ++i) {
        open_ones.push_back(open("127.0.77.1"));  // another machine: see remote_clients
        REQUIRE_THAT(read_until(*open_ones.back(), "\r\n\r\n"), Catch::StartsWith("HTTP/1.1 200"));
    }
    const auto refused = open("127.0.77.1");
    CHECK_THAT(read_until(*refused, "\r\n\r\n"), Catch::StartsWith("HTTP/1.1 429"));
    const auto other = open("127.0.77.2");
    CHECK_THAT(read_until(*other, "\r\n\r\n"), Catch::StartsWith("HTTP/1.1 200"));
}
