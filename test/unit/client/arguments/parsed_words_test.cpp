// What somebody typed behind a verb.
#include "client/arguments/parsed_words.hpp"

#include <catch2/catch.hpp>

using namespace distd;
using namespace distd::ops::client;
using Catch::Contains;

namespace {

const verb& sample() {
    static const verb v = [] {
        verb s;
        s.name = "logs";
        s.form = "[NAME...]";
        s.max_words = 2;
        s.options = {
            {'f', {.name = "follow", .kind = setting_kind::on_off, .fallback = {}, .help = "h"}},
            {'n',
             {.name = "lines", .kind = setting_kind::integer, .fallback = "50", .help = "h"},
             {{"all", "1000000000"}}},
            {0,
             {.name = "tag", .kind = setting_kind::texts, .fallback = {}, .help = "h", .repeatable = true}},
            {'d', {.name = "delay", .kind = setting_kind::duration, .fallback = {}, .help = "h"}}};
        return s;
    }();
    return v;
}

using words = std::vector<std::string>;

std::string refusal(const words& arguments) {
    try {
        const parsed_words read(sample(), arguments);
    } catch (const wrong_use& e) {
        return e.what();
    }
    return {};
}

}  // namespace

TEST_CASE("options are written as fingers know them, before, between and behind the words") {
    for (const auto& arguments :
         {words{"-f", "-n", "5", "cart", "pay"}, words{"cart", "-fn5", "pay"},
          words{"cart", "pay", "--follow", "--lines=5"}, words{"--lines", "5", "cart", "--follow=on", "pay"},
          words{"-f", "-n=5", "--", "cart", "pay"}}) {
        const parsed_words read(sample(), arguments);
        CAPTURE(arguments);
        CHECK(read.words() == words{"cart", "pay"});
        CHECK(read.on("follow"));
        CHECK(read.number("lines") == 5);
    }
}

TEST_CASE("what is not given has its fallback, or nothing; lists grow") {
    const parsed_words read(sample(), {"--tag=a", "--tag", "b,c", "-", "-d1m30s"});
    CHECK_FALSE(read.on("follow"));
    CHECK(read.number("lines") == 50);
    CHECK(read.list("tag") == words{"a", "b", "c"});
    CHECK(read.words() == words{"-"});
    CHECK(read.duration("delay") == std::chrono::seconds(90));
    CHECK(read.list("registry").empty());
    CHECK(read.text("color") == "auto");
}

TEST_CASE("a synonym stands for its value, in each way of writing an option") {
    for (const auto& arguments :
         {words{"-n", "all"}, words{"-nall"}, words{"--lines=all"}, words{"--lines", "all"}})
        CHECK(parsed_words(sample(), arguments).number("lines") == 1'000'000'000);
    CHECK_THAT(refusal({"-n", "every"}), Contains("-n"));
}

TEST_CASE("what follows the words of some verbs is not looked at") {
    auto v = sample();
    v.takes_rest = true;
    const parsed_words read(v, {"-f", "cart", "/path", "-X", "POST", "--unknown"});
    CHECK(read.words() == words{"cart", "/path"});
    CHECK(read.rest() == words{"-X", "POST", "--unknown"});
}

TEST_CASE("wrong use is explained with what would be right") {
    CHECK_THAT(refusal({"--folow"}), Contains("--folow") && Contains("did you mean --follow?"));
    CHECK_THAT(refusal({"-z"}), Contains("-z") && Contains("distd help logs"));
    CHECK_THAT(refusal({"-n"}), Contains("-n: needs a value"));
    CHECK_THAT(refusal({"-n", "many"}), Contains("-n many") && Contains("whole number"));
    CHECK_THAT(refusal({"--delay=5"}), Contains("--delay=5") && Contains("unit"));
    CHECK_THAT(refusal({"a", "b", "c"}), Contains("'c'") && Contains("distd logs [NAME...]"));
}
