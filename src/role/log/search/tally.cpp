#include "role/log/search/tally.hpp"

#include <algorithm>
#include <span>

#include "base/parse_number.hpp"

namespace distd::logs {
namespace {

std::optional<std::int64_t> parse_span(std::string_view text) {
    if (text.empty()) return std::nullopt;
    const auto n = parse_number<std::int64_t>(text.substr(0, text.size() - 1)).value_or(0);
    if (n <= 0) return std::nullopt;
    constexpr std::pair<char, std::int64_t> units[]{{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
    for (const auto& [unit, seconds] : units) {
        constexpr std::int64_t max_s = 366 * 86400;
        if (text.back() == unit && n <= max_s / seconds) return n * seconds * 1'000'000'000;
    }
    return std::nullopt;
}

bool parse_keys(std::string_view text, tally_keys& keys) {
    for (std::size_t start = 0; start <= text.size();) {
        const auto end = std::min(text.find(',', start), text.size());
        const auto name = text.substr(start, end - start);
        if (name != "level" && name != "service") return false;
        (name == "level" ? keys.level : keys.service) = true;
        start = end + 1;
    }
    return true;
}

}  // namespace

std::int64_t tally::bucket_of(std::int64_t time_ns) const noexcept {
    if (keys_.bucket_ns == 0) return 0;
    const auto behind = time_ns % keys_.bucket_ns;
    return time_ns - behind - (behind < 0 ? keys_.bucket_ns : 0);  // also before 1970, by an offset
}

void tally::add(std::int64_t time_ns, std::string_view level, std::string_view service, std::uint64_t count) {
    add_to({bucket_of(time_ns), keys_.level ? std::string(level) : "",
            keys_.service ? std::string(service) : ""},
           count);
}

void tally::add_to(group g, std::uint64_t count) {
    total_ += count;
    if (groups_.size() >= max_groups && !groups_.contains(g)) {
        overflowed_ = true;
        return;
    }
    groups_[std::move(g)] += count;
}

void tally::add(const tally& other) {
    std::uint64_t grouped = 0;
    for (const auto& [g, count] : other.groups_) {
        add_to(g, count);
        grouped += count;
    }
    total_ += other.total_ - grouped;
    overflowed_ = overflowed_ || other.overflowed_;
}

bool tally::add_whole(const block_head& h) {
    if (h.has_verbatim || h.levels.empty() || h.services.empty()) return false;
    if (bucket_of(h.earliest_ns) != bucket_of(h.latest_ns)) return false;
    // The head counts levels and services separately: enough only when one of them is the same for all lines.
    if (keys_.level && keys_.service && h.levels.size() > 1 && h.services.size() > 1) return false;
    const bool by_service = keys_.service && (!keys_.level || h.services.size() > 1);
    for (const auto& [text, count] : by_service ? h.services : h.levels) {
        const auto& level = by_service ? h.levels.front().first : text;
        const auto& service = by_service ? text : h.services.front().first;
        add(h.earliest_ns, level, service, count);
    }
    return true;
}

void tally::add_rows(block_reader& b, const std::vector<std::uint32_t>& rows) {
    auto& levels = b.of(known_column::level);
    auto& services = b.of(known_column::service);
    const bool one_bucket = bucket_of(b.head().earliest_ns) == bucket_of(b.head().latest_ns);
    const std::size_t width = keys_.service ? services.entries().size() : 1;
    const std::size_t height = keys_.level ? levels.entries().size() : 1;
    std::map<std::int64_t, std::vector<std::uint64_t>> counts;
    std::vector<std::uint64_t>* here = nullptr;
    std::int64_t bucket = 0;
    for (const auto row : rows) {
        if (b.head().has_verbatim && b.shape(row) == verbatim_shape) {
            if (const auto line = read_stored_line(b.verbatim(row)))
                add(line->time_ns, line->level, line->service);
            continue;
        }
        const auto of_row = one_bucket ? bucket_of(b.head().earliest_ns) : bucket_of(b.times()[row]);
        if (here == nullptr || of_row != bucket) {
            bucket = of_row;
            here = &counts.try_emplace(bucket, width * height).first->second;
        }
        ++(*here)[(keys_.level ? levels.id(row) : 0) * width + (keys_.service ? services.id(row) : 0)];
    }
    for (const auto& [start, of_start] : counts)
        for (std::size_t i = 0; i < of_start.size(); ++i)
            if (of_start[i] > 0)
                add_to({start, keys_.level ? std::string(levels.entries()[i / width]) : "",
                        keys_.service ? std::string(services.entries()[i % width]) : ""},
                       of_start[i]);
}

read_stats_query parse_stats_query(const std::map<std::string, std::string, std::less<>>& sent) {
    auto parameters = sent;
    stats_query q;
    if (const auto by = parameters.extract("by"); by && !by.mapped().empty())
        if (!parse_keys(by.mapped(), q.keys))
            return {{}, "by: expected level, service or both, found '" + by.mapped() + "'"};
    if (const auto span = parameters.extract("bucket"); span && !span.mapped().empty()) {
        const auto ns = parse_span(span.mapped());
        if (!ns) return {{}, "bucket: expected a span like 30s, 5m, 1h or 1d, found '" + span.mapped() + "'"};
        q.keys.bucket_ns = *ns;
    }
    auto rest = parse_query(parameters);
    if (!rest.value) return {{}, std::move(rest.error)};
    q.filter = std::move(rest.value->filter);
    return {std::move(q), {}};
}

}  // namespace distd::logs
