// The grading service as the pages call it: any instance of any make that speaks the base protocol, found
// through the registry's patches. What only a service of ours offers is asked for, too; another one answers
// that it does not have it. Answers come as values, or as what to tell the visitor.
#pragma once

#include <distd/service.hpp>
#include <optional>
#include <string>
#include <vector>

#include "role/portal/grade_book/class_records.hpp"
#include "role/portal/grade_book/grade_book.hpp"
#include "role/portal/grade_book/listing.hpp"
#include "role/portal/grade_book/service_watch.hpp"

namespace distd::portal {

inline constexpr std::string_view grading_service = "GradingService";

enum class trouble : std::uint8_t {
    none,
    missing,      // no instance is known
    silent,       // no instance answered, and none took the request
    unsure,       // sent, but the answer did not come: a change may or may not be stored
    broken,       // it answered something that makes no sense
    not_found,    // no such student, or no such grade
    not_offered,  // this service has no such thing
    conflict,     // changed meanwhile by somebody else
    refused,      // it did not take what was sent
};

struct field_error {
    std::string field;
    std::string detail;
};
BOOST_DESCRIBE_STRUCT(field_error, (), (field, detail))

// What a service of ours says when it refuses a change: members of a problem document.
struct refusal {
    std::string detail;
    std::vector<field_error> errors;
    std::optional<student> current;  // of a conflict: as it is now,
    std::optional<student> yours;    // and as it was in the version that the change was made for
};
BOOST_DESCRIBE_STRUCT(refusal, (), (detail, errors, current, yours))

// `T` is there exactly when the trouble is none.
template <class T>
struct answer {
    std::optional<T> value;
    trouble why = trouble::none;
    refusal said;  // its detail is a sentence of the service or about its answer, may be empty
};

struct stored {};

using version = std::optional<std::int64_t>;

class grading_client {
public:
    grading_client(service&, service_watch&);

    // `cause` is the visitor's request: its trace goes along.
    // `known`: the `as_sent` of an earlier answer, which need not be read again.
    [[nodiscard]] task<answer<listing>> list(listing_query, http::request cause, std::string known = {});
    [[nodiscard]] task<answer<student>> find(std::int64_t id, http::request cause);
    [[nodiscard]] task<answer<std::vector<history_entry>>> history(std::int64_t id, http::request cause);
    [[nodiscard]] task<answer<std::vector<test_figures>>> tests(http::request cause);
    [[nodiscard]] task<answer<std::string>> table(http::request cause);

    // Each is sent once to an instance that took the connection, never repeated. With a `key` a service of
    // ours counts it once, also when the visitor sends the form again.
    [[nodiscard]] task<answer<stored>> add(std::int64_t id, grade, std::string key, http::request cause);
    [[nodiscard]] task<answer<student>> enrol(std::string first, std::string last, std::string key,
                                              http::request cause);
    [[nodiscard]] task<answer<stored>> undo(std::int64_t entry, std::string key, http::request cause);
    // Made only to that version.
    [[nodiscard]] task<answer<stored>> change(std::int64_t id, std::int64_t grade_id, grade, version,
                                              http::request cause);
    [[nodiscard]] task<answer<stored>> remove(std::int64_t id, std::int64_t grade_id, version,
                                              http::request cause);
    [[nodiscard]] task<answer<stored>> rename(std::int64_t id, std::string first, std::string last, version,
                                              http::request cause);
    [[nodiscard]] task<answer<stored>> expel(std::int64_t id, version, http::request cause);
    // Without a token a dry run. With a key it counts once, however often it is sent.
    [[nodiscard]] task<answer<import_report>> import(std::string table, std::string token, std::string key,
                                                     http::request cause);

private:
    [[nodiscard]] task<result<http::reply>> send(http::call, const http::request& cause);
    [[nodiscard]] task<answer<stored>> change_by(http::call, version, http::request cause);
    template <class T>
    [[nodiscard]] task<answer<T>> get(std::string path, http::request cause);
    // What only a service of ours has: no such path means that it is not offered.
    template <class T>
    [[nodiscard]] task<answer<T>> get_offered(std::string path, http::request cause);
    template <class T>
    [[nodiscard]] answer<T> read(const http::reply&, const std::string& path);
    // Notes who answered, and tells what a failed call or an unwelcome status means.
    [[nodiscard]] answer<stored> judge_reply(const result<http::reply>&, const std::string& path);

    service& service_;
    service_watch& watch_;
};

}  // namespace distd::portal
