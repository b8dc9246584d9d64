// Client of the grading service: any instance that speaks the base protocol, found through the registry's
// patches. Calls beyond the base protocol are tried, too; a third-party service answers `not_offered`.
// Results are values, or a reason to show to the visitor.
#pragma once

#include <distd/service.hpp>
#include <optional>
#include <string>
#include <vector>

#include "role/portal/grade_book/grade_book.hpp"
#include "role/portal/grade_book/grading_records.hpp"
#include "role/portal/grade_book/service_watch.hpp"
#include "role/portal/grade_book/student_list.hpp"

namespace distd::portal {

enum class trouble : std::uint8_t {
    none,
    missing,      // no instance is known
    silent,       // no instance answered, and none received the request
    unsure,       // sent, but not answered: a change may or may not be stored
    broken,       // the answer is invalid
    not_found,    // no such student, or no such grade
    not_offered,  // not supported by this service
    conflict,     // changed by somebody else meanwhile
    refused,      // the request was rejected
};

struct field_error {
    std::string field;
    std::string detail;
};
BOOST_DESCRIBE_STRUCT(field_error, (), (field, detail))

// The members of our service's problem document for a refused change.
struct refusal {
    std::string detail;
    std::vector<field_error> errors;
    std::optional<student> current;  // of a conflict: the current student,
    std::optional<student> yours;    // and the version that the change was based on
};
BOOST_DESCRIBE_STRUCT(refusal, (), (detail, errors, current, yours))

// `value` is set exactly when the trouble is none.
template <class T>
struct answer {
    std::optional<T> value;
    trouble why = trouble::none;
    refusal said;  // `detail`: a sentence from the service or about its answer; may be empty
};

struct stored {};

using version = std::optional<std::int64_t>;

class grading_client {
public:
    grading_client(service&, service_watch&);

    // `cause` is the visitor's request: its trace context is propagated.
    // `known`: the `as_sent` of an earlier answer, which need not be parsed again.
    [[nodiscard]] task<answer<student_list>> list(student_list_query, http::request cause,
                                                  std::string known = {});
    [[nodiscard]] task<answer<student>> find(std::int64_t id, http::request cause);
    [[nodiscard]] task<answer<std::vector<history_entry>>> history(std::int64_t id, http::request cause);
    [[nodiscard]] task<answer<std::vector<test_figures>>> tests(http::request cause);
    [[nodiscard]] task<answer<std::string>> table(http::request cause);

    // Each is sent once to an instance that accepted the connection, and not retried. With a `key` our
    // service stores it once, also when the visitor sends the form again.
    [[nodiscard]] task<answer<stored>> add(std::int64_t id, grade, std::string key, http::request cause);
    [[nodiscard]] task<answer<student>> enrol(std::string first, std::string last, std::string key,
                                              http::request cause);
    [[nodiscard]] task<answer<stored>> undo(std::int64_t entry, std::string key, http::request cause);
    // Applied only to that version (If-Match).
    [[nodiscard]] task<answer<stored>> change(std::int64_t id, std::int64_t grade_id, grade, version,
                                              http::request cause);
    [[nodiscard]] task<answer<stored>> remove(std::int64_t id, std::int64_t grade_id, version,
                                              http::request cause);
    [[nodiscard]] task<answer<stored>> rename(std::int64_t id, std::string first, std::string last, version,
                                              http::request cause);
    [[nodiscard]] task<answer<stored>> remove_student(std::int64_t id, version, http::request cause);
    // Without a token: a dry run. With a key it is imported once, however often it is sent.
    [[nodiscard]] task<answer<import_report>> import(std::string table, std::string token, std::string key,
                                                     http::request cause);

private:
    [[nodiscard]] task<result<http::reply>> send(http::call, const http::request& cause);
    [[nodiscard]] task<answer<stored>> change_by(http::call, version, http::request cause);
    template <class T>
    [[nodiscard]] task<answer<T>> get(std::string path, http::request cause);
    // For paths beyond the base protocol: 404 means not_offered.
    template <class T>
    [[nodiscard]] task<answer<T>> get_offered(std::string path, http::request cause);
    template <class T>
    [[nodiscard]] answer<T> read(const http::reply&, const std::string& path);
    // Records which instance answered, and classifies a failed call or an unexpected status.
    [[nodiscard]] answer<stored> classify_reply(const result<http::reply>&, const std::string& path);

    service& service_;
    service_watch& watch_;
};

}  // namespace distd::portal
