// GET /log/stats and GET /log/fields: counts of what is stored, as JSON. What could not be counted in time is
// said.
#pragma once

#include <distd/http.hpp>
#include <distd/service.hpp>

#include "role/log/search/log_reader.hpp"
#include "role/log/storage/log_store.hpp"

namespace distd::logs {

class log_counts {
public:
    // `reader` gets reports of damage.
    log_counts(service& s, log_store& store, query_reader& queries, log_reader& reader)
        : service_(s), store_(store), queries_(queries), reader_(reader) {}

    [[nodiscard]] task<http::response> stats(http::request);
    [[nodiscard]] task<http::response> fields(http::request);

private:
    // Why the answer is incomplete; empty: it is complete.
    template <class Scan>
    [[nodiscard]] task<result<std::string>> run(std::shared_ptr<Scan>, seconds longest);

    service& service_;
    log_store& store_;
    query_reader& queries_;
    log_reader& reader_;
};

}  // namespace distd::logs
