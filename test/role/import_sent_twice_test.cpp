// A table that is confirmed twice, by an impatient click or because the first answer was lost.
#include <catch2/catch.hpp>
#include <utility>
#include <vector>

#include "role/grading_fixture.hpp"
#include "role/portal_site.hpp"

namespace {

using namespace distd::test;
using Catch::Contains;

const std::string table = "StudentID,Title,Type,Score\r\n1,Essay,Homework,87.5\r\n2,Essay,Homework,50\r\n";

std::string between(const std::string& text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    if (at == std::string::npos) return {};
    const auto begin = at + from.size();
    return text.substr(begin, text.find(to, begin) - begin);
}

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t n = 0;
    for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++n;
    return n;
}

http_answer import(grade_book& g, const std::string& query, const std::string& text,
                   const std::string& key = {}) {
    return g.send("POST", "/import" + query, text, key.empty() ? "" : "Idempotency-Key: " + key + "\r\n",
                  "text/csv");
}

// Like a browser: what the page offers to send, with these fields.
struct visitor {
    explicit visitor(portal_site& s) : site(s) {
        const auto page = site.get("/import");
        cookie = page.header("Set-Cookie").substr(0, page.header("Set-Cookie").find(';'));
        html = page.body;
    }
    http_answer upload(const std::string& path, const std::string& import_token) {
        std::vector<std::pair<std::string, std::string>> fields{{"Token", hidden("Token")},
                                                                {"Key", hidden("Key")},
                                                                {"ImportToken", import_token},
                                                                {"Table", table}};
        std::string body;
        for (const auto& [name, value] : fields)
            body += "--x1\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
        return site.send("POST", path, body + "--x1--\r\n", "Cookie: " + cookie + "\r\n",
                         "multipart/form-data; boundary=x1");
    }
    [[nodiscard]] std::string hidden(const std::string& name) const {
        return between(html, "name=\"" + name + "\" value=\"", "\"");
    }

    portal_site& site;
    std::string cookie;
    std::string html;
};

}  // namespace

TEST_CASE("an import repeated with its idempotency key is done once, with the first answer") {
    grade_book g;
    const auto query = "?dry_run=false&token=" + between(import(g, "", table).body, R"("Token":")", "\"");
    const auto first = import(g, query, table, "key-1");
    CHECK(first.status == 200);
    const auto book = g.get("/students").body;
    CHECK(count(book, "Essay") == 2);
    const auto again = import(g, query, table, "key-1");
    CHECK(again.status == 200);
    CHECK(again.body == first.body);
    CHECK(again.header("Idempotency-Replayed") == "true");
    g.restart();
    CHECK(import(g, query, table, "key-1").body == first.body);
    CHECK(g.get("/students").body == book);

    CHECK(import(g, query, table, "key-2").status == 412);
    CHECK(import(g, query, table + "3,Other,Quiz,1\r\n", "key-1").status == 422);
    CHECK(import(g, query, table, std::string(201, 'k')).status == 400);
    CHECK(g.get("/students").body == book);
}

TEST_CASE("an import confirmed twice is done once, and both answers say so") {
    portal_site s;
    visitor v(s);
    v.html = v.upload("/import", "").body;
    const auto import_token = v.hidden("ImportToken");
    REQUIRE(!import_token.empty());
    for (int click = 0; click < 2; ++click) {
        const auto done = v.upload("/import/confirm", import_token);
        CHECK(done.status == 303);
        CHECK(done.header("Location") == "/import/done?added=2&changed=0");
    }
    CHECK(count(s.elsewhere("GET", "/students").body, "Essay") == 2);
}

TEST_CASE("an import confirmation whose answer was lost is repeated with the same key") {
    portal_site s;
    visitor v(s);
    v.html = v.upload("/import", "").body;
    const auto import_token = v.hidden("ImportToken");
    const auto key = v.hidden("Key");
    s.w.stop("grading");
    const auto kept = v.upload("/import/confirm", import_token);
    CHECK((kept.status == 503 || kept.status == 504));
    CHECK(between(kept.body, "name=\"Key\" value=\"", "\"") == key);
}
