#include "http/server/exchange.hpp"

#include <algorithm>
#include <cstring>
#include <exception>
#include <utility>

#include "base/ascii.hpp"
#include "base/random.hpp"
#include "http/message/url.hpp"

namespace distd::http {
namespace {

constexpr auto hex_pairs = [] {
    std::array<std::array<char, 2>, 256> pairs{};
    for (std::size_t b = 0; b < pairs.size(); ++b)
        pairs[b] = {"0123456789abcdef"[b >> 4], "0123456789abcdef"[b & 15]};
    return pairs;
}();

void write_hex(char* out, std::uint64_t value) noexcept {
    for (int shift = 56; shift >= 0; shift -= 8, out += 2)
        std::memcpy(out, hex_pairs[(value >> shift) & 0xff].data(), 2);
}

bool is_lower_hex(std::string_view text) noexcept {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_all_zero(std::string_view text) noexcept {
    return text.find_first_not_of('0') == std::string_view::npos;
}

bool is_usable_id(std::string_view id) noexcept {
    return id.size() >= 8 && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](char c) {
               return ascii::is_alnum(c) || c == '-' || c == '_' || c == '.';
           });
}

}  // namespace

void exchange::identify() {
    std::string_view sent_id;
    std::string_view parent;
    for (const auto& f : head.fields) {
        if (f.name.size() == 12 && equal_ignoring_case(f.name, "X-Request-Id")) sent_id = f.value;
        if (f.name.size() == 11 && equal_ignoring_case(f.name, "traceparent")) parent = f.value;
    }
    if (is_usable_id(sent_id)) {
        id_size = sent_id.copy(id.data(), id.size());
    } else {
        write_hex(id.data(), random_u64());
        id_size = 16;
    }
    write_hex(span_id.data(), random_u64());
    // version 00: 00-<32 hex>-<16 hex>-<2 hex>; later versions may be longer, and begin the same
    const bool usable = parent.size() >= 55 && parent[2] == '-' && parent[35] == '-' && parent[52] == '-' &&
                        is_lower_hex(parent.substr(0, 2)) && parent.substr(0, 2) != "ff" &&
                        is_lower_hex(parent.substr(3, 32)) && !is_all_zero(parent.substr(3, 32)) &&
                        is_lower_hex(parent.substr(36, 16)) && !is_all_zero(parent.substr(36, 16)) &&
                        is_lower_hex(parent.substr(53, 2)) &&
                        (parent.size() == 55 || (parent.substr(0, 2) != "00" && parent[55] == '-'));
    sampled = true;
    has_parent = usable;
    if (usable) {
        parent.copy(trace_id.data(), trace_id.size(), 3);
        parent.copy(parent_id.data(), parent_id.size(), 36);
        sampled = (parent[54] & 1) != 0;
    } else {
        write_hex(trace_id.data(), random_u64());
        write_hex(trace_id.data() + 16, random_u64());
    }
}

void exchange::forget_upstream() noexcept {
    upstream.clear();
    tries = 0;
    reason = {};
    relayed_status = 0;
    relayed_whole = false;
}

verb request::method() const noexcept { return exchange_->head.method; }
std::string_view request::target() const noexcept { return exchange_->head.target; }
std::string_view request::path() const noexcept { return exchange_->head.path; }
std::string_view request::query_text() const noexcept { return exchange_->head.query; }
std::string_view request::header(std::string_view name) const noexcept { return exchange_->head.find(name); }
std::size_t request::header_count(std::string_view name) const noexcept {
    const auto& all = exchange_->head.fields;
    return static_cast<std::size_t>(
        std::ranges::count_if(all, [&](const auto& f) { return equal_ignoring_case(f.name, name); }));
}
std::string_view request::body() const noexcept { return exchange_->body; }
std::string request::remote_address() const { return std::string(exchange_->remote); }
std::string_view request::id() const noexcept { return exchange_->request_id(); }

trace_context request::trace() const {
    return {std::string(exchange_->trace()), std::string(exchange_->span()), exchange_->sampled};
}

std::optional<std::string> request::query(std::string_view name) const {
    return form_value(exchange_->head.query, name);
}
std::optional<std::string> request::form(std::string_view name) const {
    return form_value(exchange_->body, name);
}

std::string request::param(std::string_view name) const {
    const auto& names = exchange_->matched->param_names;
    for (std::size_t i = 0; i < names.size() && i < exchange_->params.count; ++i)
        if (names[i] == name) return percent_decode(exchange_->params.values[i]).value_or(std::string());
    return {};
}

std::vector<std::pair<std::string_view, std::string_view>> request::headers() const {
    std::vector<std::pair<std::string_view, std::string_view>> all;
    for (const auto& f : exchange_->head.fields) all.emplace_back(f.name, f.value);
    return all;
}

task<result<std::string_view>> request::read_some() { return exchange_->io->read_body_piece(); }

pending_answer::pending_answer(pending_answer&&) noexcept = default;

pending_answer::~pending_answer() {
    // While an exception passes by, whoever catches it answers.
    if (is_wanted() && std::uncaught_exceptions() == 0) give(response::of(errc::stopped));
}

bool pending_answer::is_wanted() const noexcept { return slot_ && slot_->io; }

void pending_answer::give(response r) {
    if (!slot_) return;
    slot_->gone = nullptr;
    if (auto* io = std::exchange(slot_->io, nullptr)) io->answer_deferred(std::move(r));
}

void pending_answer::go_on(const handler& h) {
    if (!slot_) return;
    slot_->gone = nullptr;
    if (auto* io = std::exchange(slot_->io, nullptr)) io->handle_deferred(h);
}

void pending_answer::fail(std::string_view what) {
    if (is_wanted()) give(slot_->io->failure(what));
}

void pending_answer::on_gone(std::function<void()> notify) {
    if (is_wanted()) slot_->gone = std::move(notify);
}

task<result<>> body_writer::write(std::string bytes) {
    return exchange_->io->write_body_piece({std::move(bytes)});
}

namespace {

std::string head_of_event(const std::string& id, const std::string& name) {
    std::string head;
    if (!id.empty()) head.append("id: ").append(id).append("\n");
    if (!name.empty()) head.append("event: ").append(name).append("\n");
    return head;
}

// As server-sent events have it: what follows a line end stands on a line of its own.
void append_data_lines(std::string& out, std::string_view data) {
    for (;;) {
        const auto end = data.find('\n');
        out.append("data: ").append(data.substr(0, end)).append("\n");
        if (end == std::string_view::npos) break;
        data.remove_prefix(end + 1);
    }
    out += '\n';
}

}  // namespace

task<result<>> body_writer::event(std::string data, std::string id, std::string name) {
    auto text = head_of_event(id, name);
    append_data_lines(text, data);
    return exchange_->io->write_body_piece({std::move(text)});
}

task<result<>> body_writer::event(shared_text data, std::string id) {
    auto head = head_of_event(id, {});
    if (data->find('\n') != std::string::npos) {
        append_data_lines(head, *data);
        return exchange_->io->write_body_piece({std::move(head)});
    }
    head += "data: ";
    return exchange_->io->write_body_piece({std::move(head), std::move(data), true});
}

task<result<>> body_writer::comment(std::string text) {
    return exchange_->io->write_body_piece({": " + text + "\n\n"});
}

bool body_writer::holding(std::size_t bytes) { return exchange_->io->count_held(bytes); }

}  // namespace distd::http
