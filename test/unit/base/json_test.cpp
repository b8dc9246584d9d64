// JSON for and from people and peers: every spelling of a name is read, and what is wrong is said in words.
#include <catch2/catch.hpp>
#include <distd/json.hpp>

namespace {

struct grade {
    std::string title;
    double score = -1;
    friend bool operator==(const grade&, const grade&) = default;
};
BOOST_DESCRIBE_STRUCT(grade, (), (title, score))

struct student {
    int id = 0;
    std::string first_name = "nobody";
    bool enrolled = false;
    std::optional<std::int64_t> phone;
    std::vector<grade> grades;
    std::map<std::string, std::string> notes;
};
BOOST_DESCRIBE_STRUCT(student, (), (id, first_name, enrolled, phone, grades, notes))

template <class T = student>
std::string refusal(std::string_view text) {
    distd::json_error error;
    CHECK_FALSE(distd::from_json<T>(text, error));
    return error.text;
}

std::string quoted(std::string_view text) {
    std::string out;
    distd::append_json_string(out, text);
    return out;
}

}  // namespace

TEST_CASE("a struct is read from every spelling of its fields") {
    const auto* text =
        GENERATE(R"({"ID":7,"FirstName":"Emma","Grades":[{"Title":"Quiz 1","Score":85}]})",
                 R"({"id":7,"firstName":"Emma","grades":[{"title":"Quiz 1","score":85.0}]})",
                 R"({"Id":7.0,"first_name":"Emma","grades":[{"TITLE":"Quiz 1","S_core":85}],"x":{}})",
                 R"({"i-d":7,"first-name":"Emma","grades":[{"title":"Quiz 1","score":8.5e1}]})");
    distd::json_error error;
    const auto s = distd::from_json<student>(std::string_view(text), error);
    REQUIRE(s);
    CHECK(s->id == 7);
    CHECK(s->first_name == "Emma");
    CHECK(s->grades == std::vector<grade>{{"Quiz 1", 85}});
}

TEST_CASE("a missing or null field keeps its default") {
    distd::json_error error;
    const auto s = distd::from_json<student>(R"({"first_name":null,"grades":null})", error);
    REQUIRE(s);
    CHECK(s->first_name == "nobody");
    CHECK(s->grades.empty());
    CHECK_FALSE(s->phone);
}

TEST_CASE("the exact spelling of a field wins") {
    distd::json_error error;
    const auto v = distd::parse_json(R"({"FirstName":"other","first_name":"exact"})", error);
    REQUIRE(v);
    CHECK(*distd::find_field(v->get_object(), "first_name") == "exact");
    CHECK(distd::find_field(v->get_object(), "last_name") == nullptr);
}

TEST_CASE("a value of the wrong type is refused with its path, the expected and the found type") {
    CHECK(refusal(R"({"grades":[{"score":1},{"score":"A"}]})") ==
          "grades[1].score: expected a number, found a string");
    CHECK(refusal(R"({"first_name":5})") == "first_name: expected a string, found a number");
    CHECK(refusal(R"({"enrolled":"yes"})") == "enrolled: expected true or false, found a string");
    CHECK(refusal(R"({"grades":{}})") == "grades: expected an array, found an object");
    CHECK(refusal(R"({"notes":{"a":true}})") == "notes.a: expected a string, found true");
    CHECK(refusal("[]") == "expected an object, found an array");
    CHECK(refusal("null") == "expected an object, found null");
}

TEST_CASE("a number out of range is refused, never truncated") {
    CHECK(refusal(R"({"id":85.5})") == "id: expected a whole number, found 85.5");
    CHECK(refusal(R"({"id":3000000000})") == "id: 3000000000 is out of range");
    CHECK(refusal(R"({"phone":18446744073709551615})") == "phone: 18446744073709551615 is out of range");
    CHECK(refusal(R"({"phone":1e300})") == "phone: 1e+300 is out of range");
    CHECK(refusal<double>("1e999") == "the number is out of range");
}

TEST_CASE("invalid JSON is refused with the position of the error") {
    CHECK(refusal("") == "not JSON: the text is empty");
    CHECK(refusal(" \n") == "not JSON: the text is empty");
    CHECK(refusal("{\"a\":1,\n \"b\" 2}") == "not JSON: unexpected '2' at line 2, column 6");
    CHECK(refusal("{\"a\":1,}") == "not JSON: unexpected '}' at line 1, column 8");
    CHECK(refusal("{\"a\":[1,2") == "not JSON: the text ends too early, after line 1, column 10");
    CHECK(refusal("{} x") == "more text after the end of the JSON value, at line 1, column 4");
    CHECK(refusal("\"\x80\"") == "not JSON: unexpected byte 0x80 at line 1, column 2");
    CHECK(refusal("{\"a\":\"x\ny\"}") == "not JSON: unexpected byte 0x0a at line 1, column 8");
}

TEST_CASE("nesting is bounded") {
    distd::json_error error;
    CHECK(distd::parse_json(std::string(32, '[') + std::string(32, ']'), error));
    CHECK_FALSE(distd::parse_json(std::string(33, '[') + std::string(33, ']'), error));
    CHECK(error.text == "nested deeper than 32 at line 1, column 33");
    CHECK_FALSE(distd::parse_json(std::string(1'000'000, '['), error));
}

TEST_CASE("JSON round-trips") {
    student s;
    s.id = 3;
    s.first_name = "Zo\xc3\xab \"the\" \\ \n\t\x01 \xf0\x9f\x8e\x93";
    s.grades = {{"Final", 66.6}, {"Quiz", 0.1}};
    s.notes = {{"a b", "c"}};
    distd::json_error error;
    const auto text = distd::to_text(distd::to_json(s));
    const auto back = distd::from_json<student>(std::string_view(text), error);
    REQUIRE(back);
    CHECK(back->first_name == s.first_name);
    CHECK(back->grades == s.grades);
    CHECK(back->notes == s.notes);
}

TEST_CASE("numbers are written in plain decimal form") {
    CHECK(distd::to_text(87.0) == "87");
    CHECK(distd::to_text(87.35) == "87.35");
    CHECK(distd::to_text(1e300) == "1e+300");
    CHECK(distd::to_text(-0.0) == "-0.0");
    CHECK(distd::to_text(std::numeric_limits<double>::infinity()) == "null");
    CHECK(distd::to_text(std::uint64_t{18446744073709551615U}) == "18446744073709551615");
}

TEST_CASE("a string of any bytes becomes a valid JSON string") {
    CHECK(quoted("plain text") == R"("plain text")");
    CHECK(quoted("") == R"("")");
    CHECK(quoted("say \"hi\" \\ there\r\n") == R"("say \"hi\" \\ there\r\n")");
    CHECK(::quoted(std::string_view("\0\x1b[31m\x7f", 7)) == R"("\u0000\u001b[31m\u007f")");
    CHECK(quoted("\xc2\x9b\xe2\x80\xa8") == R"("\u009b\u2028")");
    CHECK(quoted("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80") == "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"");
    const auto* bad = GENERATE("\x80", "\xc3", "\xc0", "\xff", "\xf8");
    CHECK(quoted(bad) == "\"\xef\xbf\xbd\"");
    CHECK(quoted("\xed\xa0\x80") == "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");  // a surrogate
    CHECK(quoted("a\xe2\x82z") == "\"a\xef\xbf\xbd\xef\xbf\xbdz\"");              // cut short
}

TEST_CASE("names are the same whatever their case, underscores and hyphens") {
    CHECK(distd::same_field_name("ServiceURL", "service_url"));
    CHECK(distd::same_field_name("service-url_", "serviceURL"));
    CHECK_FALSE(distd::same_field_name("service", "services"));
    CHECK_FALSE(distd::same_field_name("", "a"));
}

TEST_CASE("a byte that has to be escaped is, wherever in a string it stands") {
    for (std::size_t size = 1; size < 40; ++size) {
        CHECK(::quoted(std::string(size, '~')) == '"' + std::string(size, '~') + '"');
        for (std::size_t at = 0; at < size; ++at) {
            std::string text(size, ' ');
            text[at] = '"';
            CHECK(::quoted(text) ==
                  '"' + std::string(at, ' ') + "\\\"" + std::string(size - at - 1, ' ') + '"');
            for (const char special : {'\\', '\x1f', '\x7f', '\xe9'}) {
                text[at] = special;
                CHECK(::quoted(text) != '"' + text + '"');
            }
        }
    }
}
