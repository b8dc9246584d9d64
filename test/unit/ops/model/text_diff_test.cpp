// Two texts beside each other.
#include <catch2/catch.hpp>

#include "ops/answers/config_answers.hpp"
#include "ops/model/text_diff.hpp"

using namespace distd::ops;

namespace {

std::string shown(const std::string& left, const std::string& right) {
    std::string out;
    for (const auto& row : compare_texts(left, right))
        out += row.left.value_or("~") + (row.is_same() ? "=" : "|") + row.right.value_or("~") + " ";
    return out;
}

}  // namespace

TEST_CASE("lines that both texts have stand beside each other, and changed ones as pairs") {
    CHECK(shown("a\nb\nc", "a\nx\nc\nd") == "a=a b|x c=c ~|d ");
    CHECK(shown("", "a") == "~|a ");
    CHECK(shown("a\nb", "b") == "a|~ b=b ");
    CHECK(shown("same\n", "same\n") == "same=same ");
}

TEST_CASE("texts of many lines are shown beside each other without being matched") {
    std::string many;
    for (std::size_t i = 0; i < 2 * max_diff_lines; ++i) many += "x\n";
    CHECK(compare_texts(many, many + "y").size() == 2 * max_diff_lines + 1);
}

TEST_CASE("JSON is compared a member a line, and what is none is left as it is") {
    CHECK(indented_json(R"({"a":1,"b":[true,{}],"c":[]})") ==
          "{\n  \"a\": 1,\n  \"b\": [\n    true,\n    {}\n  ],\n  \"c\": []\n}");
    CHECK_FALSE(indented_json("{"));
}

TEST_CASE("a value is judged by its type, and secrets are known by their names") {
    CHECK(fault_in("cart/limits", "application/json", "{}").empty());
    CHECK_FALSE(fault_in("cart/limits", "application/json", "{").empty());
    CHECK_FALSE(fault_in("gateway/routes/shop", "text/plain", "{").empty());
    CHECK(fault_in("cart/note", "text/plain", "{").empty());
    CHECK(is_secret("cart/db/Password"));
    CHECK(is_secret("tokens/ci"));
    CHECK(is_secret("alerts/ops"));
    CHECK_FALSE(is_secret("cart/limits"));
}
