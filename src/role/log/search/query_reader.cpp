#include "role/log/search/query_reader.hpp"

#include "http/message/url.hpp"

namespace distd::logs {
namespace {
constexpr std::size_t max_regexes_in_use = 256;  // each may take regex_memory
}

query_reader::query_reader(service& s, log_store& store)
    : store_(store),
      regexes_(std::make_shared<std::atomic<std::size_t>>(0)),
      too_many_(s.metrics().count("distd_log_refused_searches_total",
                                  "Searches with regular expressions for which there was no room")) {}

query_reader::parameters query_reader::parameters_of(const http::request& q) {
    parameters all;
    for (auto rest = q.query_text(); const auto field = http::take_field(rest);) {
        const std::string name(field->name);
        all.emplace(name, q.query(name).value_or(""));
    }
    return all;
}

bool query_reader::may_have_regexes(const parameters& sent) {
    const auto q = sent.find("q");
    return q != sent.end() && q->second.find('/') != std::string::npos;
}

std::optional<http::response> query_reader::make_room(log_filter& filter) {
    const auto count = filter.regexes();
    if (count == 0) return std::nullopt;
    if (*regexes_ + count > max_regexes_in_use) {
        too_many_.add();
        return http::response::problem(
                   503, "As many searches with regular expressions go on as there is memory for.")
            .header("Retry-After", "5");
    }
    *regexes_ += count;
    const auto give_back = [in_use = regexes_, count](const void*) { *in_use -= count; };
    filter.room = std::shared_ptr<const void>(filter.text.get(), give_back);
    return std::nullopt;
}

}  // namespace distd::logs
