// Syslog as senders write it, and the records it becomes.
#include <catch2/catch.hpp>

#include "role/log/intake/record.hpp"
#include "role/log/intake/syslog.hpp"

using namespace distd::logs;

namespace {

constexpr std::int64_t now = 1'800'000'000'000'000'000;  // 2027-01-15T08:00:00Z

std::string stored(std::string_view message) {
    std::string out;
    const auto refused = append_syslog_record(out, message, now);
    return refused ? "refused: " + *refused : out;
}

std::string all_of(const std::string& stream, std::size_t step) {
    syslog_frames frames;
    std::string all;
    for (std::size_t i = 0; i < stream.size(); i += step) {
        frames.feed(std::string_view(stream).substr(i, step));
        while (const auto message = frames.next()) all += '|' + std::string(*message);
    }
    if (!frames.rest().empty()) all += '/' + std::string(frames.rest());
    if (const auto n = frames.take_too_long(); n > 0) all += '+' + std::to_string(n);
    return all;
}

}  // namespace

TEST_CASE("a message of RFC 5424 keeps its parts, structured data included") {
    CHECK(stored("<165>1 2003-10-11T22:14:15.003Z host app 7 ID47 "
                 "[a@1 x=\"1\" y=\"a \\\"b\\\" \\]\"][b@2] \xef\xbb\xbfthe text") ==
          R"({"time":"2003-10-11T22:14:15.003000Z","level":"info","service":"app","message":"the text",)"
          R"("host":"host","facility":"local4","severity":"notice","process":"7","message_id":"ID47",)"
          R"("a@1.x":"1","a@1.y":"a \"b\" ]","structured_data":"b@2"})"
          "\n");
    CHECK_THAT(stored("<13>1 - h a - - [o@1 ip=\"1\" ip=\"2\" ip=\"3\"][bare][b@2] t"),
               Catch::EndsWith(R"("o@1.ip":["1","2","3"],"structured_data":["bare","b@2"]})"
                               "\n"));
    CHECK_THAT(stored("<13>1 - h a - - [host=\"x\"] t"), Catch::Contains(R"(1 - h a - - [host=\"x\"] t)"));
    CHECK(stored("<8>1 - - - - - -") == R"({"time":"2027-01-15T08:00:00.000000Z","level":"fatal",)"
                                        R"("message":"","facility":"user","severity":"emerg"})"
                                        "\n");
}

TEST_CASE("an RFC 3164 message is parsed as far as possible, in the year nearest to now") {
    const std::string rest = R"("facility":"user","severity":"notice")";
    CHECK(stored("<13>Dec 31 23:59:59 vm gradingd[12]: hello: one\n") ==
          R"({"time":"2026-12-31T23:59:59.000000Z","level":"info","service":"gradingd",)"
          R"("message":"hello: one","host":"vm",)" +
              rest + ",\"process\":\"12\"}\n");
    CHECK(stored("<13>Jan  1 00:00:00 su: no host") ==
          R"({"time":"2027-01-01T00:00:00.000000Z","level":"info","service":"su","message":"no host",)" +
              rest + "}\n");
    CHECK(stored("<13>Jan  1 00:00:00.25 vm su: of a second") ==
          R"({"time":"2027-01-01T00:00:00.250000Z","level":"info","service":"su","message":"of a second",)"
          R"("host":"vm",)" +
              rest + "}\n");
    for (const auto* behind : {" ", ": ", " : "})
        CHECK_THAT(stored("<13>Nov 20 2024 10:11:12" + std::string(behind) + "%ASA-6-302013: Built"),
                   Catch::StartsWith(R"({"time":"2024-11-20T10:11:12.000000Z")") && Catch::Contains("Built"));
    CHECK(stored("<13>2027-01-01T00:00:00 vm su: no offset") ==
          R"({"time":"2027-01-01T00:00:00.000000Z","level":"info","service":"su","message":"no offset",)"
          R"("host":"vm",)" +
              rest + "}\n");
    CHECK(stored("<13>Jan  1 00:00:00 2001:db8::1 su[3]: six") ==
          R"({"time":"2027-01-01T00:00:00.000000Z","level":"info","service":"su","message":"six",)"
          R"("host":"2001:db8::1",)" +
              rest + ",\"process\":\"3\"}\n");
    CHECK(stored("<13>just text") ==
          R"({"time":"2027-01-15T08:00:00.000000Z","level":"info","message":"just text",)" + rest + "}\n");
    CHECK(stored("no priority") ==
          R"({"time":"2027-01-15T08:00:00.000000Z","level":"info","message":"no priority",)" + rest + "}\n");
    CHECK(stored("<999>1 x") ==
          R"({"time":"2027-01-15T08:00:00.000000Z","level":"info","message":"<999>1 x",)" + rest + "}\n");
}

TEST_CASE("only an empty or too long message is refused") {
    CHECK(stored("\n") == "refused: the message is empty");
    CHECK(stored(std::string(max_line + 1, 'x')) == "refused: has 262145 bytes, allowed are 262144");
    for (const auto* broken : {"<13>1 x", "<13>1 2026-01-01T00:00:00Z h a p i [", "<13>1 - h a p i [x y=\"",
                               "<13>1 - h a p i [x y=z] t", "<13>", "<>", "<13>Nov 99 10:11:11 a b"})
        CHECK_FALSE(stored(broken).starts_with("refused"));
}

TEST_CASE("a stream is split into messages, octet-counted or by line, whatever its pieces") {
    const std::string stream = "5 <13>a<13>b\n6 <13>c\n\n<13>d\r\n" + std::string("<13>e\0<13>f", 11);
    for (const std::size_t step : {1U, 2U, 3U, 7U, 1000U})
        CHECK(all_of(stream, step) == "|<13>a|<13>b|<13>c\n|<13>d\r|<13>e/<13>f");
    CHECK(all_of("123abc\nx\n", 2) == "|123abc|x");
    CHECK(all_of("0 a\n", 1) == "|0 a");
    for (const std::size_t step : {1U, 4U, 5U, 100U})
        CHECK(all_of("404 errors seen\n12 monkeys\n5 <13>a6 <13>bc", step) ==
              "|404 errors seen|12 monkeys|<13>a|<13>bc");
}

TEST_CASE("a message that is too long is skipped and counted") {
    const std::string longer(max_line + 1, 'x');
    CHECK(all_of(longer + "\n<13>a\n", 4096) == "|<13>a+1");
    CHECK(all_of(std::to_string(longer.size()) + " <" + longer.substr(1) + "<13>a\n", 4096) == "|<13>a+1");
    CHECK(all_of(std::string(max_line, 'x') + "\n", 1 << 20).size() == max_line + 1);
}

TEST_CASE(
    "structured data of any number of parameters is read once: too many are refused, many of a name are a "
    "list") {
    std::string many = "<13>1 - h A - - [x";
    for (int i = 0; i < 21'000; ++i) many += " p" + std::to_string(i) + "=\"\"";
    CHECK(stored(many + "] text") == "refused: has more than 261 fields, allowed are 256");
    std::string same = "<13>1 - h A - - [x";
    for (int i = 0; i < 40'000; ++i) same += " p=\"\"";
    CHECK_THAT(stored(same + "] text"), Catch::Contains(R"("x.p":["","",)"));
}

TEST_CASE("structured data with an overlong name is treated as text") {
    const auto line = "[" + std::string(1000, 'x') + " a=\"b\"] text";
    CHECK_THAT(stored("<13>1 - h A - - " + line), Catch::Contains("text") && !Catch::Contains(R"(.a":"b")"));
}

TEST_CASE("a line that comes byte by byte is the same line") {
    syslog_frames frames;
    std::string all;
    for (const char c : std::string("one\ntwo 2\n3 three\n5 <13>x")) {
        frames.feed({&c, 1});
        while (const auto message = frames.next()) (all += '|') += *message;
    }
    CHECK(all == "|one|two 2|3 three|<13>x");
}
