// The fields of a record that another format gives one by one: those that every record may have are picked
// out by their names, the others keep theirs. Pure.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "role/log/core/record.hpp"

namespace distd::logs {

class field_list {
public:
    // `json`: the value as append_normal writes it. Of a name that comes again the last value counts.
    void set(std::string_view name, std::string json);
    void set_text(std::string_view name, std::string_view text);
    // One that comes again makes it a list of texts.
    void add_text(std::string_view name, std::string_view text);

    // "level", "service" or "trace" under any of its names, and which then is no further field. Empty: none
    // of them is there, or it does not fit.
    [[nodiscard]] std::string take(known_field);
    // The text of the field of exactly that name, which then is no further field.
    [[nodiscard]] std::string take_text(std::string_view name);

    [[nodiscard]] std::size_t size() const noexcept { return fields_.size(); }
    void add_to(record_writer&) const;

private:
    using field = std::pair<std::string, std::string>;

    [[nodiscard]] std::vector<field>::iterator find(std::string_view name);

    std::vector<field> fields_;
};

// Why a record of that many bytes and fields cannot be stored; empty: it can.
[[nodiscard]] std::string judge_size(std::size_t bytes, std::size_t fields);

}  // namespace distd::logs
