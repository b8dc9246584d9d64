// A portal in front of a grading service of ours, and requests to it.
#pragma once

#include <string>

#include "support/world.hpp"

namespace distd::test {

struct portal_site {
    portal_site() {
        w.start("registry", "registry");
        const auto at_registry = "--registry=" + w.address("registry", "registry");
        w.start("grading", "grading", {at_registry});
        w.start("portal", "portal", {at_registry});
        w.until("the portal shows students", [&] { return get("/students").status == 200; });
    }
    // `headers`: whole lines, each with its CRLF.
    http_answer send(const std::string& method, const std::string& path, const std::string& body = {},
                     const std::string& headers = {},
                     const std::string& type = "application/x-www-form-urlencoded") {
        return exchange(
            method, w.address("portal", "portal") + path, body, type, [this] { w.pump(); }, headers);
    }
    http_answer get(const std::string& path, const std::string& headers = {}) {
        return send("GET", path, {}, headers);
    }
    // At the grading service itself.
    http_answer elsewhere(const std::string& method, const std::string& path, const std::string& body = {}) {
        return w.http(method, w.address("grading", "grading") + path, body);
    }

    in_process_world w;
};

}  // namespace distd::test
