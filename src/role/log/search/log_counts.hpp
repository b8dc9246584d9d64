// GET /log/stats and GET /log/fields: counts of what is stored, as JSON. What could not be counted in time is
// said.
#pragma once

#include <distd/http.hpp>
#include <distd/service.hpp>

#include "role/log/search/log_reader.hpp"
#include "role/log/storage/log_store.hpp"

namespace distd::logs {

// Why a count is incomplete, and the line behind which one would have to go on.
struct early_end {
    std::string reason;  // empty: it is complete
    std::uint64_t after = 0;
};

class log_counts {
public:
    // `reader` gets reports of damage.
    log_counts(service& s, log_store& store, query_reader& queries, log_reader& reader)
        : service_(s), store_(store), queries_(queries), reader_(reader) {}

    [[nodiscard]] task<http::response> stats(http::request);
    [[nodiscard]] task<http::response> fields(http::request);

private:
    // Empty when the answer is complete.
    template <class Scan>
    [[nodiscard]] task<result<early_end>> run(std::shared_ptr<Scan>);

    service& service_;
    log_store& store_;
    query_reader& queries_;
    log_reader& reader_;
};

}  // namespace distd::logs
