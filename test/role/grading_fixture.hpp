// A grade book in a world of its own, and requests to it with headers.
#pragma once

#include <string>

#include "support/world.hpp"

namespace distd::test {

struct grade_book {
    explicit grade_book(std::vector<std::string> flags = {}) {
        w.start("grades", "grading", std::move(flags));
    }

    http_answer get(const std::string& path) { return w.http("GET", url() + path); }
    // `headers`: whole lines, each with its CRLF.
    http_answer send(const std::string& method, const std::string& path, const std::string& body = {},
                     const std::string& headers = {}, const std::string& type = "application/json") {
        return exchange(
            method, url() + path, body, type, [this] { w.pump(); }, headers);
    }
    http_answer add(const std::string& id, const std::string& grade) {
        return w.http("POST", url() + "/students/" + id + "/grades", grade);
    }
    void restart() {
        w.stop("grades");
        w.start("grades", "grading");
    }
    [[nodiscard]] std::string url() const { return w.address("grades", "grading"); }

    in_process_world w;
};

}  // namespace distd::test
