// Log lines like those of a busy system, the same ones in each run: 50 services of unequal chattiness, 20
// hosts, four levels, messages of a few kinds with numbers, addresses and ids in them, traces that several
// neighbouring lines share, eight hours of one day.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace bench {

class log_data {
public:
    explicit log_data(std::uint64_t lines);

    void append_line(std::string& out);  // JSON, with its line end

    [[nodiscard]] const std::string& some_trace() const noexcept { return some_trace_; }  // of a past line

    static constexpr const char* rare_word = "xylophone";  // in seven lines
    static constexpr const char* phrase = "deadlock detected";

private:
    [[nodiscard]] std::uint64_t random();
    [[nodiscard]] std::uint64_t below(std::uint64_t n) { return (random() >> 11) % n; }
    [[nodiscard]] std::string hex(std::size_t digits);
    [[nodiscard]] const std::string& trace();
    void append_message(std::string& out);

    struct open_trace {
        std::string id;
        int lines_left = 0;
    };

    const std::uint64_t lines_;
    const std::uint64_t step_ns_;
    std::uint64_t made_ = 0;
    std::uint64_t state_ = 88172645463325252U;
    std::vector<std::string> services_;
    std::vector<std::uint64_t> weights_;  // summed up
    std::vector<open_trace> traces_;
    std::string some_trace_;
};

}  // namespace bench
