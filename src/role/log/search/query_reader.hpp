// Parses the parameters of a search. Regular expressions are compiled off the loop, and the memory of all
// that are in use together is bounded.
#pragma once

#include <atomic>
#include <distd/http.hpp>
#include <distd/service.hpp>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "role/known_parameters.hpp"
#include "role/log/search/query.hpp"
#include "role/log/storage/log_store.hpp"

namespace distd::logs {

class query_reader {
public:
    query_reader(service&, log_store&);

    using parameters = std::map<std::string, std::string, std::less<>>;
    template <class Query>
    struct asked {
        std::optional<Query> value;
        std::optional<http::response> refusal;
    };
    // Of a request with no other parameters than the known ones. `parse` returns {value, error}.
    template <class Read>
    [[nodiscard]] auto read(const http::request& q, std::span<const known_parameter> known,
                            Read (*parse)(const parameters&)) {
        return parsed(refuse_others(q, known), parameters_of(q), parse);
    }

private:
    [[nodiscard]] static parameters parameters_of(const http::request&);  // decoded
    template <class Read>
    [[nodiscard]] auto parsed(std::optional<http::response> refusal, parameters sent,
                              Read (*parse)(const parameters&))
        -> task<asked<typename decltype(Read::value)::value_type>> {
        asked<typename decltype(Read::value)::value_type> a;
        a.refusal = std::move(refusal);
        if (a.refusal) co_return a;
        const bool takes_long = may_have_regexes(sent);
        auto job = [sent = std::move(sent), parse]() -> result<Read> { return parse(sent); };
        result<Read> read = Read();
        if (takes_long)
            read = co_await store_.run_off_loop(std::move(job), turn::one_at_a_time);
        else
            read = job();
        if (!read)
            a.refusal = http::response::of(read.error());
        else if (!read->value)
            a.refusal = wrong_parameter(read->error);
        else if (a.refusal = make_room(read->value->filter); !a.refusal)
            a.value = std::move(read->value);
        co_return a;
    }

    [[nodiscard]] static bool may_have_regexes(const parameters&);
    // Reserves memory for its regular expressions, as long as a copy of the filter lives.
    [[nodiscard]] std::optional<http::response> make_room(log_filter&);

    log_store& store_;
    const std::shared_ptr<std::atomic<std::size_t>> regexes_;  // in use
    counter& too_many_;
};

}  // namespace distd::logs
