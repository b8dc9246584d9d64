// A console in front of a registry, and an operator who looks at it: what a browser sends.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "http/message/url.hpp"
#include "support/foreign_service.hpp"
#include "support/world.hpp"

namespace distd::test {

struct console_fixture {
    explicit console_fixture(std::vector<std::string> flags = {}) {
        w.start("registry", "registry", flags);
        flags.push_back("--registry=" + registry());
        w.start("console", "console", std::move(flags));
    }
    [[nodiscard]] std::string registry() const { return w.address("registry", "registry"); }
    [[nodiscard]] std::string url() const { return w.address("console", "console"); }
    [[nodiscard]] std::string host() const { return url().substr(7); }

    http_answer send(const std::string& method, const std::string& path, const std::string& body = {},
                     const std::string& headers = {}) {
        return exchange(
            method, url() + path, body, "application/x-www-form-urlencoded", [this] { w.pump(); }, headers);
    }
    http_answer get(const std::string& path, const std::string& headers = {}) {
        return send("GET", path, {}, "Accept: text/html\r\n" + headers);
    }
    // As a browser sends a form of a page of this site.
    http_answer post(const std::string& path, const std::string& fields) {
        return send("POST", path, "form=" + form_token() + "&" + fields, "Sec-Fetch-Site: same-origin\r\n");
    }
    std::string form_token() {
        const auto page = get("/services/cart").body;
        const std::string before = "name=\"form\" value=\"";
        const auto at = page.find(before);
        return at == page.npos ? std::string() : page.substr(at + before.size(), 32);
    }
    // An instance that nobody probes: it needs no process.
    void add_instance(const std::string& name, const std::string& address, const std::string& more = {}) {
        w.http("POST", registry() + "/services",
               R"({"ServiceName":")" + name + R"(","ServiceURL":")" + address + "\"" + more + "}");
    }

    in_process_world w;
};

}  // namespace distd::test
