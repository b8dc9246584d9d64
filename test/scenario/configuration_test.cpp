// The central configuration in a running system: a service that is configured live, and a registry that is
// killed between changes.
#include <boost/asio/co_spawn.hpp>
#include <catch2/catch.hpp>
#include <filesystem>

#include "base/settings/options.hpp"
#include "scenario/scenario.hpp"
#include "sdk/process/host.hpp"
#include "sdk/process/host_settings.hpp"
#include "support/foreign_registry.hpp"
#include "support/raw_peer.hpp"

using namespace distd;
using namespace distd::test;

namespace {

// A service of a user's own beside the registry of the world, on its loop and time.
struct configured_service {
    configured_service(in_process_world& w, const std::string& registry)
        : world(w),
          config(settings_parser(host_settings()).parse({{"--data-dir=" + dir.path(), registry}, {}})),
          process(w.loop, w.time, config, std::make_shared<log_sink>(silent(), w.time)) {
        book.configured_by("book", [this](const configuration& c) {
            ++told;
            shelf = c.text("shelf", "(default)");
        });
        process.add({"book", {"127.0.0.1", 0}, ""}, book);
        process.start();
    }
    ~configured_service() {
        bool ended = false;
        boost::asio::co_spawn(world.loop, process.stop(), [&](std::exception_ptr, bool all) { ended = all; });
        for (int i = 0; i < 1000 && !ended; ++i) {
            world.loop.restart();
            world.loop.run_for(milliseconds(1));
            world.time.advance(milliseconds(20));
        }
        if (!ended) std::fprintf(stderr, "the service of the test did not end\n");
    }
    static log_sink::setup silent() {
        log_sink::setup s;
        s.descriptor = -1;
        return s;
    }

    in_process_world& world;
    temp_dir dir;
    settings config;
    std::vector<std::string> arguments{"book"};
    std::vector<char*> argv{arguments[0].data()};
    service book{"BookService", 1, argv.data()};
    host process;
    int told = 0;
    std::string shelf = "(default)";
};

std::string index_of(const http_answer& a) { return a.header("X-Distd-Index"); }

}  // namespace

TEST_CASE("a service gets configuration live, and keeps it while the registry is down", "[scenario]") {
    in_process_world w;
    const auto registry = start_role(w, "registry");
    const auto put = [&](const std::string& value) {
        CHECK(w.http("PUT", registry + "/config/book/shelf", value, "text/plain").status < 300);
    };
    put("oak");
    configured_service s(w, registry_at(registry));
    w.until("the service has its first configuration", [&] { return s.shelf == "oak"; });
    put("pine");
    w.until("the service sees a change", [&] { return s.shelf == "pine"; });
    const auto told = s.told;
    put("pine");
    w.http("PUT", registry + "/config/bookkeeper/shelf", "steel", "text/plain");

    w.stop("registry");
    CHECK(s.shelf == "pine");
    start_role(w, "registry", {listen_at("registry", registry)});
    put("elm");
    w.until("a change after a restart is seen", [&] { return s.shelf == "elm"; });
    CHECK(s.told == told + 1);

    w.stop("registry");
    std::filesystem::remove_all(w.data_dir("registry"));
    start_role(w, "registry", {listen_at("registry", registry)});
    w.until("it asks the registry that lost its data", [&] {
        const auto text = w.http("GET", registry + "/metrics").body;
        return text.find("distd_registry_parked_watchers 1\n") != std::string::npos;
    });
    CHECK(s.shelf == "elm");
    put("birch");
    w.until("what the registry has now is seen", [&] { return s.shelf == "birch"; });
    w.http("DELETE", registry + "/config/book/shelf");
    w.until("what is deleted is deleted", [&] { return s.shelf == "(default)"; });
}

TEST_CASE("with a third-party registry a service uses its default configuration", "[scenario]") {
    in_process_world w;
    foreign_registry other(50);
    other.start();
    configured_service s(w, registry_at(other.url()));
    soon(w, "the service is registered", [&] { return other.times_listed("BookService") == 1; });
    CHECK(s.told == 0);
    CHECK(s.shelf == "(default)");
}

TEST_CASE("an answered configuration change survives kill -9, and no index goes backwards",
          "[scenario]") {
    process_world w;
    auto registry = start_role(w, "registry");
    std::string last_index = "0";
    for (int life = 0; life < 4; ++life) {
        const auto mark = std::to_string(life);
        std::string etag;
        for (int i = 0; i < 20; ++i) {
            const auto made = w.http("PUT", registry + "/config/life/" + mark, std::to_string(i));
            REQUIRE(made.status == (i == 0 ? 201 : 200));
            REQUIRE(index_of(made) > last_index);
            last_index = index_of(made);
            etag = made.header("ETag");
        }
        // One more is under way when it dies: it is there whole, or not at all.
        raw_peer peer(port_of(registry));
        peer.send("PUT /config/torn HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nno" + mark);
        w.kill("registry");
        registry = start_role(w, "registry", {listen_at("registry", registry)});
        const auto kept = w.http("GET", registry + "/config/life/" + mark);
        CHECK(kept.body == "19");
        CHECK(kept.header("ETag") == etag);
        CHECK(index_of(w.http("GET", registry + "/config/")) >= last_index);
        const auto history = w.http("GET", registry + "/config/life/" + mark + "?history=1").body;
        CHECK(history.find("\"version\":20") != std::string::npos);
        const auto torn = w.http("GET", registry + "/config/torn");
        CHECK((torn.status == 404 || torn.body.size() == 3));
        last_index = index_of(w.http("GET", registry + "/config/"));
    }
}
