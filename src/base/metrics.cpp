#include <algorithm>
#include <bit>
#include <cmath>
#include <distd/metrics.hpp>

#include "base/append_number.hpp"
#include "base/ascii.hpp"
#include "base/assert.hpp"

namespace distd {
namespace {

enum kind : std::size_t { is_counter, is_gauge, is_histogram, is_asked };  // as in the variant of a series

bool is_name(std::string_view name) noexcept {
    const auto good = [](char c) { return ascii::is_alnum(c) || c == '_'; };
    return !name.empty() && !ascii::is_digit(name[0]) && std::ranges::all_of(name, good);
}

void append_escaped(std::string& out, std::string_view text, bool quotes_too) {
    for (const char c : text) {
        if (c == '\n') {
            out += "\\n";
            continue;
        }
        if (c == '\\' || (quotes_too && c == '"')) out += '\\';
        out += c;
    }
}

void append(std::string& out, std::uint64_t v) { append_number(out, v); }

void append(std::string& out, double v) {
    if (std::isnan(v)) {
        out += "NaN";
    } else if (std::isinf(v)) {
        out += v > 0 ? "+Inf" : "-Inf";
    } else {
        append_number(out, v);
    }
}

// Sorted, so that the order in which somebody names them makes no second series.
std::string rendered(metric_labels labels) {
    if (labels.empty()) return {};
    std::ranges::sort(labels);
    std::string out;
    for (const auto& [name, value] : labels) {
        DISTD_ASSERT(is_name(name) && name != "le");
        out += out.empty() ? '{' : ',';
        out += name;
        out += "=\"";
        append_escaped(out, value, true);
        out += '"';
    }
    return out += '}';
}

template <class Value>
void append_sample(std::string& out, std::string_view name, std::string_view suffix, std::string_view labels,
                   Value v) {
    out += name;
    out += suffix;
    out += labels;
    out += ' ';
    append(out, v);
    out += '\n';
}

// The labels with one more: the upper end of a bucket, in seconds.
std::string with_bucket(const std::string& labels, double seconds) {
    std::string out = labels.empty() ? "{" : labels.substr(0, labels.size() - 1) + ',';
    out += "le=\"";
    append(out, seconds);
    return out += "\"}";
}

void append_histogram(std::string& out, std::string_view name, const std::string& labels,
                      const duration_histogram& h) {
    std::uint64_t up_to_here = 0;
    for (std::size_t i = 0; i < duration_histogram::bucket_count; ++i) {
        const auto end_us =
            static_cast<double>(std::uint64_t{1} << (duration_histogram::first_bucket_log2_us + i));
        up_to_here += h.buckets()[i];
        append_sample(out, name, "_bucket", with_bucket(labels, end_us / 1e6), up_to_here);
    }
    append_sample(out, name, "_bucket", with_bucket(labels, HUGE_VAL), h.count());
    append_sample(out, name, "_sum", labels, static_cast<double>(h.sum_ns()) / 1e9);
    append_sample(out, name, "_count", labels, h.count());
}

std::string_view type_name(std::size_t k) noexcept {
    switch (k) {
        case is_counter: return "counter";
        case is_histogram: return "histogram";
        default: return "gauge";
    }
}

}  // namespace

void duration_histogram::observe_ns(std::uint64_t ns) noexcept {
    // Whole microseconds, rounded up: a bucket holds what is less than or equal to its end.
    const std::uint64_t us = ns / 1000 + (ns % 1000 != 0 ? 1 : 0);
    const int above_first = us == 0 ? 0 : static_cast<int>(std::bit_width(us - 1)) - first_bucket_log2_us;
    ++buckets_[std::min(static_cast<std::size_t>(std::max(above_first, 0)), bucket_count)];
    sum_ns_ += ns;
}

std::uint64_t duration_histogram::count() const noexcept {
    std::uint64_t sum = 0;
    for (const auto n : buckets_) sum += n;
    return sum;
}

metrics::series& metrics::find(const std::string& name, const std::string& help, const metric_labels& labels,
                               std::size_t kind) {
    DISTD_ASSERT(is_name(name));
    auto& f = families_[name];
    if (f.members.empty()) f.help = help;
    DISTD_ASSERT(f.members.empty() || type_name(f.members.begin()->second.index()) == type_name(kind));
    const auto [place, is_new] = f.members.try_emplace(rendered(labels));
    auto& value = place->second;
    if (!is_new) {
        DISTD_ASSERT(value.index() == kind);
        return value;
    }
    switch (kind) {
        case is_counter: value.emplace<is_counter>(); break;
        case is_gauge: value.emplace<is_gauge>(); break;
        case is_histogram: value.emplace<is_histogram>(); break;
        default: value.emplace<is_asked>();
    }
    return value;
}

counter& metrics::count(const std::string& name, const std::string& help, metric_labels labels) {
    return std::get<is_counter>(find(name, help, labels, is_counter));
}

gauge& metrics::level(const std::string& name, const std::string& help, metric_labels labels) {
    return std::get<is_gauge>(find(name, help, labels, is_gauge));
}

duration_histogram& metrics::durations(const std::string& name, const std::string& help,
                                       metric_labels labels) {
    return std::get<is_histogram>(find(name, help, labels, is_histogram));
}

void metrics::level_of(const std::string& name, const std::string& help, std::function<double()> read,
                       metric_labels labels) {
    std::get<is_asked>(find(name, help, labels, is_asked)) = std::move(read);
}

void metrics::remove(const std::string& name, const metric_labels& labels) {
    const auto f = families_.find(name);
    if (f == families_.end()) return;
    f->second.members.erase(rendered(labels));
    if (f->second.members.empty()) families_.erase(f);
}

std::string metrics::prometheus_text() const {
    std::string out;
    for (const auto& [name, f] : families_) {
        out += "# HELP " + name + ' ';
        append_escaped(out, f.help, false);
        out += "\n# TYPE " + name + ' ';
        out += type_name(f.members.begin()->second.index());
        out += '\n';
        for (const auto& [labels, value] : f.members) {
            switch (value.index()) {
                case is_counter:
                    append_sample(out, name, "", labels, std::get<is_counter>(value).value());
                    break;
                case is_gauge: append_sample(out, name, "", labels, std::get<is_gauge>(value).value()); break;
                case is_histogram: append_histogram(out, name, labels, std::get<is_histogram>(value)); break;
                default: append_sample(out, name, "", labels, std::get<is_asked>(value)()); break;
            }
        }
    }
    return out;
}

}  // namespace distd
