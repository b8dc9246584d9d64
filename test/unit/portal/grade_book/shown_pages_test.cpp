#include <catch2/catch.hpp>

#include "role/portal/grade_book/shown_pages.hpp"

using distd::portal::shown_pages;

TEST_CASE("a cached page is found by its query, with its source, and the newest wins") {
    shown_pages pages;
    CHECK(pages.find("name 1") == nullptr);
    pages.keep("name 1", "[]", "<p>nobody");
    const auto held = pages.find("name 1");
    pages.keep("name 1", "[1]", "<p>one");
    CHECK(pages.find("name 1")->made_from == "[1]");
    CHECK(pages.find("name 1")->html == "<p>one");
    CHECK(held->html == "<p>nobody");
}

TEST_CASE("cached pages are limited in number and size") {
    shown_pages pages;
    pages.keep("large", std::string(shown_pages::max_bytes, 'x'), "<p>");
    CHECK(pages.find("large") == nullptr);
    for (std::size_t i = 0; i < shown_pages::max_pages; ++i) pages.keep(std::to_string(i), "a", "b");
    CHECK(pages.find("0"));
    pages.keep("one more", "a", "b");
    CHECK(pages.find("one more"));
    CHECK(pages.find("0") == nullptr);
}
