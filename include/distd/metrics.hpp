// Counters, gauges and histograms in Prometheus' text format. Not synchronised: used on the event loop
// only.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace distd {

class counter {
public:
    void add(std::uint64_t n = 1) noexcept { value_ += n; }
    [[nodiscard]] std::uint64_t value() const noexcept { return value_; }

private:
    std::uint64_t value_ = 0;
};

class gauge {
public:
    void set(double v) noexcept { value_ = v; }
    void add(double v) noexcept { value_ += v; }
    [[nodiscard]] double value() const noexcept { return value_; }

private:
    double value_ = 0;
};

// Durations, in power-of-two buckets from 16 microseconds to 67 seconds.
class duration_histogram {
public:
    static constexpr int first_bucket_log2_us = 4;
    static constexpr std::size_t bucket_count = 23;

    void observe_ns(std::uint64_t ns) noexcept;
    [[nodiscard]] const std::array<std::uint64_t, bucket_count + 1>& buckets() const noexcept {
        return buckets_;
    }
    [[nodiscard]] std::uint64_t sum_ns() const noexcept { return sum_ns_; }
    [[nodiscard]] std::uint64_t count() const noexcept;

private:
    std::array<std::uint64_t, bucket_count + 1> buckets_{};  // the last one is +Inf
    std::uint64_t sum_ns_ = 0;
};

using metric_labels = std::vector<std::pair<std::string, std::string>>;

class metrics {
public:
    // The same name and labels return the same object; references stay valid until `remove`.
    // Names follow Prometheus: `distd_http_requests_total`, seconds and bytes as base units.
    [[nodiscard]] counter& count(const std::string& name, const std::string& help, metric_labels labels = {});
    [[nodiscard]] gauge& level(const std::string& name, const std::string& help, metric_labels labels = {});
    [[nodiscard]] duration_histogram& durations(const std::string& name, const std::string& help,
                                                metric_labels labels = {});
    // A gauge whose value is computed at each scrape.
    void level_of(const std::string& name, const std::string& help, std::function<double()> read,
                  metric_labels labels = {});
    // Deletes a series whose subject is gone. No reference to it may be in use. Without effect when there is
    // no such series.
    void remove(const std::string& name, const metric_labels& labels);

    [[nodiscard]] std::string prometheus_text() const;

private:
    using series = std::variant<counter, gauge, duration_histogram, std::function<double()>>;
    struct family {
        std::string help;
        std::map<std::string, series> members;  // key: the labels as text, {a="b"}
    };
    series& find(const std::string& name, const std::string& help, const metric_labels&, std::size_t kind);

    std::map<std::string, family> families_;
};

}  // namespace distd
