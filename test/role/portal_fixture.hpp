// The teacher's tools at a portal in front of a grading service of ours, and a visitor there: what a browser
// without scripts sends, and what programs send.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "support/world.hpp"

namespace distd::test {

inline constexpr auto urlencoded = "application/x-www-form-urlencoded";

inline std::string between(const std::string& text, const std::string& from, const std::string& to) {
    const auto start = text.find(from);
    if (start == text.npos) return {};
    const auto begin = start + from.size();
    return text.substr(begin, text.find(to, begin) - begin);
}

inline std::string hidden(const std::string& page, const std::string& name) {
    return between(page, "name=\"" + name + "\" value=\"", "\"");
}

struct class_room {
    class_room() {
        w.start("registry", "registry");
        start_grading();
        w.start("portal", "portal", {at_registry()});
        w.until("the portal shows students", [&] { return get("/students").status == 200; });
        visit("/students/1");
    }
    [[nodiscard]] std::string at_registry() const {
        return "--registry=" + w.address("registry", "registry");
    }
    void start_grading() { w.start("grading", "grading", {at_registry()}); }
    [[nodiscard]] std::string url() const { return w.address("portal", "portal"); }

    http_answer send(const std::string& method, const std::string& path, const std::string& body,
                     const std::string& type, const std::string& headers) {
        return exchange(
            method, url() + path, body, type, [this] { w.pump(); }, headers);
    }
    http_answer get(const std::string& path) {
        return send("GET", path, {}, urlencoded, cookie.empty() ? "" : "Cookie: " + cookie + "\r\n");
    }
    // Like a browser: keeps the cookie and remembers the page's token.
    std::string visit(const std::string& path) {
        auto answer = get(path);
        take(answer);
        return answer.body;
    }
    void take(const http_answer& answer) {
        const auto set = answer.header("Set-Cookie");
        if (!set.empty()) cookie = set.substr(0, set.find(';'));
        if (const auto shown = hidden(answer.body, "Token"); !shown.empty()) token = shown;
    }
    http_answer post(const std::string& path, const std::string& fields) {
        return send("POST", path, "Token=" + token + "&" + fields, urlencoded,
                    "Cookie: " + cookie + "\r\nSec-Fetch-Site: same-origin\r\n");
    }
    http_answer upload(const std::string& path,
                       const std::vector<std::pair<std::string, std::string>>& fields) {
        const std::string boundary = "------x1";
        std::string body;
        for (const auto& [name, value] : fields)
            body += boundary + "\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value +
                    "\r\n";
        return send("POST", path, body + boundary + "--\r\n", "multipart/form-data; boundary=----x1",
                    "Cookie: " + cookie + "\r\n");
    }
    // At the grading service itself.
    http_answer elsewhere(const std::string& method, const std::string& path, const std::string& body = {}) {
        return w.http(method, w.address("grading", "grading") + path, body);
    }

    // Adds a quiz to the first student at the grading service; where at the portal it is changed.
    std::string added(const std::string& title, const std::string& score) {
        elsewhere("POST", "/students/1/grades",
                  R"({"Title":")" + title + R"(","Type":"Quiz","Score":)" + score + "}");
        const auto page = get("/students/1").body;
        const auto row = page.substr(page.find(">" + title + "</th>"));
        return between(row, "<a href=\"", "\"");
    }

    in_process_world w;
    std::string cookie;
    std::string token;
};

}  // namespace distd::test
