// The commands of the benchmark tool. Each measures one thing, prints lines `NAME VALUE` on standard output,
// and throws what it cannot do. None of them runs longer than the limit that it names.
#pragma once

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

namespace bench {

using arguments = std::vector<std::string>;

// The command was called in a way that it does not know.
class usage_error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

void print_free_port(const arguments&);
void measure_idle_connections(const arguments&);
void measure_start(const arguments&);
void measure_fanout(const arguments&);
void measure_watchers(const arguments&);
void measure_probes(const arguments&);
void fill_log_in_batches(const arguments&);
void ask_log(const arguments&);
void watch_log_tail(const arguments&);
void measure_syncs(const arguments&);
void serve_lines_as_floor(const arguments&);
void serve_batches_as_floor(const arguments&);
void measure_floor_of_calls(const arguments&);
void measure_floor_of_scans(const arguments&);

// A whole number in a command's arguments.
[[nodiscard]] int number(const std::string& text, int min, int max);

void print(const char* name, double value);

[[nodiscard]] inline double median(std::vector<double> values) {
    if (values.empty()) throw std::logic_error("the median of nothing");
    std::ranges::sort(values);
    const auto middle = values.size() / 2;
    return values.size() % 2 != 0 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

}  // namespace bench
