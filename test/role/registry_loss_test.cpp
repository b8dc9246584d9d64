// What readers of a registry see when it has lost its data: never an index that they have had before.
#include <catch2/catch.hpp>
#include <filesystem>

#include "support/world.hpp"

namespace {

using namespace distd;
using namespace distd::test;
using Catch::Contains;

struct scene {
    scene() { w.start("registry", "registry"); }

    http_answer get(const std::string& path) {
        return w.http("GET", w.address("registry", "registry") + path);
    }
    std::uint64_t index(const std::string& path) { return std::stoull(get(path).header("X-Distd-Index")); }
    void enroll(const std::string& name) {
        const auto body = R"({"ServiceName":")" + name + R"(","ServiceURL":")" + name + R"(:1"})";
        CHECK(w.http("POST", w.address("registry", "registry") + "/services", body).status == 200);
        w.pump();
    }
    void lose_all() {
        w.stop("registry");
        std::filesystem::remove_all(w.data_dir("registry"));
        w.time.advance(milliseconds(10));
        w.start("registry", "registry");
    }
    // The file in which it says how far it had come is there.
    void lose_the_database() {
        w.stop("registry");
        for (const auto& file : std::filesystem::recursive_directory_iterator(w.data_dir("registry")))
            if (file.path().filename().string().starts_with("registry.db"))
                std::filesystem::remove(file.path());
        w.start("registry", "registry");
    }

    in_process_world w;
};

}  // namespace

TEST_CASE("a registry that lost its data reuses no index") {
    scene s;
    s.enroll("A");
    s.enroll("B");
    const auto all = s.index("/services");
    const auto a = s.index("/services/A");
    const auto events = s.index("/events");
    s.lose_all();
    CHECK(s.index("/services") > all);
    CHECK(s.index("/services/A") > a);
    CHECK(s.index("/events") > events);
    CHECK(s.index("/graph") > all);
}

TEST_CASE("a blocking read with an index of lost data is answered, whatever the new index") {
    scene s;
    s.enroll("A");
    s.enroll("B");
    const auto seen = s.get("/services").header("X-Distd-Index");
    const auto last_event = s.get("/events").header("X-Distd-Index");
    s.lose_all();
    s.enroll("C");
    s.enroll("D");
    CHECK_THAT(s.get("/services?wait=10m&index=" + seen).body, Contains(R"("C")") && !Contains(R"("A")"));
    CHECK_THAT(s.get("/events?wait=10m&index=" + last_event).body,
               Contains(R"("Name":"C")") && Contains(R"("Name":"D")"));
}

TEST_CASE("a registry that lost its database reuses no index, even if the clock was set back") {
    scene s;
    s.enroll("A");
    s.enroll("B");
    const auto all = s.index("/services");
    const auto a = s.index("/services/A");
    const auto events = s.index("/events");
    s.w.time.jump_wall(std::chrono::hours(-1));
    s.lose_the_database();
    CHECK(s.get("/services").body == "[]");
    CHECK(s.index("/services") > all);
    CHECK(s.index("/services/A") > a);
    CHECK(s.index("/events") > events);
}
