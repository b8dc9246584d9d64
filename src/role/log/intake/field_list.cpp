#include "role/log/intake/field_list.hpp"

#include <algorithm>
#include <distd/json.hpp>
#include <limits>
#include <utility>

#include "base/assert.hpp"

namespace distd::logs {
namespace {

constexpr std::uint32_t nowhere = std::numeric_limits<std::uint32_t>::max();

// Shorter lists are looked through.
constexpr std::size_t indexed_from = 16;

// A few more are kept than a record may have: "level", "service" and "trace" do not count.
constexpr std::size_t max_kept = max_fields + known_fields_count;

std::size_t max_text_length(known_field f) noexcept {
    return f == known_field::level ? max_level : f == known_field::trace ? max_trace : max_service;
}

// As it stands in a line, but for escapes in its name.
std::size_t bytes_of(std::string_view name, std::string_view json) noexcept {
    constexpr std::size_t marks = 4;  // ,"":
    return name.size() + json.size() + marks;
}

std::string as_json(std::string_view text) {
    std::string json;
    append_json_string(json, text);
    return json;
}

std::string key_of(std::string_view name) {
    std::string key(",");
    append_json_string(key, name);
    return key += ':';
}

}  // namespace

struct field_list::by_name {
    struct hash {
        using is_transparent = void;
        const std::vector<field>& fields;
        std::size_t operator()(std::string_view name) const { return std::hash<std::string_view>()(name); }
        std::size_t operator()(std::uint32_t i) const { return (*this)(fields[i].name); }
    };
    struct equal {
        using is_transparent = void;
        const std::vector<field>& fields;
        bool operator()(std::uint32_t a, std::uint32_t b) const { return a == b; }
        bool operator()(std::string_view a, std::uint32_t b) const { return a == fields[b].name; }
        bool operator()(std::uint32_t a, std::string_view b) const { return b == fields[a].name; }
    };
    explicit by_name(const std::vector<field>& fields) : indexes(2 * max_kept, hash{fields}, equal{fields}) {}

    std::unordered_set<std::uint32_t, hash, equal> indexes;
};

field_list::field_list() = default;
field_list::~field_list() = default;

std::uint32_t field_list::index_of(std::string_view name) const {
    if (index_) {
        const auto found = index_->indexes.find(name);
        return found == index_->indexes.end() ? nowhere : *found;
    }
    const auto found = std::ranges::find(fields_, name, &field::name);
    return found == fields_.end() ? nowhere : static_cast<std::uint32_t>(found - fields_.begin());
}

field_list::field* field_list::find(std::string_view name) {
    const auto i = index_of(name);
    return i == nowhere ? nullptr : &fields_[i];
}

bool field_list::is_here(std::string_view name) const {
    const auto i = index_of(name);
    return i != nowhere && !fields_[i].is_taken;
}

// An empty `json` leaves its value as it is. Values of outer layers are put aside, never copied: many records
// may change them.
void field_list::change(field& f, std::string json, bool is_taken) {
    taken_ += is_taken ? 1 : 0;
    taken_ -= f.is_taken ? 1 : 0;
    const auto i = static_cast<std::size_t>(&f - fields_.data());
    const bool is_fixed = i < fixed_;
    if (is_fixed) replaced_.push_back({static_cast<std::uint32_t>(i), f.is_taken, {}});
    f.is_taken = is_taken;
    if (json.empty()) return;
    bytes_ += json.size();
    bytes_ -= f.json.size();
    std::swap(f.json, json);
    if (is_fixed) replaced_.back().json = std::move(json);
}

void field_list::add(std::string_view name, std::string json) {
    if (fields_.size() >= max_kept) {
        is_full_ = true;
        return;
    }
    bytes_ += bytes_of(name, json);
    fields_.push_back({std::string(name), std::move(json), is_reserved(name) ? std::string() : key_of(name),
                       field_of(name), false});
    const auto i = static_cast<std::uint32_t>(fields_.size() - 1);
    if (index_) {
        index_->indexes.insert(i);
    } else if (fields_.size() > indexed_from) {
        index_ = std::make_unique<by_name>(fields_);
        for (std::uint32_t k = 0; k <= i; ++k) index_->indexes.insert(k);
    }
}

void field_list::set(std::string_view name, std::string json) {
    if (auto* const old = find(name))
        change(*old, std::move(json), false);
    else
        add(name, std::move(json));
}

void field_list::set_text(std::string_view name, std::string_view text) { set(name, as_json(text)); }

void field_list::add_text(std::string_view name, std::string_view text) {
    auto* const old = find(name);
    if (old == nullptr || old->is_taken) return set(name, as_json(text));
    const auto before = old->json.size();
    DISTD_ASSERT(static_cast<std::size_t>(old - fields_.data()) >= fixed_);
    if (old->json.starts_with('['))
        old->json.pop_back();
    else
        old->json.insert(0, 1, '[');
    old->json += ',';
    append_json_string(old->json, text);
    old->json += ']';
    bytes_ += old->json.size() - before;
}

std::string field_list::take(known_field wanted) {
    const field* best = nullptr;
    int best_rank = 0;
    for (const auto& f : fields_) {
        const bool fits = !f.is_taken && f.known.field == wanted && f.json.starts_with('"') &&
                          f.json.size() - 2 <= max_text_length(wanted);
        if (!fits || (best != nullptr && best_rank <= f.known.rank)) continue;
        best = &f;
        best_rank = f.known.rank;
    }
    return best == nullptr ? std::string() : take_text(best->name);
}

std::string field_list::take_text(std::string_view name) {
    auto* const found = find(name);
    const bool is_text = found != nullptr && !found->is_taken && found->json.starts_with('"') &&
                         found->json.size() - 2 <= max_service;
    if (!is_text) return {};
    std::string text;
    append_decoded(text, std::string_view(found->json).substr(1, found->json.size() - 2));
    change(*found, {}, true);
    return text;
}

void field_list::clear() {
    take_back(0, 0);
    is_full_ = false;
}

std::string field_list::judge(std::size_t further_bytes) const {
    if (bytes_ + further_bytes > max_line)
        return "has " + std::to_string(bytes_ + further_bytes) + " bytes with all its fields, allowed are " +
               std::to_string(max_line);
    const auto allowed = " fields, allowed are " + std::to_string(max_fields);
    if (is_full_) return "has more than " + std::to_string(max_kept) + allowed;
    const auto count = fields_.size() - taken_;
    return count > max_fields ? "has " + std::to_string(count) + allowed : std::string();
}

void field_list::add_to(record_writer& record) const {
    const auto stands_beside = [this](const std::string& name) { return is_here(name); };
    for (const auto& f : fields_) {
        if (f.is_taken) continue;
        if (f.key.empty())
            record.json_field(free_name(f.name, stands_beside), f.json);
        else
            record.member(f.key, f.json);
    }
}

void field_list::take_back(std::size_t fields, std::size_t replaced) {
    const auto outside = std::exchange(fixed_, 0);  // putting back needs no putting aside
    for (; replaced_.size() > replaced; replaced_.pop_back()) {
        auto& old = replaced_.back();
        change(fields_[old.index], std::move(old.json), old.is_taken);
    }
    fixed_ = outside;
    while (fields_.size() > fields) {
        const auto& last = fields_.back();
        bytes_ -= bytes_of(last.name, last.json);
        if (last.is_taken) --taken_;
        if (index_) index_->indexes.erase(static_cast<std::uint32_t>(fields_.size() - 1));
        fields_.pop_back();
    }
}

field_list::layer::layer(field_list& list)
    : list_(list),
      outer_fixed_(std::exchange(list.fixed_, list.fields_.size())),
      replaced_(list.replaced_.size()),
      is_full_(list.is_full_) {}

field_list::layer::~layer() {
    list_.take_back(list_.fixed_, replaced_);
    list_.fixed_ = outer_fixed_;
    list_.is_full_ = is_full_;
}

}  // namespace distd::logs
