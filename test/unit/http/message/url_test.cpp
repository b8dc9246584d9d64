#include <catch2/catch.hpp>

#include "http/message/url.hpp"

using namespace distd::http;

namespace {

std::string why_not(std::string_view text) {
    std::string error;
    return split_url(text, error) ? "" : error;
}

url split(std::string_view text) {
    std::string error;
    auto found = split_url(text, error);
    INFO(error);
    REQUIRE(found);
    return *found;
}

}  // namespace

TEST_CASE("an absolute URL splits into host, port and target") {
    struct row {
        std::string_view text, host;
        int port;
        std::string_view target, authority;
    };
    const auto& r = GENERATE(values<row>({
        {"http://localhost:3000/services", "localhost", 3000, "/services", "localhost:3000"},
        {"http://localhost", "localhost", 80, "/", "localhost"},
        {"http://localhost?a=1", "localhost", 80, "/?a=1", "localhost"},
        {"HTTP://Example.COM:80/A%2fb?c=%20&d", "example.com", 80, "/A%2fb?c=%20&d", "example.com"},
        {"http://[::1]:6000/x", "::1", 6000, "/x", "[::1]:6000"},
        {"http://[FE80::1]", "fe80::1", 80, "/", "[fe80::1]"},
        {"http://10.0.0.7:65535/", "10.0.0.7", 65535, "/", "10.0.0.7:65535"},
        {"http://log_service-1.example./", "log_service-1.example.", 80, "/", "log_service-1.example."},
        {"http://a/b://c?d://e", "a", 80, "/b://c?d://e", "a"},
    }));
    const auto u = split(r.text);
    CHECK(u.host == r.host);
    CHECK(u.port == r.port);
    CHECK(u.target == r.target);
    CHECK(u.authority() == r.authority);
    CHECK(split(u.text()) == u);
}

TEST_CASE("a URL that cannot be called is refused with the reason") {
    using Catch::Contains;
    CHECK_THAT(why_not("localhost:3000"), Contains("starts with http://"));
    CHECK_THAT(why_not(""), Contains("starts with http://"));
    CHECK_THAT(why_not("ftp://localhost"), Contains("only http:// and https://"));
    CHECK_THAT(why_not("http://user:secret@localhost"), Contains("credentials"));
    for (const auto* text : {"http://", "http:///x", "http://:80/", "http://[::1", "http://[]/",
                             "http://[::1%25lo]/", "http://a b/", "http://a..b/", "http://.a/",
                             "http://a%62/", "http://\xc3\xa4/", "http://[1.2.3.4]/", "http://a\\b/"}) {
        CHECK_THAT(why_not(text), Contains("no host"));
    }
    CHECK_THAT(why_not(std::string("http://[::1\0.evil]/", 19)), Contains("no host"));
    for (const auto* text : {"http://127.1/", "http://0x7f000001/", "http://0X7F.1/", "http://2130706433/",
                             "http://1.2.3.256/", "http://1.2.3.4.5/", "http://127.0.0.1./"}) {
        CHECK_THAT(why_not(text), Contains("no host"));
    }
    for (const auto* text : {"http://a:/", "http://a:0/", "http://a:65536/", "http://a:+80/",
                             "http://a:000080/", "http://a:8x/", "http://[::1]x/", "http://a:80:80/"}) {
        CHECK_THAT(why_not(text), Contains("port"));
    }
    for (const auto* text :
         {"http://a/b c", "http://a/#top", "http://a#top", "http://a/%", "http://a/%4", "http://a/%zz",
          "http://a/b\\c", "http://a/\r\nHost: b", "http://a/\xc3\xa4", "http://a/?\x7f"}) {
        CHECK_THAT(why_not(text), Contains("must be escaped"));
    }
    CHECK_THAT(why_not("http://a/" + std::string(8 * 1024, 'x')), Contains("8 KiB"));
    CHECK(why_not("ftp://a/\r\n" + std::string(500, 'x')).size() < 200);
}

TEST_CASE("a peer's address may lack its scheme") {
    std::string error;
    const auto bare = split_peer_url("localhost:8000", error);
    REQUIRE(bare);
    CHECK(bare->text() == "http://localhost:8000/");
    CHECK(split_peer_url("localhost:8000/books?from=http://x", error)->target == "/books?from=http://x");
    CHECK(split_peer_url("http://localhost:8000/books", error)->target == "/books");
    CHECK(split_peer_url("https://localhost:8000/books", error)->is_secure);
    CHECK_FALSE(split_peer_url("localhost:8000", error)->is_secure);
    CHECK_FALSE(split_peer_url(":8000", error));
    CHECK_FALSE(split_peer_url("/books", error));
}

TEST_CASE("escapes are decoded, and broken ones are noticed") {
    CHECK(percent_decode("a%20b+c%2F%c3%A4") == "a b+c/\xc3\xa4");
    CHECK(form_decode("a%20b+c") == "a b c");
    CHECK(percent_decode("") == "");
    for (const auto* text : {"%", "a%4", "%zz", "%4g", "%%20"}) CHECK_FALSE(percent_decode(text));
}

TEST_CASE("encoding a value makes it safe for any place in a URL and is undone by decoding") {
    std::string all;
    for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
    CHECK(percent_decode(percent_encode(all)) == all);
    CHECK(form_decode(percent_encode(all)) == all);
    CHECK(percent_encode("Quiz 1/2") == "Quiz%201%2F2");
}

TEST_CASE("a form's field is found by its decoded name, the first one first") {
    CHECK(form_value("Title=Quiz+1&Type=Quiz&Score=85", "Title") == "Quiz 1");
    CHECK(form_value("a=1&a=2", "a") == "1");
    CHECK(form_value("%61=x", "a") == "x");
    CHECK(form_value("a", "a") == "");
    CHECK(form_value("a=", "a") == "");
    CHECK(form_value("&&a=b=c&", "a") == "b=c");
    CHECK(form_value("a=%z&a=2", "a") == "2");
    CHECK_FALSE(form_value("ab=1", "a"));
    CHECK_FALSE(form_value("", "a"));
}

TEST_CASE("all fields of one name are found, in their order") {
    using list = std::vector<std::string>;
    CHECK(form_values("tag=a&x=1&tag=b%20c&tag=", "tag") == list{"a", "b c", ""});
    CHECK(form_values("tag=%zz&tag=a", "tag") == list{"a"});
    CHECK(form_values("", "tag").empty());
}

TEST_CASE("fields are taken one by one as they stand there, empty ones passed over") {
    std::string_view text = "&a=1%20&&b==2&c&=&";
    std::vector<std::pair<std::string, std::string>> fields;
    while (const auto f = take_field(text)) fields.emplace_back(f->name, f->value);
    CHECK(fields == decltype(fields){{"a", "1%20"}, {"b", "=2"}, {"c", ""}, {"", ""}});
    CHECK(text.empty());
}

TEST_CASE("an address with https:// has port 443 unless it names another, and stays what it is") {
    std::string error;
    const auto bare = split_url("HTTPS://Shop.example/a?b", error);
    REQUIRE(bare);
    CHECK(bare->is_secure);
    CHECK(bare->port == 443);
    CHECK(bare->authority() == "shop.example");
    CHECK(bare->text() == "https://shop.example/a?b");
    CHECK(split_url("https://shop.example:80/", error)->authority() == "shop.example:80");
    CHECK(split_url("http://shop.example:443/", error)->authority() == "shop.example:443");
    CHECK(split_url("https://[::1]:8443/x", error)->text() == "https://[::1]:8443/x");
    CHECK(split_url("https://a/", error) != split_url("http://a:443/", error));
}
