// The fields of a record that come one by one.
#include <catch2/catch.hpp>

#include "role/log/intake/field_list.hpp"

using namespace distd::logs;

namespace {

std::string rendered(const field_list& fields) {
    std::string out;
    record_writer record(out, 0, "", "", "", "");
    const auto start = out.size();
    fields.add_to(record);
    return out.substr(start);
}

}  // namespace

TEST_CASE("the last value of a repeated field wins, at the first position") {
    field_list fields;
    fields.set("a", "1");
    fields.set("b", "2");
    fields.set("a", "3");
    CHECK(rendered(fields) == R"(,"a":3,"b":2)");
}

TEST_CASE("removing a layer of fields restores the list, also when layers are nested") {
    field_list fields;
    for (int i = 0; i < 40; ++i) fields.set("f" + std::to_string(i), "0");
    fields.set_text("service", "S");
    const auto before = rendered(fields);
    const auto size = fields.judge(max_line);
    {
        const field_list::layer outer(fields);
        CHECK(fields.take(known_field::service) == "S");
        fields.set("f1", "\"longer\"");
        fields.set("f1", "2");
        fields.set("new", "1");
        const auto outside = rendered(fields);
        {
            const field_list::layer inner(fields);
            fields.set("f1", "3");
            fields.set("new", "2");
            fields.set_text("service", "T");
            CHECK(fields.take(known_field::service) == "T");
            for (int i = 0; i < 1000; ++i) fields.set("more" + std::to_string(i), "0");
            CHECK_FALSE(fields.judge(0).empty());
        }
        CHECK(rendered(fields) == outside);
        CHECK(fields.judge(0).empty());
    }
    CHECK(rendered(fields) == before);
    CHECK(fields.judge(max_line) == size);
    CHECK(fields.take(known_field::service) == "S");
}

TEST_CASE("a repeated text becomes a list") {
    field_list fields;
    fields.add_text("a", "[x");
    CHECK(rendered(fields) == R"(,"a":"[x")");
    fields.add_text("a", "y");
    fields.add_text("a", "z");
    CHECK(rendered(fields) == R"(,"a":["[x","y","z"])");
}
