// What stands behind a verb and a path: a handler, its options, its counters.
#pragma once

#include <array>
#include <cstddef>
#include <distd/http.hpp>
#include <distd/metrics.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace distd::http {

struct route {
    verb method = verb::get;
    std::string pattern = {};
    handler handle = nullptr;
    route_options options = {};
    bool bounds_itself = false;  // its handler shares out its coroutines among clients; else the server does

    // Filled by the router.
    std::vector<std::string> param_names = {};
    std::array<counter*, 6> answered = {};  // by status class, [0] unused
    duration_histogram* duration = nullptr;
    std::size_t max_body = 0;  // as `options` say
};

// What people are shown where programs get a problem document.
using refusal_page = std::function<response(const exchange&, int status, const std::string& sentence)>;

struct path_params {
    static constexpr std::size_t max = 8;
    std::array<std::string_view, max> values;  // as sent, escapes and all
    std::size_t count = 0;
};

}  // namespace distd::http
