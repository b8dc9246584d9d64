// Which fields there are: the same from a block's columns as line by line, and bounded.
#include <catch2/catch.hpp>

#include "role/log/search/block_search.hpp"
#include "role/log/search/field_tally.hpp"
#include "role/log/storage/block_builder.hpp"
#include "support/json_record.hpp"

using namespace distd::logs;

namespace {

std::string stored(std::uint64_t seq, const std::string& more) {
    std::string line;
    REQUIRE_FALSE(append_json_record(line, R"({"message":"m")" + more + "}", 1'800'000'000'000'000'000));
    return "{\"seq\":" + std::to_string(seq) + "," + line.substr(1, line.size() - 2);
}

using listing = std::map<std::string, std::map<std::string, std::uint64_t>>;
listing listed(const field_tally& t) {
    listing all;
    for (const auto& [name, field] : t.fields()) all[name] = {field.values.begin(), field.values.end()};
    return all;
}

}  // namespace

TEST_CASE("fields and values are counted alike in a block and line by line") {
    block_builder builder;
    field_tally one_by_one;
    for (std::uint64_t n = 1; n <= 200; ++n) {
        std::string more = R"(,"n":)" + std::to_string(n % 7) + R"(,"host":"h)" + std::to_string(n % 3) + '"';
        if (n % 5 == 0) more += R"(,"service":"S","o":{"a":[1]},"t":"text )" + std::to_string(n) + '"';
        auto line = stored(n, more);
        if (n % 50 == 0) line.insert(line.size() - 1, ", \"odd\" : 1");  // in no column
        builder.add(n, line);
        one_by_one.add(line);
    }
    const auto b = builder.take();
    const piece_source source = [&](const piece& p) { return b.body.substr(p.offset, p.packed); };
    block_reader reader(b.head, source);
    field_tally by_columns;
    const search_budget budget(distd::real_time());
    work_meter meter(budget);
    by_columns.add_rows(reader, matching_rows(reader, {}, {0, b.head.rows}, meter).rows);
    CHECK(by_columns.lines() == one_by_one.lines());
    CHECK((listed(by_columns) == listed(one_by_one)));
    CHECK(by_columns.fields().at("host").count == 200);
    const std::map<std::string, std::uint64_t> objects{{R"({"a":[1]})", 40}};
    CHECK((listed(by_columns)["o"] == objects));
}

TEST_CASE("many fields and many values are cut, and that is reported") {
    field_tally t;
    for (std::uint64_t n = 1; n <= 2000; ++n)
        t.add(stored(n, R"(,"f)" + std::to_string(n) + R"(":1,"id":)" + std::to_string(n)));
    CHECK(t.fields().size() == field_tally::max_fields);
    CHECK(t.has_more_fields());
    const auto& id = t.fields().at("id");
    CHECK(id.count == 2000);
    CHECK(id.values.size() == field_tally::max_values);
    CHECK(id.has_more_values);
    CHECK(id.most_frequent(3).size() == 3);
}
