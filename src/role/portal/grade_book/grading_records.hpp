// Answers of our grading service beyond the base protocol: history, statistics of a test, result of an
// import. Pure: described structs for JSON.
#pragma once

#include <boost/describe.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace distd::portal {

// A grade or a student before or after a change; fields that do not apply are empty.
struct recorded {
    std::string title;
    std::string type;
    std::optional<double> score;
    std::string first_name;
    std::string last_name;
};
BOOST_DESCRIBE_STRUCT(recorded, (), (title, type, score, first_name, last_name))

struct history_entry {
    std::int64_t id = 0;
    std::string at;
    std::string action;
    std::optional<recorded> before;
    std::optional<recorded> after;
    std::optional<std::int64_t> undoes;
};
BOOST_DESCRIBE_STRUCT(history_entry, (), (id, at, action, before, after, undoes))

struct test_figures {
    std::string title;
    std::int64_t count = 0;
    double mean = 0;
    double median = 0;
    double min = 0;
    double max = 0;
    std::vector<std::int64_t> distribution;  // the number of scores in each tenth of the range
};
BOOST_DESCRIBE_STRUCT(test_figures, (), (title, count, mean, median, min, max, distribution))

struct import_line {
    std::int64_t line = 0;
    std::string outcome;
    std::string detail;
};
BOOST_DESCRIBE_STRUCT(import_line, (), (line, outcome, detail))

struct import_report {
    std::int64_t lines = 0;
    std::int64_t added = 0;
    std::int64_t changed = 0;
    std::int64_t unchanged = 0;
    std::int64_t rejected = 0;
    std::vector<import_line> report;
    std::string token;
};
BOOST_DESCRIBE_STRUCT(import_report, (), (lines, added, changed, unchanged, rejected, report, token))

}  // namespace distd::portal
