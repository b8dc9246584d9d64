// What a process says at its start where a person reads it. Pure.
//
//     distd 0.1.0 · registry, portal in this process · data in ./data
//
//       registry  http://127.0.0.1:3000   services, health, configuration
//       portal    http://127.0.0.1:5005   the grade book's pages, and the gateway
//
//     ● ready after 17 ms. Open http://127.0.0.1:5005/ (Ctrl-C stops it)
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/terminal_text.hpp"

namespace distd {

struct start_banner {
    struct service {
        std::string label;
        std::string url;
        std::string purpose;
    };

    std::string program;
    std::string version;  // may be empty
    std::vector<service> services;
    std::string data;  // the folder
    std::chrono::microseconds took;
    std::string open;  // where a person begins; empty: it has no pages
};

[[nodiscard]] std::string text_of(const start_banner&, const terminal&);

}  // namespace distd
