#include "wire/registration_extras.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <utility>

#include "base/ascii.hpp"
#include "base/settings/options_values.hpp"
#include "wire/rules.hpp"

namespace distd {
namespace {

constexpr std::int64_t second = 1000;
constexpr std::int64_t minute = 60 * second;
constexpr std::int64_t day = 24 * 60 * minute;

// A string with units, or a number of seconds.
struct duration_field {
    std::int64_t ms = 0;
};

bool refuse(json_error& error, const std::string& where, const std::string& found) {
    error.text = where + ": found " + found +
                 R"(; a duration such as "250ms", "10s" or "1m30s", or a number of seconds, is right)";
    return false;
}

bool read_value(const json::value& v, duration_field& out, const std::string& where, json_error& error) {
    if (const auto* text = v.if_string()) {
        try {
            out.ms = read_duration({text->data(), text->size()});
            return true;
        } catch (const settings_error&) {
            return refuse(error, where, "'" + printable(std::string(text->data(), text->size())) + "'");
        }
    }
    if (!v.is_number()) return refuse(error, where, detail::json_kind(v));
    const auto exact = v.to_number<double>() * 1000;
    // Never to 0, which may stand for something else.
    const auto ms =
        std::abs(exact) < 1 ? std::copysign(std::ceil(std::abs(exact)), exact) : std::round(exact);
    if (std::isnan(ms)) return refuse(error, where, "a number out of range");  // 0e309 is read so
    constexpr double max = 1e15;  // far beyond every limit, and still exact
    out.ms = static_cast<std::int64_t>(std::clamp(ms, -max, max));
    return true;
}

// A text; peers write versions as numbers, too.
struct text_field {
    std::string text;
};

bool read_value(const json::value& v, text_field& out, const std::string& where, json_error& error) {
    if (!v.is_number()) return detail::read_value(v, out.text, where, error);
    if (v.is_double() && !std::isfinite(v.get_double())) {
        error.text = where + ": the number is out of range; write it as a text";
        return false;
    }
    out.text = to_text(v);
    return true;
}

// Peers that have no other word for "not said" send an empty text or list, whatever the field holds.
bool is_empty(const json::value& v) {
    if (const auto* text = v.if_string()) return text->empty();
    const auto* list = v.if_array();
    return list && list->empty();
}

void drop_empty(json::value& v) {
    auto* object = v.if_object();
    if (!object) return;
    for (auto member = object->begin(); member != object->end();)
        member = is_empty(member->value()) ? object->erase(member) : std::next(member);
}

// The fields as they are read; `from_json` takes every spelling, and null for missing.
struct fields_on_the_wire {
    std::vector<std::string> Tags;
    std::map<std::string, std::string> Meta;
    std::optional<std::int64_t> Weight;
    text_field Zone;
    text_field Version;
    std::optional<duration_field> HeartbeatInterval;
    std::optional<duration_field> HeartbeatTimeout;
    std::optional<std::int64_t> FailuresBeforeLost;
    std::optional<std::int64_t> SuccessesBeforeBack;
    std::optional<duration_field> DeregisterAfter;
    std::optional<duration_field> TTL;
    std::string CertificateSha256;
};
BOOST_DESCRIBE_STRUCT(fields_on_the_wire, (),
                      (Tags, Meta, Weight, Zone, Version, HeartbeatInterval, HeartbeatTimeout,
                       FailuresBeforeLost, SuccessesBeforeBack, DeregisterAfter, TTL, CertificateSha256))

std::string problem_with_tags(const std::vector<std::string>& tags) {
    if (tags.size() > wire::max_tags)
        return "Tags: found " + std::to_string(tags.size()) + " of them; at most " +
               std::to_string(wire::max_tags) + " are taken";
    for (std::size_t i = 0; i < tags.size(); ++i) {
        const auto place = "Tags[" + std::to_string(i) + "]";
        if (tags[i].empty()) return place + ": it is empty; a tag has 1 to 256 bytes";
        if (auto p = wire::problem_with_text(tags[i], wire::max_tag, place); !p.empty()) return p;
    }
    return {};
}

std::string problem_with_meta(const std::map<std::string, std::string>& meta) {
    if (meta.size() > wire::max_meta)
        return "Meta: found " + std::to_string(meta.size()) + " pairs; at most " +
               std::to_string(wire::max_meta) + " are taken";
    for (const auto& [key, value] : meta) {
        if (key.empty()) return "Meta: a key is empty; a key has 1 to 128 bytes";
        if (auto p = wire::problem_with_text(key, wire::max_meta_key, "a key of Meta"); !p.empty()) return p;
        if (auto p = wire::problem_with_text(value, wire::max_meta_value, "Meta." + key); !p.empty())
            return p;
    }
    return {};
}

struct number_rule {
    const char* name;
    std::optional<std::int64_t> fields_on_the_wire::*field;
    std::int64_t min;
    std::int64_t max;
};
constexpr std::array numbers{
    number_rule{"Weight", &fields_on_the_wire::Weight, 0, 65'535},
    number_rule{"FailuresBeforeLost", &fields_on_the_wire::FailuresBeforeLost, 1, 100},
    number_rule{"SuccessesBeforeBack", &fields_on_the_wire::SuccessesBeforeBack, 1, 100}};

struct duration_rule {
    const char* name;
    std::optional<duration_field> fields_on_the_wire::*field;
    std::int64_t min;
    std::int64_t max;
    bool may_be_zero;
};
constexpr std::array durations{
    duration_rule{"HeartbeatInterval", &fields_on_the_wire::HeartbeatInterval, 100, day, false},
    duration_rule{"HeartbeatTimeout", &fields_on_the_wire::HeartbeatTimeout, 10, minute, false},
    duration_rule{"DeregisterAfter", &fields_on_the_wire::DeregisterAfter, second, 365 * day, true},
    duration_rule{"TTL", &fields_on_the_wire::TTL, second, day, false}};

std::string problem_with_numbers(const fields_on_the_wire& f) {
    for (const auto& rule : numbers) {
        const auto& n = f.*rule.field;
        if (n && (*n < rule.min || *n > rule.max))
            return rule.name + (": found " + std::to_string(*n)) + "; a whole number from " +
                   std::to_string(rule.min) + " to " + std::to_string(rule.max) + " is right";
    }
    for (const auto& rule : durations) {
        const auto& d = f.*rule.field;
        if (!d || (rule.may_be_zero && d->ms == 0) || (d->ms >= rule.min && d->ms <= rule.max)) continue;
        const auto found = d->ms < 0 ? std::to_string(d->ms) + "ms" : duration_text(d->ms);
        return rule.name + (": found " + found) + "; from " + duration_text(rule.min) + " to " +
               duration_text(rule.max) + (rule.may_be_zero ? ", or 0 for never, is right" : " is right");
    }
    return {};
}

// As OpenSSL prints it, `AB:CD:...`, or without the colons: in the form that is kept.
std::string without_colons(std::string text) {
    std::erase(text, ':');
    std::ranges::transform(text, text.begin(), ascii::lower);
    return text;
}

std::string problem_with_certificate(const std::string& text) {
    constexpr std::size_t digits = 64;
    const auto hex = without_colons(text);
    const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    if (text.empty() || (hex.size() == digits && std::ranges::all_of(hex, is_hex))) return {};
    return "CertificateSha256: found '" + printable(text.substr(0, 2 * digits)) +
           "'; the SHA-256 of a certificate is right, 64 hex digits, as `openssl x509 -noout -fingerprint "
           "-sha256` prints it";
}

std::string problem_with(const fields_on_the_wire& f) {
    if (auto p = problem_with_tags(f.Tags); !p.empty()) return p;
    if (auto p = problem_with_meta(f.Meta); !p.empty()) return p;
    if (auto p = wire::problem_with_text(f.Zone.text, wire::max_name, "Zone"); !p.empty()) return p;
    if (auto p = wire::problem_with_text(f.Version.text, wire::max_name, "Version"); !p.empty()) return p;
    if (auto p = problem_with_certificate(f.CertificateSha256); !p.empty()) return p;
    return problem_with_numbers(f);
}

std::vector<std::string> distinct(std::vector<std::string> tags) {
    std::vector<std::string> result;
    for (auto& tag : tags)
        if (std::ranges::find(result, tag) == result.end()) result.push_back(std::move(tag));
    return result;
}

std::optional<int> to_number(const std::optional<std::int64_t>& n) {
    return n ? std::optional(static_cast<int>(*n)) : std::nullopt;
}
std::optional<milliseconds> to_duration(const std::optional<duration_field>& d) {
    return d ? std::optional(milliseconds(d->ms)) : std::nullopt;
}

// Writes members one behind the other; what is empty was not sent.
class member_writer {
public:
    void add(std::string_view name, std::string_view text) {
        if (text.empty()) return;
        begin(name);
        append_json_string(out_, text);
    }
    void add(std::string_view name, const std::optional<int>& n) {
        if (!n) return;
        begin(name);
        out_ += std::to_string(*n);
    }
    void add(std::string_view name, const std::optional<milliseconds>& d) {
        if (d) add(name, duration_text(d->count()));
    }
    void add(std::string_view name, const json::value& v) {
        begin(name);
        out_ += to_text(v);
    }
    [[nodiscard]] std::string take() { return std::move(out_); }

private:
    void begin(std::string_view name) {
        if (!out_.empty()) out_ += ',';
        append_json_string(out_, name);
        out_ += ':';
    }
    std::string out_;
};

}  // namespace

extras_ptr read_extras(json::value object, json_error& error) {
    error.text.clear();
    drop_empty(object);
    auto f = from_json<fields_on_the_wire>(object, error);
    if (f) error.text = problem_with(*f);
    if (!error.text.empty()) return nullptr;
    registration_extras e;
    e.tags = distinct(std::move(f->Tags));
    e.meta = std::move(f->Meta);
    e.weight = to_number(f->Weight);
    e.zone = std::move(f->Zone.text);
    e.version = std::move(f->Version.text);
    e.heartbeat_interval = to_duration(f->HeartbeatInterval);
    e.heartbeat_timeout = to_duration(f->HeartbeatTimeout);
    e.failures_before_lost = to_number(f->FailuresBeforeLost);
    e.successes_before_back = to_number(f->SuccessesBeforeBack);
    e.deregister_after = to_duration(f->DeregisterAfter);
    e.ttl = to_duration(f->TTL);
    e.certificate_sha256 = without_colons(std::move(f->CertificateSha256));
    return e.empty() ? nullptr : std::make_shared<const registration_extras>(std::move(e));
}

std::string to_members(const extras_ptr& e) {
    if (!e) return {};
    member_writer w;
    if (!e->tags.empty()) w.add("Tags", to_json(e->tags));
    if (!e->meta.empty()) w.add("Meta", to_json(e->meta));
    w.add("Weight", e->weight);
    w.add("Zone", e->zone);
    w.add("Version", e->version);
    w.add("HeartbeatInterval", e->heartbeat_interval);
    w.add("HeartbeatTimeout", e->heartbeat_timeout);
    w.add("FailuresBeforeLost", e->failures_before_lost);
    w.add("SuccessesBeforeBack", e->successes_before_back);
    w.add("DeregisterAfter", e->deregister_after);
    w.add("TTL", e->ttl);
    w.add("CertificateSha256", e->certificate_sha256);
    return w.take();
}

}  // namespace distd
