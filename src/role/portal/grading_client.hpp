// The grading service as the pages call it: any instance of any make that speaks the base protocol, found
// through the registry's patches. Answers come as values, or as what to tell the visitor.
#pragma once

#include <distd/service.hpp>
#include <optional>
#include <string>
#include <vector>

#include "role/portal/core/grade_book.hpp"
#include "role/portal/core/service_watch.hpp"

namespace distd::portal {

inline constexpr std::string_view grading_service = "GradingService";

enum class trouble : std::uint8_t {
    none,
    missing,    // no instance is known
    silent,     // no instance answered, and none took the request
    unsure,     // sent, but the answer did not come: a grade may or may not be stored
    broken,     // it answered something that makes no sense
    not_found,  // no such student
    refused,    // it did not take the grade
};

// `T` is there exactly when the trouble is none.
template <class T>
struct answer {
    std::optional<T> value;
    trouble why = trouble::none;
    std::string detail;  // a sentence of the service or about its answer, may be empty
};

struct stored {};

class grading_client {
public:
    grading_client(service&, service_watch&);

    // `cause` is the visitor's request: its trace goes along.
    [[nodiscard]] task<answer<std::vector<student>>> students(http::request cause);
    [[nodiscard]] task<answer<student>> find(std::int64_t id, http::request cause);
    // Sent once to an instance that took the connection, never repeated.
    [[nodiscard]] task<answer<stored>> add(std::int64_t id, grade g, http::request cause);

private:
    template <class T>
    [[nodiscard]] task<answer<T>> get(std::string path, http::request cause);
    // Notes who answered, and tells what a failed call or an unwelcome status means.
    [[nodiscard]] answer<stored> judge_reply(const result<http::reply>&, const std::string& path);

    service& service_;
    service_watch& watch_;
};

}  // namespace distd::portal
