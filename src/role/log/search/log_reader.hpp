// GET /log, /log/context and /log/tail: what is stored, as JSON lines; what is arriving, as
// server-sent events whose ids are the lines' numbers, so that a reader that reconnects goes on without a
// gap.
#pragma once

#include <distd/http.hpp>
#include <distd/metrics.hpp>
#include <distd/service.hpp>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "http/server/source_shares.hpp"
#include "role/log/search/query.hpp"
#include "role/log/search/query_reader.hpp"
#include "role/log/search/search.hpp"
#include "role/log/search/tail_steps.hpp"
#include "role/log/storage/log_store.hpp"

namespace distd::logs {

inline constexpr seconds max_search{30};

class log_reader {
public:
    log_reader(service&, log_store&, query_reader&);

    [[nodiscard]] task<http::response> find(http::request);
    [[nodiscard]] task<http::response> context(http::request);
    [[nodiscard]] task<http::response> tail(http::request);
    // Reports the damaged places that a step met; storage_failed: it could not read at all.
    [[nodiscard]] result<> judge(const scan_progress&);
    void report(const damage&);  // once per place

private:
    [[nodiscard]] std::shared_ptr<search> begin(log_query);  // with the time that a question may take
    [[nodiscard]] std::shared_ptr<search> begin(log_query, search_budget);
    // The next lines, or why there are none.
    [[nodiscard]] task<result<found_lines>> next(std::shared_ptr<search>);
    [[nodiscard]] task<result<found_lines>> next_of_tail(std::shared_ptr<search>);
    [[nodiscard]] result<found_lines> judged(result<found_lines>);
    // As they came: these are megabytes, which the loop copies once, into the answer.
    struct found_pieces {
        std::vector<found_lines> pieces;
        std::size_t bytes = 0;
        bool is_end = false;
        std::string ended_by;
    };
    // All of a small answer; of a larger one what may be held.
    [[nodiscard]] task<result<found_pieces>> find_all(log_query);
    [[nodiscard]] static std::string joined(found_pieces before, const found_pieces& middle,
                                            found_pieces after);
    [[nodiscard]] task<> send_rest(http::body_writer, std::shared_ptr<search>,
                                   std::shared_ptr<std::string> first, std::uint64_t last_seen, bool as_text);
    [[nodiscard]] task<> send_new(http::body_writer, std::shared_ptr<search>);

    service& service_;
    log_store& store_;
    query_reader& queries_;
    tail_steps tail_steps_;
    tail_steps costly_tail_steps_;  // the others do not wait for these
    http::source_shares contexts_;  // at work: each holds megabytes while it waits for its turn to read
    gauge& tails_;
    counter& damaged_places_;
    std::set<std::pair<std::string, std::uint64_t>> reported_;  // file and offset
};

}  // namespace distd::logs
