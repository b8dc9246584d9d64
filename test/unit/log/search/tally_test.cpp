// Counts: the same by a block's head, by its columns and line by line.
#include <catch2/catch.hpp>

#include "role/log/search/block_search.hpp"
#include "role/log/search/tally.hpp"
#include "role/log/storage/block_builder.hpp"
#include "support/json_record.hpp"

using namespace distd::logs;

namespace {

constexpr std::int64_t minute = 60'000'000'000;

std::string stored(std::uint64_t seq, const std::string& level, const std::string& service,
                   std::int64_t time_ns) {
    std::string line;
    REQUIRE_FALSE(append_json_record(
        line, R"({"message":"m","level":")" + level + R"(","service":")" + service + "\"}", time_ns));
    return "{\"seq\":" + std::to_string(seq) + "," + line.substr(1, line.size() - 2);
}

}  // namespace

TEST_CASE("lines are counted alike by a block's head, by its columns and one by one") {
    for (const std::int64_t step : {minute / 100, minute / 7, std::int64_t{1}}) {
        for (const tally_keys keys :
             {tally_keys{true, false, 0}, tally_keys{false, true, 0}, tally_keys{true, true, 0},
              tally_keys{true, false, minute}, tally_keys{true, true, minute}, tally_keys{}}) {
            for (const bool one_service : {true, false}) {
                block_builder builder;
                tally one_by_one(keys);
                for (std::uint64_t n = 1; n <= 300; ++n) {
                    const auto time_ns = 1'800'000'000'000'000'000 + static_cast<std::int64_t>(n) * step;
                    auto line = stored(n, n % 3 == 0 ? "warn" : "info", one_service || n % 2 == 0 ? "A" : "B",
                                       time_ns);
                    if (!one_service && n % 77 == 0) line += n % 2 == 0 ? " " : "}";  // kept whole
                    builder.add(n, line);
                    const auto l = read_stored_line(line);
                    REQUIRE(l);
                    one_by_one.add(l->time_ns, l->level, l->service);
                }
                const auto b = builder.take();
                const piece_source source = [&](const piece& p) { return b.body.substr(p.offset, p.packed); };
                block_reader reader(b.head, source);
                tally by_columns(keys);
                const search_budget budget(distd::real_time());
                work_meter meter(budget);
                by_columns.add_rows(reader, matching_rows(reader, {}, {0, b.head.rows}, meter).rows);
                CHECK(by_columns.groups() == one_by_one.groups());
                CHECK(by_columns.total() == one_by_one.total());
                tally by_head(keys);
                if (by_head.add_whole(b.head)) CHECK(by_head.groups() == one_by_one.groups());
            }
        }
    }
}

TEST_CASE("a time before 1970 is counted in the right bucket") {
    tally counts({false, false, minute});
    for (const auto time_ns : {-minute - 1, -minute, std::int64_t{-1}, std::int64_t{0}})
        counts.add(time_ns, "", "");
    std::vector<std::int64_t> begins;
    for (const auto& [group, count] : counts.groups()) begins.push_back(group.bucket);
    CHECK(begins == std::vector<std::int64_t>{-2 * minute, -minute, 0});
}

TEST_CASE("counts are added up; too many groups are reported, and the total stays right") {
    tally all({false, true, 0});
    for (std::size_t i = 0; i < max_groups + 5; ++i) {
        tally one({false, true, 0});
        one.add(0, "info", "s" + std::to_string(i), 2);
        all.add(one);
    }
    CHECK(all.total() == 2 * (max_groups + 5));
    CHECK(all.groups().size() == max_groups);
    CHECK(all.overflowed());
}

TEST_CASE("what is to be counted is read from the parameters, and a wrong one is named") {
    const auto q =
        parse_stats_query({{"by", "service,level"}, {"bucket", "5m"}, {"level", "warn"}, {"q", ""}});
    REQUIRE(q.value);
    CHECK(q.value->keys.level);
    CHECK(q.value->keys.service);
    CHECK(q.value->keys.bucket_ns == 5 * minute);
    CHECK(q.value->filter.levels == std::vector<std::string>{"warn"});
    CHECK(parse_stats_query({{"by", "trace"}}).error == "by: expected level, service or both, found 'trace'");
    for (const auto* span : {"5", "0m", "m", "5x", "-5m", "99999999d"})
        CHECK_THAT(parse_stats_query({{"bucket", span}}).error, Catch::StartsWith("bucket: expected a span"));
}
