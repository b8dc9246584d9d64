// Collects the fields of a record that another format gives one by one: those that every record may have are
// recognised by their names, the others keep theirs. What many records share is set once; what one record
// adds is removed again after it, and a name is judged once, when it is added, not for each record that has
// it. Work and memory are linear in what is set. Pure.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "role/log/intake/record.hpp"

namespace distd::logs {

class field_list {
public:
    field_list();
    ~field_list();
    field_list(const field_list&) = delete;
    field_list& operator=(const field_list&) = delete;

    // `json`: the value as append_normal writes it. Of a name that comes again the last value counts. Names
    // beyond those that a record may have are not kept: see `judge`.
    void set(std::string_view name, std::string json);
    void set_text(std::string_view name, std::string_view text);
    // One that comes again makes it a list of texts; not of an outer layer.
    void add_text(std::string_view name, std::string_view text);

    // "level", "service" or "trace" under any of its names, and which then is no further field. Empty: none
    // of them is there, or it does not fit.
    [[nodiscard]] std::string take(known_field);
    // The text of the field of exactly that name, unless it is too long for the name of a service; it then is
    // no further field.
    [[nodiscard]] std::string take_text(std::string_view name);

    void clear();

    // Why a record of these fields and so many further bytes cannot be stored; empty: it can.
    [[nodiscard]] std::string judge(std::size_t further_bytes) const;
    void add_to(record_writer&) const;

    // While it lives, what is changed belongs to one record only. They may be nested.
    class layer {
    public:
        explicit layer(field_list&);
        ~layer();
        layer(const layer&) = delete;
        layer& operator=(const layer&) = delete;

    private:
        field_list& list_;
        const std::size_t outer_fixed_;
        const std::size_t replaced_;
        const bool is_full_;
    };

private:
    struct field {
        std::string name;
        std::string json;
        std::string key;  // `,"name":`; empty: it is reserved, and what it is called depends on the others
        field_name known;
        bool is_taken = false;
    };
    struct old_value {
        std::uint32_t index;
        bool is_taken;
        std::string json;  // empty: it is as it was
    };
    // Finds the indexes of fields by their names.
    struct by_name;

    [[nodiscard]] field* find(std::string_view name);
    [[nodiscard]] bool is_here(std::string_view name) const;
    [[nodiscard]] std::uint32_t index_of(std::string_view name) const;
    void change(field&, std::string json, bool is_taken);
    void add(std::string_view name, std::string json);
    void take_back(std::size_t fields, std::size_t replaced);

    std::vector<field> fields_;
    std::unique_ptr<by_name> index_;  // of lists that are long
    std::vector<old_value> replaced_;
    std::size_t fixed_ = 0;  // so many fields belong to outer layers
    std::size_t bytes_ = 0;
    std::size_t taken_ = 0;
    bool is_full_ = false;
};

}  // namespace distd::logs
