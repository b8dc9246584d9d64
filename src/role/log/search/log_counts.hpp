// GET /log/stats and GET /log/fields: counts of what is stored, as JSON. What could not be counted in time is
// said, and what could not be read.
#pragma once

#include <distd/http.hpp>
#include <distd/service.hpp>
#include <string>
#include <vector>

#include "role/log/search/log_reader.hpp"
#include "role/log/storage/log_store.hpp"
#include "store/journal/damage.hpp"

namespace distd::logs {

// Why a count is incomplete, and the line behind which one would have to go on.
struct shortfall {
    std::string reason;  // empty: it is complete
    std::uint64_t after = 0;
    std::vector<damage> damaged;  // places that could not be read: the first of them
};

class log_counts {
public:
    // `reader` gets reports of damage.
    log_counts(service& s, log_store& store, query_reader& queries, log_reader& reader)
        : service_(s), store_(store), queries_(queries), reader_(reader) {}

    [[nodiscard]] task<http::response> stats(http::request);
    [[nodiscard]] task<http::response> fields(http::request);

private:
    template <class Scan>
    [[nodiscard]] task<result<shortfall>> run(std::shared_ptr<Scan>);

    service& service_;
    log_store& store_;
    query_reader& queries_;
    log_reader& reader_;
};

}  // namespace distd::logs
