// Elasticsearch's bulk format: an action in one line, its document in the next. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "role/log/intake/batch.hpp"

namespace distd::logs {

// What became of each action, in order; `lines` of the batch holds the documents that are to be stored.
struct elastic_bulk : batch {
    using batch::batch;

    struct item {
        std::string_view action;  // "index", "create", ...
        std::string index;        // as a JSON string, or empty
        std::string refusal;      // empty: it is stored
    };
    std::vector<item> items;
};

[[nodiscard]] elastic_bulk read_elastic_bulk(std::string_view body, const arrival&);

// Compact, as shippers look for `"errors":false` in it. `first`: the number of the first stored document.
[[nodiscard]] std::string render_bulk_answer(const elastic_bulk&, std::uint64_t first, std::int64_t took_ms);

}  // namespace distd::logs
