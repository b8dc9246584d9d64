// The judge of alerts: what a value means, and what is said of one that is wrong.
#include "role/registry/alerts/alert_settings.hpp"

#include <boost/asio/ip/address.hpp>
#include <catch2/catch.hpp>

using namespace distd;
using namespace distd::registry;
using Catch::Contains;

namespace {

alert_settings good(const std::string& value) {
    std::string fault;
    const auto read = read_alert(value, fault);
    INFO(value << ": " << fault);
    REQUIRE(read);
    return *read;
}

std::string fault_of(const std::string& value) {
    std::string fault;
    INFO(value);
    CHECK_FALSE(read_alert(value, fault));
    return fault;
}

std::string with(const std::string& more) { return R"({"url":"http://127.0.0.1:9/hook")" + more + "}"; }

}  // namespace

TEST_CASE("an alert that says only where is about everything, in JSON") {
    const auto a = good(with(""));
    CHECK(a.url == "http://127.0.0.1:9/hook");
    for (const auto k : {alert_kind::lost, alert_kind::back, alert_kind::missing, alert_kind::guard})
        CHECK(a.is_about(k));
    CHECK(a.names("any"));
    CHECK(a.after == seconds(30));
    CHECK(a.again == std::chrono::hours(1));
    CHECK(a.method == "POST");
    CHECK(a.is_json);
}

TEST_CASE("every member of an alert is taken") {
    const auto a = good(with(
        R"(,"on":["lost"],"services":["cart","pay*","*-eu"],"after":"0s","again":"1m30s","method":"PUT",)"
        R"("headers":{"Authorization":"Bearer x"},"body":"{{service}} {{what}}: {{reason}}")"));
    CHECK(a.is_about(alert_kind::lost));
    CHECK_FALSE(a.is_about(alert_kind::back));
    CHECK(a.names("cart"));
    CHECK(a.names("payments"));
    CHECK(a.names("shop-eu"));
    CHECK_FALSE(a.names("carts"));
    CHECK_FALSE(a.names("shop-eu2"));
    CHECK(a.after == milliseconds(0));
    CHECK(a.again == seconds(90));
    CHECK(a.method == "PUT");
    CHECK(a.headers.front().second == "Bearer x");
    CHECK_FALSE(a.is_json);
    CHECK(good(with(R"(,"body":{"content":"{{service}}"})")).is_json);
    CHECK(good(with(R"(,"body":"{{what}}","headers":{"content-type":"text/html"})")).is_json == false);
}

TEST_CASE("an alert that is wrong is refused with the member, what is wrong and what would be right") {
    CHECK_THAT(fault_of("{"), Contains("JSON") || Contains("incomplete"));
    CHECK_THAT(fault_of("[]"), Contains("expected an object"));
    CHECK_THAT(fault_of("{}"), Contains("url: expected an address") && Contains("found nothing"));
    CHECK_THAT(fault_of(with(R"(,"servises":["a"])")),
               Contains("servises: unknown field; expected one of url, on, services"));
    CHECK_THAT(fault_of(R"({"url":"ftp://a/b"})"), Contains("url: ") && Contains("http://"));
    CHECK_THAT(fault_of(R"({"url":"http://u:p@a/"})"), Contains("credentials"));
    CHECK_THAT(fault_of(R"({"url":"http://169.254.169.254/latest"})"), Contains("url: 169.254.169.254"));
    CHECK_THAT(fault_of(R"({"url":"http://0.0.0.0/"})"), Contains("url: 0.0.0.0"));
    CHECK_THAT(fault_of(with(R"(,"on":["lots"])")),
               Contains(R"(on: expected some of lost, back, missing, guard, found "lots")"));
    CHECK_THAT(fault_of(with(R"(,"on":["test"])")), Contains("on: "));
    CHECK_THAT(fault_of(with(R"(,"on":[])")), Contains("found none"));
    CHECK_THAT(fault_of(with(R"(,"services":[])")), Contains("services: expected 1 to 256 names"));
    CHECK_THAT(fault_of(with(R"(,"services":[""])")), Contains("services: "));
    CHECK_THAT(fault_of(with(R"(,"after":"30")")), Contains("after: ") && Contains("no unit"));
    CHECK_THAT(fault_of(with(R"(,"after":30)")), Contains("after: expected a string, found a number"));
    CHECK_THAT(fault_of(with(R"(,"after":"2d")")), Contains("after: expected 0s to 1d"));
    CHECK_THAT(fault_of(with(R"(,"again":"5s")")), Contains("again: expected 0s, or 1m to 30d"));
    CHECK_THAT(fault_of(with(R"(,"method":"GET")")), Contains("method: expected POST or PUT"));
    CHECK_THAT(fault_of(with(R"(,"headers":{"Host":"x"})")), Contains("headers.Host"));
    CHECK_THAT(fault_of(with(R"(,"headers":{"A":"x\r\nB: y"})")), Contains("headers.A"));
    CHECK_THAT(fault_of(with(R"(,"body":7)")), Contains("body: expected a string or an object"));
    CHECK_THAT(fault_of(with(R"(,"body":"{{name}}")")), Contains("body: ") && Contains("found {{name}}"));
    CHECK_THAT(fault_of(with(R"(,"body":"{{service")")), Contains("does not end"));
    CHECK_THAT(fault_of(with(R"(,"body":"{\"a\": {{service}}}")")), Contains("body: it is no JSON"));
    CHECK_THAT(fault_of(with(R"(,"body":"")")), Contains("body: expected 1 to"));
}

TEST_CASE("an alert may be sent with TLS") {
    CHECK(good(R"({"url":"https://hooks.example/services/x"})").url == "https://hooks.example/services/x");
    CHECK_THAT(fault_of(R"({"url":"https://u:p@hooks.example/"})"), Contains("credentials"));
    CHECK_THAT(fault_of(R"({"url":"https://169.254.169.254/"})"), Contains("url: 169.254.169.254"));
}

TEST_CASE("nothing that a fault says of a header is its value") {
    CHECK_THAT(fault_of(with(R"(,"headers":{"Authorization":"Bearer s3cret\n"})")), !Contains("s3cret"));
}

TEST_CASE("the name of an alert is one part of its key") {
    CHECK(fault_in_alert_name("ops-1.eu_b").empty());
    for (const auto* name : {"", "a/b", "a b", "ü"}) CHECK_FALSE(fault_in_alert_name(name).empty());
    CHECK_FALSE(fault_in_alert_name(std::string(65, 'a')).empty());
}

TEST_CASE("alerts are sent to hosts, and nowhere that clouds hand out credentials") {
    const auto may = [](const char* a) { return may_be_sent_alerts(boost::asio::ip::make_address(a)); };
    CHECK(may("127.0.0.1"));
    CHECK(may("10.0.0.7"));
    CHECK(may("93.184.216.34"));
    CHECK_FALSE(may("169.254.169.254"));
    CHECK_FALSE(may("::ffff:169.254.169.254"));
    CHECK_FALSE(may("0.0.0.0"));
    CHECK_FALSE(may("224.0.0.1"));
}

TEST_CASE("of the URL of an alert only the host is shown") {
    CHECK(shown_url("https://hooks.slack.com/services/T0/B0/xyz") == "https://hooks.slack.com/…");
    CHECK(shown_url("http://ntfy.local:80?token=x") == "http://ntfy.local:80/…");
    CHECK(shown_url("http://10.0.0.1:9") == "http://10.0.0.1:9");
}
