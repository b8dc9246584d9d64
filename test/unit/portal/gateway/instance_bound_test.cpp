// A service may have more instances than the gateway can use.
#include "role/portal/gateway/instance_bound.hpp"

#include <catch2/catch.hpp>

using namespace distd;
using namespace distd::portal;

namespace {

instance_facts at(const std::string& machine, int port) {
    const auto place = machine + ":" + std::to_string(port);
    return {"http://" + place, 1, {}, {}, place, machine};
}

std::set<std::string> urls(const std::vector<instance_facts>& all) {
    std::set<std::string> out;
    for (const auto& f : all) out.insert(f.url);
    return out;
}

}  // namespace

TEST_CASE("within the bound all instances are used") {
    std::vector<instance_facts> all{at("a", 1), at("a", 2), at("b", 1)};
    CHECK(cut_to_bound(all, {}, 3).empty());
    CHECK(all.size() == 3);
}

TEST_CASE("a machine with very many instances takes no other machine's place, nor that of those in use") {
    std::vector<instance_facts> all;
    for (int i = 0; i < 100; ++i) all.push_back(at("a", i));
    all.push_back(at("b", 1));
    all.push_back(at("b", 2));
    const auto left_out = cut_to_bound(all, {"http://a:77"}, 5);
    CHECK(left_out.size() == 97);
    CHECK(urls(all) ==
          std::set<std::string>{"http://a:77", "http://a:0", "http://a:1", "http://b:1", "http://b:2"});
}

TEST_CASE("a service's instances are brought up to date in a time that grows with their number only") {
    balancer b{balancer_setup{}};
    std::vector<instance_facts> all;
    for (int i = 0; i < 100'000; ++i) all.push_back(at("a", i));
    CHECK(b.update(all, steady_point{}));
    CHECK_FALSE(b.update(all, steady_point{}));  // with a look through all of them for each: minutes
    CHECK(b.all().size() == 100'000);
}
