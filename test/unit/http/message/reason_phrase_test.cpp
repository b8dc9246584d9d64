#include <catch2/catch.hpp>
#include <distd/http.hpp>

using distd::http::reason_phrase;

TEST_CASE("a status that a service behind the gateway may answer with has its name") {
    CHECK(reason_phrase(101) == "Switching Protocols");
    CHECK(reason_phrase(200) == "OK");
    CHECK(reason_phrase(416) == "Range Not Satisfiable");
    CHECK(reason_phrase(426) == "Upgrade Required");
    CHECK(reason_phrase(508) == "Loop Detected");
    CHECK(reason_phrase(511) == "Network Authentication Required");
    CHECK(reason_phrase(499) == "Other");
    CHECK(reason_phrase(0) == "Other");
    CHECK(reason_phrase(999) == "Other");
}
