// Names, events of streams, questions to the log, and where the client looks for its registry.
#include <algorithm>
#include <catch2/catch.hpp>

#include "client/arguments/parsed_words.hpp"
#include "client/system/event_text.hpp"
#include "client/system/names.hpp"
#include "client/system/registry_access.hpp"
#include "client/system/roles_client.hpp"
#include "client/system/verb_failure.hpp"
#include "client/verbs/log_request.hpp"
#include "unit/ops/overview_facts.hpp"

using namespace distd;
using namespace distd::ops;
using namespace distd::ops::client;
using Catch::Contains;

namespace {

using words = std::vector<std::string>;

const std::vector<instance>& sample() {
    static const std::vector<instance> all{
        ops::listed("cart", "http://127.0.0.1:8102"), ops::listed("cart", "http://127.0.0.1:8101"),
        ops::listed("cards", "http://127.0.0.1:8200"), ops::listed("Shop", "http://127.0.0.1:8300/")};
    return all;
}

words urls(const std::vector<instance>& all) {
    words out;
    for (const auto& i : all) out.push_back(i.url);
    return out;
}

}  // namespace

TEST_CASE("a service is named by its name or by the beginning of exactly one") {
    const words names{"Shop", "cards", "cart", "cart-admin"};
    CHECK(find_service(names, "cart") == "cart");
    CHECK(find_service(names, "shop") == "Shop");
    CHECK(find_service(names, "sh") == "Shop");
    CHECK_THROWS_AS(find_service(names, "car"), wrong_use);
    CHECK_THROWS_WITH(find_service(names, "car"), Contains("cards, cart and cart-admin"));
    CHECK_THROWS_AS(find_service(names, "crat"), verb_failure);
    CHECK_THROWS_WITH(find_service(names, "crat"), Contains("did you mean cart?"));
    CHECK_THROWS_AS(find_service(names, ""), verb_failure);
}

TEST_CASE("an instance is named by its URL or by its number in the order of URLs") {
    CHECK(urls(find_instances(sample(), "cart/2")) == words{"http://127.0.0.1:8102"});
    CHECK(urls(find_instances(sample(), "cart")) == words{"http://127.0.0.1:8101", "http://127.0.0.1:8102"});
    CHECK(urls(find_instances(sample(), "http://127.0.0.1:8200")) == words{"http://127.0.0.1:8200"});
    CHECK(urls(find_instances(sample(), "127.0.0.1:8300")) == words{"http://127.0.0.1:8300/"});
    CHECK_THROWS_WITH(find_instances(sample(), "cart/3"), Contains("2 instances, and no number 3"));
    CHECK_THROWS_WITH(find_instances(sample(), "http://127.0.0.1:9"),
                      Contains("no instance is registered at"));
}

TEST_CASE("of several instances those that are up are called first") {
    auto all =
        std::vector<instance>{lost("log", "http://127.0.0.1:1", "x", seconds(1)),
                              ops::listed("log", "http://127.0.0.1:2/"), ops::listed("log", "127.0.0.1:3")};
    CHECK(addresses_of(all, "log") ==
          words{"http://127.0.0.1:3", "http://127.0.0.1:2", "http://127.0.0.1:1"});
    CHECK(addresses_of(all, "other").empty());
}

TEST_CASE("events of a stream are read however their bytes are cut") {
    const std::string bytes =
        ": hello\n\nid: 7\ndata: one\n\nevent: missed\r\ndata: a\r\ndata: b\r\n\r\nid: 9\ndata:{}\n\n: x\n\n";
    for (std::size_t size = 1; size <= bytes.size(); ++size) {
        event_reader r;
        std::vector<stream_event> seen;
        for (std::size_t at = 0; at < bytes.size(); at += size) {
            r.feed(std::string_view(bytes).substr(at, size));
            while (auto e = r.next()) seen.push_back(*e);
        }
        REQUIRE(seen.size() == 3);
        CHECK((seen[0].id == "7" && seen[0].data == "one" && seen[0].name.empty()));
        CHECK((seen[1].id == "7" && seen[1].data == "a\nb" && seen[1].name == "missed"));
        CHECK((seen[2].id == "9" && seen[2].data == "{}" && seen[2].name.empty()));
    }
}

TEST_CASE("the name of an event without data is not that of the next one") {
    event_reader r;
    r.feed("id: 3\nevent: missed\n\ndata: a\n\n");
    const auto e = r.next();
    REQUIRE(e);
    CHECK(e->name.empty());
    CHECK(e->id == "3");
    CHECK(e->data == "a");
}

TEST_CASE("a level can be typed by each name that the log service knows it by") {
    const auto known = level_synonyms();
    for (const auto* name : {"panic", "dpanic", "emergency", "information", "err", "3"})
        CHECK(std::ranges::find(known, std::string(name), [](const auto& s) { return s.first; }) !=
              known.end());
}

TEST_CASE("what is typed for lines becomes a question in the log's language") {
    log_selection s;
    CHECK(parameters_of(s, true).empty());
    s.services = {"cart"};
    s.level = "warn";
    CHECK(parameters_of(s, true) == "&service=cart&level=fatal%2Cerror%2Cwarn");
    s = {};
    s.services = {"a", "b\"c"};
    s.query = "x or y";
    CHECK(parameters_of(s, true) ==
          "&q=%28service%3A%22a%22%20or%20service%3A%22b%5C%22c%22%29%20%28x%20or%20y%29");
    s = {};
    s.from = noon;
    CHECK(parameters_of(s, true) == "&from=2026-11-21T12%3A00%3A00.000Z");
    CHECK(parameters_of(s, false).empty());
}

TEST_CASE("lines keep their numbers, and an answer that is not all says where to go on") {
    const auto a = split_lines(
        "{\"seq\":12,\"message\":\"x\"}\n{\"message\":\"y\",\"seq\":13}\n"
        "{\"_incomplete\":{\"reason\":\"time\",\"after\":13}}\n");
    REQUIRE(a.lines.size() == 2);
    CHECK(a.lines[0].seq == 12);
    CHECK(a.lines[1].seq == 13);
    CHECK(a.more == 13U);
    CHECK(number_of_line("nonsense") == 0);
}

TEST_CASE("the registry is that of the option, else of the variable; who asks is the person behind sudo") {
    std::map<std::string, std::string> environment{
        {"DISTD_REGISTRY", "http://10.0.0.1:3000,http://10.0.0.2:3000"}};
    const auto variable = [&](const std::string& name) { return environment[name]; };
    CHECK(find_registry_access({}, variable).registries ==
          words{"http://10.0.0.1:3000", "http://10.0.0.2:3000"});
    CHECK(find_registry_access({"http://a:1"}, variable).registries == words{"http://a:1"});
    environment["DISTD_REGISTRY"] = "10.0.0.1:3000,localhost:3001";
    CHECK(find_registry_access({}, variable).registries ==
          words{"http://10.0.0.1:3000", "http://localhost:3001"});
    environment["DISTD_REGISTRY"] = "10.0.0.1";
    CHECK_THROWS_AS(find_registry_access({}, variable), wrong_use);
    environment = {{"DISTD_TOKEN", "white space"}};
    CHECK_THROWS_AS(find_registry_access({}, variable), wrong_use);
    environment = {{"DISTD_TLS_CA_FILE", "/nowhere/roots.pem"}};
    CHECK_THROWS_AS(find_registry_access({}, variable), wrong_use);
    CHECK_THROWS_WITH(find_registry_access({}, variable), Contains("DISTD_TLS_CA_FILE=/nowhere/roots.pem"));
    environment = {};
    CHECK_FALSE(find_registry_access({}, variable).roots);
    environment = {{"USER", "root"}, {"SUDO_USER", "ann"}};
    CHECK(actor_of(variable, "m1") == "ann@m1");
    environment = {{"USER", "a\nb"}};
    CHECK(actor_of(variable, "m1") == "a?b@m1");
}
