// Colours of services on the pages Logs and Request.
#include "role/console/pages/log_values.hpp"

#include <catch2/catch.hpp>
#include <set>

using namespace distd::ops;
using namespace distd::ops::console;

namespace {

std::vector<log_line> lines_of(const std::vector<std::string>& services) {
    std::vector<log_line> out;
    for (const auto& name : services) {
        auto& l = out.emplace_back();
        l.seq = out.size();
        l.service = name;
    }
    return out;
}

std::vector<std::string> names(std::size_t count) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < count; ++i) out.push_back("service-" + std::to_string(i));
    return out;
}

}  // namespace

TEST_CASE("no two services of a view share a colour, as long as there are colours") {
    const auto all = names(hues::count);
    const hues h(lines_of(all));
    std::set<std::string> used;
    for (const auto& name : all) used.insert(h.of(name));
    CHECK(used.size() == hues::count);
    const auto more = names(3 * hues::count);
    const hues shared(lines_of(more));
    for (const auto& name : more) CHECK(std::stoul(shared.of(name)) < hues::count);
}

TEST_CASE("a service has the same colour in every view, and keeps it when others join") {
    for (const auto& name : names(30)) CHECK(hues(lines_of({name})).of(name) == hues({}).of(name));
    const auto few = names(5);
    const hues before(lines_of(few));
    const hues after(lines_of(names(hues::count)));
    for (const auto& name : few) CHECK(after.of(name) == before.of(name));
}
