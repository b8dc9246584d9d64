#include "role/registry/list_texts.hpp"

#include <catch2/catch.hpp>
#include <cstdint>

using namespace distd;
using namespace distd::registry;

namespace {

list_filter in_zone(std::string zone) {
    list_filter f;
    f.zone = std::move(zone);
    return f;
}

}  // namespace

TEST_CASE("readers with the same question get one text, until there are too many questions") {
    directory d({}, {}, [] { return std::uint64_t{0}; });
    list_texts texts(d);
    const moment now{};
    const auto first = texts.filtered(in_zone("north"), now);
    CHECK(texts.filtered(in_zone("north"), now) == first);
    CHECK(texts.filtered(in_zone("south"), now) != first);
    for (int n = 0; n < 100; ++n) static_cast<void>(texts.filtered(in_zone(std::to_string(n)), now));
    CHECK(texts.filtered(in_zone("north"), now) != first);
    CHECK(*texts.filtered(in_zone("north"), now) == *first);
}

TEST_CASE("who watches a list with details shares its text with all who do, for a moment") {
    directory d({}, {}, [] { return std::uint64_t{0}; });
    list_texts texts(d);
    moment now{};
    auto filter = in_zone("north");
    filter.details = true;
    const auto first = texts.filtered(filter, now);
    CHECK(texts.filtered(filter, now) == first);
    now.steady += list_texts::details_hold_for;
    const auto second = texts.filtered(filter, now);
    CHECK(second != first);
    CHECK(texts.filtered(filter, now) == second);
}

TEST_CASE("the targets for Prometheus are written once after a change, for all who ask") {
    directory d({}, {}, [] { return std::uint64_t{0}; });
    list_texts texts(d);
    std::uint64_t revision = 0;
    const auto put = [&](const std::string& name) {
        const auto url = "http://127.0.0.1:" + std::to_string(++revision);
        d.apply(put_change{{name, url, {}, "", ""}, revision}, steady_point{});
        texts.drop(name);
    };
    put("A");
    const auto all = texts.targets("");
    const auto a = texts.targets("A");
    CHECK(texts.targets("") == all);
    CHECK(texts.targets("A") == a);
    put("B");
    CHECK(texts.targets("A") == a);
    CHECK(texts.targets("") != all);
    CHECK_THAT(*texts.targets(""), Catch::Contains("127.0.0.1:1") && Catch::Contains("127.0.0.1:2"));
    put("A");
    CHECK_THAT(*texts.targets("A"), Catch::Contains("127.0.0.1:1") && Catch::Contains("127.0.0.1:3"));
    CHECK(*texts.targets("C") == "[]");
}

TEST_CASE("the histories of many instances are written at most once a second, those of few at each change") {
    directory d({}, {}, [] { return std::uint64_t{0}; });
    list_texts texts(d);
    steady_point now{std::chrono::hours(1)};
    std::uint64_t revision = 0;
    const auto put = [&] {
        ++revision;
        d.apply(put_change{{"A", "u" + std::to_string(revision), {}, "", ""}, revision}, now);
    };
    const auto text = [&] { return texts.histories(wire::time_range::day, now).text; };
    put();
    const auto first = text();
    put();
    CHECK(text() != first);
    while (revision <= list_texts::few_histories) put();
    const auto all = text();
    put();
    CHECK(text() == all);
    now += list_texts::pause_between_histories;
    CHECK(text() != all);
    CHECK(text() == text());
}
