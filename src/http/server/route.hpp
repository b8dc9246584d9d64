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

class passage;

// Passes a request on and its answer back. Errors it answers like any handler.
using passage_maker = std::function<std::shared_ptr<passage>(exchange&)>;

struct route {
    verb method = verb::get;
    std::string pattern;
    quick_handler quick;  // one of the two
    handler slow;
    route_options options;
    std::vector<std::string> param_names;

    std::array<counter*, 6> answered{};  // by status class, [0] unused
    duration_histogram* duration = nullptr;
    passage_maker relays = nullptr;  // instead of the two above
    std::size_t max_body = 0;        // as `options` say
};

// What people are shown where programs get a problem document.
using refusal_page = std::function<response(const exchange&, int status, const std::string& sentence)>;

struct path_params {
    static constexpr std::size_t max = 8;
    std::array<std::string_view, max> values;  // as sent, escapes and all
    std::size_t count = 0;
};

}  // namespace distd::http
