#include "http/message/gzip.hpp"

#include <catch2/catch.hpp>
#include <memory>

using namespace distd::http;

namespace {

shared_text text_of(char c) { return std::make_shared<const std::string>(10'000, c); }

}  // namespace

TEST_CASE("a text that many are sent is compressed once while it is there") {
    gzipped_texts texts;
    const auto first = text_of('a');
    const auto second = text_of('b');
    const auto gzipped = texts.of(first);
    CHECK(*gzipped == gzip(*first));
    CHECK(*texts.of(second) == gzip(*second));
    CHECK(texts.of(first) == gzipped);
}

TEST_CASE("what is kept of compressed texts goes with them, and is of the newest few") {
    gzipped_texts texts;
    auto text = text_of('a');
    const std::weak_ptr<const std::string> gone = texts.of(text);
    text.reset();
    static_cast<void>(texts.of(text_of('b')));
    CHECK(gone.expired());
    const auto kept = text_of('c');
    const auto before = texts.of(kept);
    std::vector<shared_text> others;
    for (char c = 'd'; c < 'z'; ++c) static_cast<void>(texts.of(others.emplace_back(text_of(c))));
    CHECK(texts.of(kept) != before);
    CHECK(*texts.of(kept) == *before);
}
