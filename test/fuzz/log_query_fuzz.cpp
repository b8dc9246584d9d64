// Any bytes as q: they are understood or refused with a place, and what is understood answers alike when it
// is asked twice; a line that answers has what every answer must have. What is understood has no larger
// program than is allowed.
#include <cstdint>
#include <string>
#include <string_view>

#include "require.hpp"
#include "role/log/search/expression.hpp"

#include <re2/re2.h>

using distd::test::require;

namespace {

// As RE2 counts it.
void add_up(const distd::logs::expression& e, std::size_t& regexes, std::size_t& program) {
    if (e.test.regex) {
        ++regexes;
        program += static_cast<std::size_t>(e.test.regex->ProgramSize());
    }
    for (const auto& part : e.parts) add_up(part, regexes, program);
}

constexpr std::string_view line =
    R"({"seq":1,"time":"2026-01-02T03:04:05.000000Z","level":"warn","service":"a b","trace":"t",)"
    R"("message":"one two \"x\" \u0007 a1","n":5,"o":{"p":"q"},"l":[1,"z"]})";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    const auto stored = distd::logs::read_stored_line(line);
    const distd::logs::search_budget budget(distd::real_time());
    distd::logs::work_meter meter(budget);
    for (const bool ignores_case : {false, true}) {
        const auto parsed = distd::logs::parse_expression(text, ignores_case);
        if (!parsed.error.empty()) {
            require(parsed.error.starts_with("at character "));
            continue;
        }
        std::size_t regexes = 0;
        std::size_t program = 0;
        add_up(parsed.value, regexes, program);
        require(regexes <= distd::logs::max_regexes && program <= distd::logs::max_program);
        require(parsed.value.regexes() == regexes && parsed.value.cost() <= size + program + 1);
        meter.begin_line();
        if (!parsed.value.matches(*stored, meter)) continue;
        const auto needed = parsed.value.needed_text();
        require(distd::logs::contains(stored->message, needed, distd::logs::escaped(needed)));
        std::string lower(line);
        for (auto& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
        for (const auto& word : parsed.value.needed_words()) require(lower.find(word) != std::string::npos);
    }
    return 0;
}
