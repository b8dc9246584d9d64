// The central configuration over HTTP: values, lists, conditions, history, and who is woken by what.
#include <catch2/catch.hpp>
#include <memory>

#include "base/utf8.hpp"
#include "support/full_disk.hpp"
#include "support/raw_peer.hpp"
#include "support/world.hpp"

namespace {

using namespace distd;
using namespace distd::test;
using Catch::Contains;

struct scene {
    explicit scene(std::vector<std::string> flags = {}) { start(std::move(flags)); }

    void start(std::vector<std::string> flags = {}) { w.start("registry", "registry", std::move(flags)); }
    void restart() {
        w.stop("registry");
        start();
    }
    // `headers`: whole lines, each with its CRLF.
    http_answer send(const std::string& method, const std::string& path, const std::string& body = {},
                     const std::string& headers = {}, const std::string& type = "text/plain") {
        return exchange(
            method, url() + "/config/" + path, body, type, [this] { w.pump(); }, headers);
    }
    http_answer get(const std::string& path, const std::string& headers = {}) {
        return send("GET", path, {}, headers);
    }
    http_answer put(const std::string& path, const std::string& body, const std::string& headers = {}) {
        return send("PUT", path, body, headers);
    }
    // A reader that parks or streams.
    std::unique_ptr<raw_peer> open(const std::string& target, const std::string& headers = {}) {
        auto peer = std::make_unique<raw_peer>(port_of(url()), [this] { w.pump(); });
        peer->send(get_request("/config/" + target, headers));
        w.pump();
        return peer;
    }
    std::string url() const { return w.address("registry", "registry"); }
    std::string index(const std::string& path) { return get(path).header("X-Distd-Index"); }

    in_process_world w;
};

std::string if_match(const std::string& etag) { return "If-Match: " + etag + "\r\n"; }

}  // namespace

TEST_CASE("a configuration value is returned byte for byte with its type, over a restart") {
    scene s;
    const std::string bytes("a\0\xff\r\nb", 6);
    const auto made = s.send("PUT", "app/db/url", bytes, {}, "image/x-odd; v=1");
    CHECK(made.status == 201);
    CHECK_THAT(made.body, Contains(R"("key":"app/db/url","version":1)"));
    for (int life = 0; life < 2; ++life) {
        const auto found = s.get("app/db/url");
        CHECK(found.status == 200);
        CHECK(found.body == bytes);
        CHECK(found.header("Content-Type") == "image/x-odd; v=1");
        CHECK(found.header("ETag") == made.header("ETag"));
        CHECK(found.header("X-Distd-Index") == made.header("X-Distd-Index"));
        CHECK(found.header("X-Distd-Version") == "1");
        CHECK_FALSE(found.header("X-Distd-Registry").empty());
        CHECK(s.get("app/db/url", "If-None-Match: " + found.header("ETag") + "\r\n").status == 304);
        const auto head = s.send("HEAD", "app/db/url");
        CHECK(head.status == 200);
        CHECK(head.header("ETag") == made.header("ETag"));
        s.restart();
    }
    CHECK(s.send("PUT", "untyped", "x", {}, "").status == 201);
    CHECK(s.get("untyped").header("Content-Type") == "application/octet-stream");
}

TEST_CASE("an escaped slash and a plain one name the same key") {
    scene s;
    CHECK(s.put("a%2Fb", "x").status == 201);
    CHECK(s.get("a/b").body == "x");
    CHECK(s.get("%61/b").body == "x");
    CHECK(s.get("a%252Fb").status == 404);
    CHECK(s.put("%C3%BC%20x/%25", "y").status == 201);
    CHECK_THAT(s.get("").body, Contains(R"("key":"ü x/%")"));
}

TEST_CASE("an invalid key is refused with the reason") {
    scene s;
    for (const char* path : {"a//b", "a/./b", "a/%2E%2E", "%0A", "%FF", "a/", ""}) {
        INFO(path);
        CHECK(s.put(path, "x").status == 400);
        CHECK(s.send("DELETE", path).status == 400);
    }
    CHECK_THAT(s.put(std::string(513, 'k'), "x").body, Contains("at most 512 bytes"));
    CHECK(s.put(std::string(512, 'k'), "x").status == 201);
    CHECK(s.put("large", std::string(512 << 10, 'x')).status == 201);
    CHECK(s.put("larger", std::string((512 << 10) + 1, 'x')).status == 413);
    CHECK(s.put("a", "x", "X-Distd-Actor: " + std::string(257, 'a') + "\r\n").status == 400);
    for (const char* query : {"a?version=0", "a?version=x", "a?history=yes", "?values=true", "?history=1",
                              "a?index=x", "a?index=1&wait=soon"}) {
        INFO(query);
        CHECK(s.get(query).status == 400);
    }
    CHECK(s.send("POST", "a").status == 400);
    CHECK(s.send("POST", "a?restore=0").status == 400);
}

TEST_CASE("an unsupported parameter of a configuration request is refused, and nothing is changed") {
    scene s;
    s.put("a", "1");
    const auto refused = [&](const http_answer& a, const std::string& why) {
        CHECK(a.status == 400);
        CHECK_THAT(a.body, Contains(why));
    };
    refused(s.get("a?verison=1"), "expected one of history, version, index, wait, found 'verison'.");
    refused(s.get("a?values=1"), "found 'values'");
    refused(s.get("a?history=1&version=1"), "expected history, found 'version'.");
    refused(s.get("a?history=1&index=7"), "expected history, found 'index'.");
    refused(s.get("a?version=1&wait=1s"), "expected version, found 'wait'.");
    refused(s.get("?recurse"), "expected one of values, index, wait, found 'recurse'.");
    refused(s.put("a?cas=0", "2"), "expected none, found 'cas'.");
    refused(s.send("DELETE", "a?version=1"), "expected none, found 'version'.");
    refused(s.send("POST", "a?restore=1&version=1"), "expected restore, found 'version'.");
    CHECK(s.get("a").body == "1");
    CHECK(s.get("a").header("X-Distd-Version") == "1");
}

TEST_CASE("Content-Range and Content-Encoding are refused") {
    scene s;
    s.put("a", "whole");
    const auto part = s.put("a", "wh", "Content-Range: bytes 0-1/5\r\n");
    CHECK(part.status == 400);
    CHECK_THAT(part.body, Contains("Content-Range"));
    const auto packed = s.put("a", "\x1f\x8b", "Content-Encoding: gzip\r\n");
    CHECK(packed.status == 415);
    CHECK_THAT(packed.body, Contains("Content-Encoding"));
    CHECK(s.get("a").body == "whole");
    CHECK(s.put("a", "plain", "Content-Encoding: identity\r\n").status == 200);
}

TEST_CASE("If-Match split over two fields is joined, and an empty one never matches") {
    scene s;
    const auto tag = s.put("a", "1").header("ETag");
    CHECK(s.put("a", "2", "If-None-Match: \"1\"\r\nIf-None-Match: *\r\n").status == 412);
    CHECK(s.put("a", "2", "If-Match:\r\n").status == 412);
    CHECK(s.send("DELETE", "a", {}, "If-Match:\r\n").status == 412);
    CHECK(s.get("a").body == "1");
    CHECK(s.put("a", "2", if_match("\"1\"") + if_match(tag)).status == 200);
}

TEST_CASE("of two changes to the same version one gets 412 with the current ETag") {
    scene s;
    const auto first = s.put("a", "1").header("ETag");
    const auto second = s.put("a", "2", if_match(first)).header("ETag");
    const auto late = s.put("a", "3", if_match(first));
    CHECK(late.status == 412);
    CHECK(late.header("ETag") == second);
    CHECK_THAT(late.body, Contains("version 2"));
    CHECK(s.send("DELETE", "a", {}, if_match(first)).status == 412);
    CHECK(s.send("POST", "a?restore=1", {}, if_match(first)).status == 412);
    CHECK(s.put("a", "3", "If-None-Match: *\r\n").status == 412);
    CHECK(s.put("b", "3", if_match(first)).status == 412);
    CHECK(s.get("a").body == "2");
    CHECK(s.send("DELETE", "a", {}, if_match(second)).status == 204);
    const auto gone = s.get("a");
    CHECK(gone.status == 404);
    CHECK(gone.header("X-Distd-Index") > second.substr(1));
    CHECK(s.send("DELETE", "a").status == 404);
    const auto again = s.put("a", "2", "If-None-Match: *\r\n");
    CHECK(again.status == 201);
    CHECK(again.header("ETag") != second);
}

TEST_CASE("a directory lists its keys, with values if requested") {
    scene s;
    CHECK(s.get("").body == "[]");
    CHECK_FALSE(s.index("").empty());
    s.put("app/b", "text \"quoted\"");
    s.put("app/a/c", "\xff");
    s.put("application", "x");
    const auto all = s.get("app/");
    CHECK(all.header("Content-Type") == "application/json");
    CHECK_THAT(all.body, Contains(R"("key":"app/a/c")") && Contains(R"("key":"app/b")") &&
                             Contains(R"("size":13)") && Contains(R"("media_type":"text/plain")") &&
                             !Contains("application\"") && !Contains("value"));
    CHECK_THAT(s.get("app/?values=1").body,
               Contains(R"("value":"text \"quoted\"")") && Contains(R"("base64":"/w==")"));
    CHECK(s.get("nothing/").body == "[]");
    CHECK(exchange("GET", s.url() + "/config", {}, {}, [&] { s.w.pump(); }).status == 200);
}

TEST_CASE("a change of the configuration has a reason, in its history, over a restart, whatever it says") {
    scene s;
    const auto because = [](const std::string& reason) { return "X-Distd-Reason: " + reason + "\r\n"; };
    CHECK(s.put("a", "one", because("the pool was too small")).status == 201);
    CHECK(s.put("a", "two", because("</script><b>\"\\ \xC3\xBC \xFF")).status == 200);
    CHECK(s.send("POST", "a?restore=1", {}, because("two was wrong")).status == 200);
    CHECK(s.send("DELETE", "a", {}, because("no longer read")).status == 204);
    CHECK(s.put("a", "four").status == 201);
    for (int life = 0; life < 2; ++life) {
        const auto history = s.get("a?history=1").body;
        CHECK_THAT(history, Contains(R"("reason":"the pool was too small","request_id")") &&
                                Contains(R"("reason":"</script><b>\"\\ ü)") &&
                                Contains(R"("reason":"two was wrong")") &&
                                Contains(R"("reason":"no longer read")") && Contains(R"("version":5,)") &&
                                Contains(R"("reason":"",)"));
        CHECK(is_utf8(history));
        s.restart();
    }
    CHECK(s.put("a", "five", because(std::string(1024, 'r'))).status == 200);
    const auto refused = s.put("a", "six", because(std::string(1025, 'r')));
    CHECK(refused.status == 400);
    CHECK_THAT(refused.body, Contains("X-Distd-Reason: 1025 bytes; at most 1024 are taken"));
    CHECK(s.put("a", "six", because("a\tb")).status == 400);
    CHECK(s.get("a").body == "five");
}

TEST_CASE("the history of a key says who changed what, and an old version comes back as a new one") {
    scene s;
    s.put("a", "one", "X-Distd-Actor: Ada\r\nX-Request-Id: request-17\r\n");
    s.put("a", "two");
    const auto history = s.get("a?history=1").body;
    CHECK_THAT(
        history,
        Contains(R"("who":"Ada","reason":"","request_id":"request-17","action":"put","before":null)") &&
            Contains(R"("who":"127.0.0.1")") &&
            Contains(R"("before":{"media_type":"text/plain","size":3,"value":"one"},)"
                     R"("after":{"media_type":"text/plain","size":3,"value":"two"})"));
    CHECK(history.find(R"("version":2)") < history.find(R"("version":1)"));
    CHECK(s.get("a?version=1").body == "one");
    CHECK(s.get("a?version=3").status == 404);
    const auto back = s.send("POST", "a?restore=1");
    CHECK(back.status == 200);
    CHECK_THAT(back.body, Contains(R"("version":3)"));
    CHECK(s.get("a").body == "one");
    CHECK_THAT(s.get("a?history=1").body, Contains(R"("action":"restore","restored":1)"));
    CHECK(s.send("DELETE", "a").status == 204);
    CHECK(s.get("a?version=4").status == 404);
    CHECK(s.send("POST", "a?restore=4").status == 409);
    CHECK(s.send("POST", "a?restore=9").status == 404);
    CHECK_THAT(s.get("a?history=1").body, Contains(R"("action":"delete")"));
    CHECK(s.send("POST", "a?restore=2").status == 201);
    CHECK(s.get("a").body == "two");
    CHECK(s.get("never?history=1").status == 404);
}

TEST_CASE("a watcher of a key is woken by real changes of that key only") {
    scene s;
    s.put("a/x", "1");
    s.put("a/y", "1");
    auto key = s.open("a/x?index=" + s.index("a/x"));
    auto directory = s.open("a/?index=" + s.index("a/"));
    auto other = s.open("b/?index=" + s.index("b/"));
    auto missing = s.open("a/new?index=" + s.index("a/new"));
    auto stream = s.open("a/x", "Accept: text/event-stream\r\nLast-Event-ID: " + s.index("a/x") + "\r\n");
    CHECK_THAT(stream->read_some(), Contains("text/event-stream"));
    s.put("a/x", "1");        // changes nothing
    s.put("a", "neighbour");  // a key, not the directory
    s.put("a/xx", "neighbour");
    CHECK_THAT(directory->read_answer(), Contains("a/xx"));
    CHECK(key->is_silent());
    CHECK(other->is_silent());
    CHECK(missing->is_silent());
    CHECK(stream->is_silent());
    s.put("a/x", "2");
    CHECK_THAT(key->read_answer(), Contains("\r\n\r\n2"));
    CHECK_THAT(stream->read_some(), Contains(R"("value":"2")"));
    s.put("a/new", "born");
    CHECK_THAT(missing->read_answer(), Contains("200 OK") && Contains("born"));
    CHECK(s.send("DELETE", "a/x").status == 204);
    CHECK_THAT(stream->read_some(), Contains(R"("exists":false)"));
    CHECK(other->is_silent());
    const auto metrics = s.w.http("GET", s.url() + "/metrics").body;
    CHECK_THAT(metrics, Contains("distd_registry_parked_watchers 2\n"));
    CHECK_THAT(metrics,
               Contains("distd_registry_config_keys 4\n") && Contains("distd_registry_config_bytes"));
}

TEST_CASE("an index of the configuration is never 0 and never goes backwards over a restart") {
    scene s;
    const auto born = s.index("");
    CHECK(born.size() == 13);
    s.put("a", "1");
    s.send("DELETE", "a");
    const auto deleted = s.index("a");
    CHECK(deleted > born);
    s.restart();
    CHECK(s.index("a") == deleted);
    CHECK(s.index("") == deleted);
    CHECK(s.put("b", "1").header("X-Distd-Index") > deleted);
}

TEST_CASE("a full configuration refuses with 507, and names the setting") {
    scene s({"--registry-config-max-bytes=2KiB"});
    CHECK(s.put("a", std::string(1500, 'x')).status == 201);
    const auto refused = s.put("b", std::string(1500, 'x'));
    CHECK(refused.status == 507);
    CHECK_THAT(refused.body, Contains("--registry-config-max-bytes"));
    CHECK(s.get("b").status == 404);
    CHECK(s.put("a", "small").status == 200);
    CHECK(s.put("b", std::string(1200, 'x')).status == 201);
}

TEST_CASE("on a full disk configuration changes are refused and reads continue") {
    scene s;
    CHECK(s.put("a", "before").status == 201);
    const auto index = s.index("a");
    // SQLite tells a full disk (507) from this limit (500); both are refusals of the disk.
    full_disk disk;
    const auto refused = s.put("a", std::string(64 << 10, 'x'));
    const auto found = s.get("a");
    const auto history = s.get("a?history=1");
    disk.has_room_again();
    CHECK(refused.status >= 500);
    CHECK_THAT(refused.body, Contains("nothing was stored"));
    CHECK(found.body == "before");
    CHECK(history.status == 200);
    CHECK(s.index("a") == index);
    CHECK(s.put("a", "after").status == 200);
    CHECK(s.get("a").body == "after");
}
