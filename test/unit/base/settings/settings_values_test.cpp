// The form of every kind of setting: what is understood, what is refused and in which words.
#include <catch2/catch.hpp>

#include "base/settings/options.hpp"
#include "base/settings/options_values.hpp"

using namespace distd;

namespace {

setting row_of(setting_kind kind, std::string fallback = {}) {
    return {.name = "x", .kind = kind, .fallback = std::move(fallback), .help = "Something"};
}

// What a user reads who gives `text` on the command line; "" when it is taken.
std::string complaint(const setting& row, const std::string& text) {
    try {
        static_cast<void>(read_value(row, text, "--x"));
        return {};
    } catch (const settings_error& wrong) {
        return wrong.what();
    }
}

std::int64_t number(setting_kind kind, const std::string& text) {
    return read_value(row_of(kind), text, "--x").number;
}

std::string address_complaint(const std::string& text) {
    try {
        static_cast<void>(parse_host_port(text));
        return {};
    } catch (const settings_error& wrong) {
        return wrong.what();
    }
}

}  // namespace

TEST_CASE("a duration is a sum of whole numbers with units, the larger unit first") {
    CHECK(number(setting_kind::duration, "250ms") == 250);
    CHECK(number(setting_kind::duration, "3s") == 3000);
    CHECK(number(setting_kind::duration, "1m30s") == 90'000);
    CHECK(number(setting_kind::duration, "2h") == 7'200'000);
    CHECK(number(setting_kind::duration, "7d") == 604'800'000);
    CHECK(number(setting_kind::duration, "1d2h3m4s5ms") == 93'784'005);
    CHECK(number(setting_kind::duration, "0s") == 0);

    const auto row = row_of(setting_kind::duration);
    for (const char* wrong :
         {"s", "3 s", " 3s", "-3s", "+3s", "1.5s", "3S", "3sec", "30s1m", "1s1s", "1m30", "0x3s"}) {
        CAPTURE(wrong);
        CHECK_THAT(complaint(row, wrong), Catch::Contains("3s, 1m30s"));
    }
}

TEST_CASE("a duration without a unit is refused as such") {
    CHECK_THAT(complaint(row_of(setting_kind::duration), "5"),
               Catch::StartsWith("--x=5: a number alone has no unit") && Catch::Contains("250ms"));
}

TEST_CASE("a size is bytes, or a number with a binary unit") {
    CHECK(number(setting_kind::size, "0") == 0);
    CHECK(number(setting_kind::size, "4096") == 4096);
    CHECK(number(setting_kind::size, "64KiB") == 65'536);
    CHECK(number(setting_kind::size, "16MiB") == 16'777'216);
    CHECK(number(setting_kind::size, "2GiB") == 2'147'483'648);
    CHECK(number(setting_kind::size, "1TiB") == 1'099'511'627'776);
    for (const char* wrong : {"KiB", "64KB", "64k", "64kib", "64 KiB", "-1", "1.5GiB", "1e3", "1MiB1KiB"}) {
        CAPTURE(wrong);
        CHECK_THAT(complaint(row_of(setting_kind::size), wrong), Catch::Contains("64KiB"));
    }
}

TEST_CASE("an integer is whole, and negative only where the range allows it") {
    auto row = row_of(setting_kind::integer);
    CHECK(number(setting_kind::integer, "42") == 42);
    CHECK(complaint(row, "-1") == "--x=-1: must be at least 0");
    row.min = -10;
    CHECK(read_value(row, "-10", "--x").number == -10);
    for (const char* wrong : {"", "-", "4 2", "0x10", "1.0", "1e3", "+1"}) {
        CAPTURE(wrong);
        row.fallback = "1";
        CHECK_FALSE(complaint(row, wrong).empty());
    }
}

TEST_CASE("a number out of range is refused with the range in the units that users write") {
    auto row = row_of(setting_kind::duration);
    row.min = 100;
    row.max = 90'000;
    CHECK(complaint(row, "99ms") == "--x=99ms: must be from 100ms to 1m30s");
    CHECK(complaint(row, "2m") == "--x=2m: must be from 100ms to 1m30s");
    CHECK(complaint(row, "100ms").empty());
    CHECK(complaint(row, "1m30s").empty());

    row.kind = setting_kind::size;
    row.min = 1024;
    row.max = std::numeric_limits<std::int64_t>::max();
    CHECK(complaint(row, "1023") == "--x=1023: must be at least 1KiB");
}

TEST_CASE("a number that no machine can hold is refused, whatever its kind") {
    for (const auto kind : {setting_kind::integer, setting_kind::duration, setting_kind::size}) {
        auto row = row_of(kind);
        const std::string unit = kind == setting_kind::duration ? "d" : "";
        CHECK_THAT(complaint(row, "99999999999999999999" + unit), Catch::Contains("larger than any machine"));
        row.max = 10;
        CHECK_THAT(complaint(row, "99999999999999999999" + unit), Catch::Contains("must be from 0"));
    }
    CHECK_FALSE(complaint(row_of(setting_kind::duration), "9223372036854775807ms").empty());
    CHECK_FALSE(complaint(row_of(setting_kind::duration), "106751991168d").empty());
    CHECK_FALSE(complaint(row_of(setting_kind::duration), "106751991167d9223372036854775806ms").empty());
    CHECK_FALSE(complaint(row_of(setting_kind::size), "9007199254740992KiB").empty());
    auto row = row_of(setting_kind::integer);
    row.min = std::numeric_limits<std::int64_t>::min();
    CHECK_FALSE(complaint(row, "-99999999999999999999").empty());
}

TEST_CASE("numbers are printed in the form in which they are parsed") {
    for (const std::int64_t n : {0, 1, 999, 1000, 1001, 90'000, 86'400'000, 93'784'005}) {
        CHECK(number(setting_kind::duration, number_text(setting_kind::duration, n)) == n);
    }
    for (const std::int64_t n : {0, 1, 1023, 1024, 1536, 1 << 20, 1 << 30}) {
        CHECK(number(setting_kind::size, number_text(setting_kind::size, n)) == n);
    }
    CHECK(number_text(setting_kind::duration, 90'000) == "1m30s");
    CHECK(number_text(setting_kind::size, 65'536) == "64KiB");
    CHECK(number_text(setting_kind::size, 1536) == "1536");
}

TEST_CASE("on and off have three spellings each") {
    for (const char* yes : {"on", "true", "yes", "1"}) CHECK(number(setting_kind::on_off, yes) == 1);
    for (const char* no : {"off", "false", "no", "0"}) CHECK(number(setting_kind::on_off, no) == 0);
    CHECK_THAT(complaint(row_of(setting_kind::on_off, "off"), "On"), Catch::Contains("must be on or off"));
}

TEST_CASE("a choice that is not offered names those that are, and the nearest") {
    auto row = row_of(setting_kind::choice, "text");
    row.choices = {"auto", "text", "json"};
    CHECK(complaint(row, "json").empty());
    CHECK(complaint(row, "jsno") == "--x=jsno: 'jsno' is not one of auto, text, json; did you mean json?");
    CHECK(complaint(row, "") == "--x=: needs a value, such as text");
}

TEST_CASE("a list of choices may be all of them, and never holds one twice") {
    auto row = row_of(setting_kind::choices, "all");
    row.choices = {"registry", "log"};
    CHECK(read_value(row, "all", "--x").list == row.choices);
    CHECK(read_value(row, "log, registry", "--x").list == std::vector<std::string>{"log", "registry"});
    CHECK(complaint(row, "log,log") == "--x=log,log: 'log' occurs twice");
    CHECK_THAT(complaint(row, "all,log"), Catch::Contains("nothing else may stand beside it"));
    CHECK_THAT(complaint(row, "log,"), Catch::Contains("an item of the list is empty"));
    CHECK_THAT(complaint(row, ",log"), Catch::Contains("an item of the list is empty"));
    CHECK_THAT(complaint(row, "regsitry"), Catch::EndsWith("or all; did you mean registry?"));
}

TEST_CASE("an address has a host, a port or both") {
    CHECK(parse_host_port("127.0.0.1:3000") == host_port{"127.0.0.1", 3000});
    CHECK(parse_host_port("[::1]:0") == host_port{"::1", 0});
    CHECK(parse_host_port("[fe80::1]") == host_port{"fe80::1", -1});
    CHECK(parse_host_port("log.example-1.org") == host_port{"log.example-1.org", -1});
    CHECK(parse_host_port(":65535") == host_port{"", 65535});
    for (const char* text : {"127.0.0.1:3000", "[::1]:0", "[fe80::1]", "localhost", ":65535"}) {
        CHECK(to_string(parse_host_port(text)) == text);
    }
}

TEST_CASE("an ambiguous or malformed address is refused") {
    CHECK_THAT(address_complaint("::1"), Catch::Contains("[::1]:3000"));
    CHECK_THAT(address_complaint("[::1"), Catch::Contains("not closed"));
    CHECK_THAT(address_complaint("[::g]:1"), Catch::Contains("IPv6"));
    CHECK_THAT(address_complaint("[]:1"), Catch::Contains("IPv6"));
    CHECK_THAT(address_complaint("[::1]1"), Catch::Contains("only a port"));
    CHECK_THAT(address_complaint("3000"), Catch::Contains("a port is written :3000"));
    CHECK_THAT(address_complaint("*:3000"), Catch::Contains("0.0.0.0"));
    CHECK_THAT(address_complaint("127.1:80"), Catch::Contains("IPv4"));
    CHECK_THAT(address_complaint("127.0.0.256"), Catch::Contains("IPv4"));
    for (const char* port : {"h:", "h:65536", "h:-1", "h:+1", "h: 1", "h:0x1", "h:99999999999999999999"}) {
        CAPTURE(port);
        CHECK_THAT(address_complaint(port), Catch::Contains("from 0 to 65535"));
    }
    for (const char* host : {"-h:1", ".h:1", "a..b:1", "a b:1", "a/b:1", "a@b:1", "\xc3\xa9:1", ""}) {
        CAPTURE(host);
        CHECK_FALSE(address_complaint(host).empty());
    }
}

TEST_CASE("urls are base addresses: a scheme, a host, maybe a path, and no slash at the end") {
    const auto row = row_of(setting_kind::urls);
    const auto list = read_value(row, "http://localhost:3000/, HTTPS://[::1]:1/a/b//,http://h", "--x").list;
    CHECK(list == std::vector<std::string>{"http://localhost:3000", "https://[::1]:1/a/b", "http://h"});

    CHECK_THAT(complaint(row, "ftp://h"), Catch::Contains("http://"));
    CHECK_THAT(complaint(row, "http://me:pw@h"), Catch::Contains("credentials"));
    CHECK_THAT(complaint(row, "http://h@"), Catch::Contains("credentials"));
    for (const char* no_host : {"http://", "http:///x", "http://:80"}) {
        CHECK_THAT(complaint(row, no_host), Catch::Contains("host is missing"));
    }
    for (const char* extra : {"http://h/?q", "http://h#f", "http://h/a b", "http://h/\\"}) {
        CHECK_THAT(complaint(row, extra), Catch::Contains("no query"));
    }
}

TEST_CASE("a URL without a scheme, HOST:PORT, is understood as http") {
    const auto row = row_of(setting_kind::urls);
    const auto list =
        read_value(row, "localhost:3000, 10.0.0.1:3000/,[::1]:3000,h.example.net:1/a/", "--x").list;
    CHECK(list == std::vector<std::string>{"http://localhost:3000", "http://10.0.0.1:3000",
                                           "http://[::1]:3000", "http://h.example.net:1/a"});

    for (const char* no_port : {"localhost", "10.0.0.1", "[::1]", "h/a", "https//h:1", "/h:1", ":3000"}) {
        CAPTURE(no_port);
        CHECK_THAT(complaint(row, no_port), Catch::Contains("is missing; write HOST:PORT"));
    }
    CHECK_THAT(complaint(row, "::1"), Catch::Contains("in brackets"));
    CHECK_THAT(complaint(row, "me:pw@h:1"), Catch::Contains("credentials"));
    CHECK_THAT(complaint(row, "http:/h:1"), Catch::Contains("port"));
    CHECK_THAT(complaint(row, "h:1?q"), Catch::Contains("no query"));
}

TEST_CASE("an empty value means not set where the default is empty, and is refused elsewhere") {
    CHECK(read_value(row_of(setting_kind::urls), "", "--x").list.empty());
    CHECK(read_value(row_of(setting_kind::address), "", "--x").text.empty());
    CHECK_THAT(complaint(row_of(setting_kind::path, "data"), ""),
               Catch::Contains("needs a value, such as data"));
}

TEST_CASE("a value with control characters is refused, and the message stays on one line") {
    const auto wrong = complaint(row_of(setting_kind::text), "a\nb\tc");
    CHECK_THAT(wrong, Catch::StartsWith("--x=a?b?c: ") && Catch::Contains("control characters"));
}

TEST_CASE("a long value is truncated in a message") {
    CHECK(complaint(row_of(setting_kind::on_off, "off"), std::string(10'000, 'x')).size() < 300);
}

TEST_CASE("a secret is never quoted") {
    auto row = row_of(setting_kind::text);
    row.secret = true;
    CHECK_THAT(complaint(row, "hunter2\n"),
               Catch::StartsWith("--x=(hidden): ") && !Catch::Contains("hunter2"));
}

TEST_CASE("suggestions tolerate typos, but only similar names are suggested") {
    const std::vector<std::string> known{"role", "listen", "heartbeat-interval", "log-level", "log-format"};
    CHECK(nearest_name("rol", known) == "role");
    CHECK(nearest_name("lisetn", known) == "listen");
    CHECK(nearest_name("log_level", known) == "log-level");
    CHECK(nearest_name("heartbeat", known) == "heartbeat-interval");
    CHECK(nearest_name("log", known).empty());  // two begin alike
    CHECK(nearest_name("zebra", known).empty());
    CHECK(nearest_name("", known).empty());
    CHECK(nearest_name(std::string(100'000, 'a'), known).empty());
}
