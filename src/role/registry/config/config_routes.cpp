#include "role/registry/config/config_routes.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/parse_number.hpp"
#include "base/settings/setting_group.hpp"
#include "base/timestamp.hpp"
#include "http/message/joined_header.hpp"
#include "role/actor.hpp"
#include "role/known_parameters.hpp"
#include "role/registry/config/config_rules.hpp"
#include "role/registry/config/config_text.hpp"
#include "wire/header_names.hpp"

namespace distd::registry {
namespace {

using verdict = config_outcome::verdict;

constexpr std::size_t max_media_type = 255;
constexpr std::size_t max_kept_lists_bytes = 16 << 20;
constexpr std::size_t max_kept_lists = 64;
constexpr const char* default_media_type = "application/octet-stream";

constexpr known_parameter key_parameters[] = {{"history"}, {"version"}, {"index"}, {"wait"}};
constexpr std::span<const known_parameter> of_a_key = key_parameters;
constexpr auto of_a_history = of_a_key.first(1);
constexpr auto of_a_version = of_a_key.subspan(1, 1);
constexpr known_parameter of_a_list[] = {{"values"}, {"index"}, {"wait"}};
constexpr known_parameter of_a_restoration[] = {{"restore"}};

std::optional<std::int64_t> positive(std::string_view text) {
    const auto n = parse_number<std::int64_t>(text);
    return n > 0 ? n : std::nullopt;
}

http::response wrong_number(const char* parameter) {
    return wrong_parameter(std::string(parameter) +
                           " must be the number of a version, as ?history=1 lists them");
}

// `parameter` is =1, or not there.
std::optional<http::response> read_flag(const http::request& q, const char* parameter, bool& is_on) {
    const auto text = q.query(parameter);
    is_on = text == "1";
    if (!text || is_on) return std::nullopt;
    return wrong_parameter(std::string(parameter) + " must be 1");
}

http::response absent(const std::string& key) {
    return http::response::problem(404, "There is no configuration at " + key + ".");
}

std::string etag_of(const config_entry& e) { return std::to_string(e.index); }

}  // namespace

config_routes::config_routes(service& s, watch_board& board, config_limits limits, judge_function judge,
                             config_book::change_function on_change)
    : service_(s),
      board_(board),
      limits_(limits),
      judge_(std::move(judge)),
      book_(s, board, limits, std::move(on_change)) {
    http::route_options reads;
    reads.waits_long = true;
    reads.polled = true;
    http::route_options writes;
    writes.body_limit = max_value;
    s.get("/config", bound(names::keys_and_directories, &config_routes::read), reads);
    s.get("/config/{key...}", bound(names::keys_and_directories, &config_routes::read), reads);
    s.put("/config/{key...}", bound(names::keys, &config_routes::put), writes);
    s.del("/config/{key...}", bound(names::keys, &config_routes::remove), writes);
    s.post("/config/{key...}", bound(names::keys, &config_routes::restore), writes);
}

http::handler config_routes::bound(names allowed, member m) {
    return [this, allowed, m](http::request q) { return judged(allowed, m, q); };
}

task<http::handler_result> config_routes::judged(names allowed, member m, http::request q) {
    auto key = q.param("key");
    auto problem = problem_with_config_path(key);
    if (problem.empty() && allowed == names::keys && is_directory(key))
        problem = "A key is missing: what ends in a slash names a list, which can only be read.";
    if (!problem.empty()) co_return http::response::problem(400, std::move(problem));
    co_return co_await (this->*m)(q, std::move(key));
}

// --- reading

task<http::handler_result> config_routes::read(http::request q, std::string path) {
    bool wants_history = false;
    bool with_values = false;
    if (auto wrong = read_flag(q, "history", wants_history)) co_return *std::move(wrong);
    if (auto wrong = read_flag(q, "values", with_values)) co_return *std::move(wrong);
    const auto version = q.query("version");
    if ((wants_history || version) && is_directory(path))
        co_return http::response::problem(400, "A list has no versions; its keys have.");
    if (auto wrong = refuse_others(q, is_directory(path) ? std::span<const known_parameter>(of_a_list)
                                      : wants_history    ? of_a_history
                                      : version          ? of_a_version
                                                         : of_a_key))
        co_return *std::move(wrong);
    if (wants_history) co_return co_await read_history(std::move(path));
    if (version) {
        const auto number = positive(*version);
        if (!number) co_return wrong_number("version");
        co_return co_await read_version(std::move(path), *number);
    }
    watch_query wanted;
    if (auto wrong = read_watch_query(q, wanted)) co_return *std::move(wrong);
    auto resource = is_directory(path) ? watched_directory(path, with_values) : watched_key(path);
    co_return serve_watched(board_, wanted, std::move(resource));
}

watched config_routes::watched_key(const std::string& key) {
    return {config_book::topic_of(key), [this, key] { return book_.now().index_of(key); },
            [this, key] { return raw(key); }, [this, key] { return event_of(key); }};
}

watched config_routes::watched_directory(const std::string& directory, bool with_values) {
    auto text = [this, directory, with_values] { return list(directory, with_values); };
    return {config_book::topic_of(directory), [this, directory] { return book_.now().index_of(directory); },
            [text] { return http::response::shared(200, "application/json", text()); }, text};
}

// Whatever a value claims to be, a browser that is led here must not run it.
http::response config_routes::raw(const std::string& key) const {
    const auto* e = book_.now().find(key);
    if (!e) return absent(key);
    return http::response::shared(200, e->media_type, e->value)
        .etag(etag_of(*e))
        .header(wire::version_header, std::to_string(e->version))
        .header("Content-Security-Policy", "sandbox");
}

http::shared_text config_routes::event_of(const std::string& key) const {
    const auto* e = book_.now().find(key);
    return std::make_shared<const std::string>(e ? entry_as_json(*e, true)
                                                 : absence_as_json(key, book_.now().index_of(key)));
}

http::shared_text config_routes::list(const std::string& directory, bool with_values) {
    const auto index = book_.now().index_of(directory);
    const listed_key place(directory, with_values);
    if (const auto kept = lists_.find(place); kept != lists_.end()) {
        if (kept->second.index == index) return kept->second.text;
        lists_bytes_ -= kept->second.text->size();
        lists_.erase(kept);
    }
    auto text = std::make_shared<const std::string>(list_as_json(book_.now().list(directory), with_values));
    if (lists_.size() >= max_kept_lists || lists_bytes_ + text->size() > max_kept_lists_bytes) {
        lists_.clear();
        lists_bytes_ = 0;
    }
    lists_bytes_ += text->size();
    lists_[place] = {index, text};
    return text;
}

task<http::response> config_routes::read_history(std::string key) {
    const auto found = co_await book_.history(key);
    if (!found) co_return http::response::of(found.error());
    if (found->empty()) co_return absent(key);
    co_return http::response::json_text(200, history_as_json(*found))
        .header(wire::index_header, std::to_string(book_.now().index_of(key)));
}

task<http::response> config_routes::read_version(std::string key, std::int64_t number) {
    const auto found = co_await book_.version(key, number);
    if (!found) co_return http::response::of(found.error());
    const auto name = "Version " + std::to_string(number) + " of " + key;
    if (found->version == 0)
        co_return http::response::problem(404, name + " is not kept; ?history=1 lists what is.");
    if (!found->value) co_return http::response::problem(404, name + " is its deletion.");
    co_return http::response::shared(200, found->media_type, found->value)
        .etag(etag_of(*found))
        .header(wire::version_header, std::to_string(number))
        .header(wire::index_header, std::to_string(book_.now().index_of(key)))
        .header("Content-Security-Policy", "sandbox");
}

// --- changes

std::optional<http::response> config_routes::refuse_wrong(const std::string& key,
                                                          const std::string& value) const {
    const auto fault = judge_(key, value);
    if (fault.empty()) return std::nullopt;
    return http::response::problem(400, "Nothing was stored. " + fault + ".");
}

task<http::handler_result> config_routes::put(http::request q, std::string key) {
    if (auto wrong = refuse_others(q, {})) co_return *std::move(wrong);
    // Neither is kept with the value: a reader would take a part, or what is packed, for the whole.
    if (!q.header("Content-Range").empty())
        co_return http::response::problem(400,
                                          "Content-Range: a value is replaced as a whole; send all of it.");
    if (const auto coding = q.header("Content-Encoding"); !coding.empty() && coding != "identity")
        co_return http::response::problem(
            415, "Content-Encoding is not kept with a value; send it as it is to be read.");
    config_change c;
    c.key = std::move(key);
    c.media_type = q.header("Content-Type");
    if (c.media_type.empty()) c.media_type = default_media_type;
    const auto is_odd = [](char ch) { return ch < 0x20 || ch > 0x7e; };
    if (c.media_type.size() > max_media_type || std::ranges::any_of(c.media_type, is_odd))
        co_return http::response::problem(400, "Content-Type is a media type of at most " +
                                                   std::to_string(max_media_type) +
                                                   " ASCII characters, such as application/json.");
    c.value = std::make_shared<const std::string>(q.body());
    if (auto refused = refuse_wrong(c.key, *c.value)) co_return *std::move(refused);
    co_return co_await change(q, std::move(c));
}

task<http::handler_result> config_routes::remove(http::request q, std::string key) {
    if (auto wrong = refuse_others(q, {})) co_return *std::move(wrong);
    config_change c;
    c.what = config_change::action::remove;
    c.key = std::move(key);
    co_return co_await change(q, std::move(c));
}

task<http::handler_result> config_routes::restore(http::request q, std::string key) {
    if (auto wrong = refuse_others(q, of_a_restoration)) co_return *std::move(wrong);
    const auto number = positive(q.query("restore").value_or(""));
    if (!number) co_return wrong_number("restore");
    // A version never changes, so what is judged here is what will be stored. It may have been stored by
    // another version of the registry, or while there were fewer alerts.
    const auto old = co_await book_.version(key, *number);
    if (!old) co_return http::response::of(old.error());
    if (old->value)
        if (auto refused = refuse_wrong(key, *old->value)) co_return *std::move(refused);
    config_change c;
    c.what = config_change::action::restore;
    c.key = std::move(key);
    c.version = *number;
    co_return co_await change(q, std::move(c));
}

task<http::response> config_routes::change(http::request q, config_change c) {
    c.if_match = http::joined_header(q.headers(), "If-Match");
    c.if_none_match = http::joined_header(q.headers(), "If-None-Match");
    if (auto wrong = read_actor(q, c.who)) co_return *std::move(wrong);
    if (auto wrong = read_reason(q, c.reason)) co_return *std::move(wrong);
    c.request_id = q.id();
    c.at_ms = unix_ms(service_.time().wall());
    const auto asked = std::make_shared<const config_change>(c);
    const auto made = co_await book_.perform(std::move(c));
    if (!made) co_return http::response::of(made.error());
    co_return answer(*asked, *made)
        .header(wire::index_header, std::to_string(book_.now().index_of(asked->key)));
}

http::response config_routes::answer(const config_change& c, const config_outcome& made) const {
    const auto number = std::to_string(c.version);
    switch (made.is) {
        case verdict::done:
            if (!made.now.value) return http::response(204);
            [[fallthrough]];
        case verdict::unchanged:
            return http::response::json_text(made.created ? 201 : 200, entry_as_json(made.now, false))
                .etag(etag_of(made.now));
        case verdict::absent: return absent(c.key);
        case verdict::no_version:
            return http::response::problem(
                404, "Version " + number + " of " + c.key + " is not kept; ?history=1 lists what is.");
        case verdict::was_a_removal:
            return http::response::problem(
                409, "Version " + number + " of " + c.key + " is its deletion. DELETE does the same again.");
        case verdict::too_much:
            return http::response::problem(507, "The configuration would be larger than the " +
                                                    std::to_string(limits_.max_bytes) +
                                                    " bytes of --registry-config-max-bytes. Nothing was "
                                                    "stored; delete what is not needed, or raise it.");
        case verdict::stale: break;
    }
    if (!made.now.value)
        return http::response::problem(
            412, "If-Match does not hold: there is no configuration at " + c.key + " now.");
    return http::response::problem(412,
                                   "The condition does not hold: " + c.key + " is at version " +
                                       std::to_string(made.now.version) + " with the ETag \"" +
                                       etag_of(made.now) + "\" now. Look at it and send the change again.",
                                   {{"etag", "\"" + etag_of(made.now) + "\""}, {"version", made.now.version}})
        .etag(etag_of(made.now));
}

// --- settings

std::vector<setting> config_rows() {
    using enum setting_kind;
    return in_group("Registry",
                    {{.name = "registry-config-max-bytes",
                      .kind = size,
                      .fallback = "64MiB",
                      .help = "How large the configuration may be with its history, each version counted "
                              "with its name and 256 "
                              "bytes; of the history the oldest goes first",
                      .min = 1024,
                      .max = std::int64_t{1} << 40},
                     {.name = "registry-config-history",
                      .kind = integer,
                      .fallback = "100",
                      .help = "How many versions of each key of the configuration are kept at most",
                      .min = 1,
                      .max = 10'000}});
}

config_limits config_limits_of(const settings& s) {
    config_limits limits;
    limits.max_bytes = s.size("registry-config-max-bytes");
    limits.max_versions = s.integer("registry-config-history");
    return limits;
}

}  // namespace distd::registry
