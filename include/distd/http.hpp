// The HTTP interface of the SDK: requests, responses, outgoing calls. Independent of Beast.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <distd/json.hpp>
#include <distd/result.hpp>
#include <distd/task.hpp>
#include <distd/time.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace distd::http {

// `other`: any other method, such as PROPFIND or PURGE; only a gateway passes these on.
enum class verb : std::uint8_t { get, head, post, put, patch, del, options, other };
[[nodiscard]] std::string_view to_string(verb) noexcept;

// Header fields in their order. Names are case-insensitive; a name may occur more than once.
class fields {
public:
    [[nodiscard]] std::string_view find(std::string_view name) const noexcept;  // the first one, or ""
    [[nodiscard]] bool contains(std::string_view name) const noexcept;
    void add(std::string name, std::string value);
    void set(std::string_view name, std::string value);  // replaces all fields of that name
    void remove(std::string_view name) noexcept;
    [[nodiscard]] auto begin() const noexcept { return items_.begin(); }
    [[nodiscard]] auto end() const noexcept { return items_.end(); }
    [[nodiscard]] bool empty() const noexcept { return items_.empty(); }

private:
    std::vector<std::pair<std::string, std::string>> items_;
};

// Internal; the handles below point to them.
struct exchange;
struct answer_slot;

// W3C trace context of a request: a 16-byte trace id and the request's own 8-byte span id, in lower-case hex.
struct trace_context {
    std::string trace_id;
    std::string span_id;
    bool sampled = true;
};

// A request that passed all checks of syntax. A handle, cheap to pass by value. The views it returns are
// valid until the request is answered (by the handler's return, the end of its coroutine or its stream, or a
// `pending_answer`): copy what must live longer.
class request {
public:
    explicit request(exchange& x) noexcept : exchange_(&x) {}

    [[nodiscard]] verb method() const noexcept;
    [[nodiscard]] std::string_view target() const noexcept;      // as sent: path and query
    [[nodiscard]] std::string_view path() const noexcept;        // as sent, percent-encoded
    [[nodiscard]] std::string_view query_text() const noexcept;  // after '?', as sent
    // Percent-decoded: the first query parameter of that name; the path segment that matched the route's
    // {name}.
    [[nodiscard]] std::optional<std::string> query(std::string_view name) const;
    [[nodiscard]] std::string param(std::string_view name) const;
    [[nodiscard]] std::string_view header(std::string_view name) const noexcept;   // the first, or ""
    [[nodiscard]] std::size_t header_count(std::string_view name) const noexcept;  // fields of that name
    [[nodiscard]] std::vector<std::pair<std::string_view, std::string_view>> headers() const;
    [[nodiscard]] std::string_view body() const noexcept;  // complete, unless the route streams
    [[nodiscard]] std::string remote_address() const;      // the peer's IP address
    [[nodiscard]] std::string_view id() const noexcept;    // also sent as X-Request-Id
    [[nodiscard]] trace_context trace() const;

    // The value of one field of an application/x-www-form-urlencoded body.
    [[nodiscard]] std::optional<std::string> form(std::string_view name) const;

    // On a route with `streams_body`: the next piece of the body, empty at its end. The view is valid until
    // the next call.
    [[nodiscard]] task<result<std::string_view>> read_some();

private:
    friend exchange& exchange_of(const request&) noexcept;

    exchange* exchange_;
};

using shared_text = std::shared_ptr<const std::string>;

// Writes a streamed response. Each write completes when the socket has taken the bytes, so that a slow client
// slows the producer instead of using memory. Fails with connection_lost once the client is gone: return
// then.
class body_writer {
public:
    explicit body_writer(exchange& x) noexcept : exchange_(&x) {}
    [[nodiscard]] task<result<>> write(std::string bytes);
    // One server-sent event, sent at once; each line of `data` becomes a `data:` line.
    [[nodiscard]] task<result<>> event(std::string data, std::string id = {}, std::string name = {});
    // The same for data that many streams send: it is not copied for each of them.
    [[nodiscard]] task<result<>> event(shared_text data, std::string id = {});
    [[nodiscard]] task<result<>> comment(std::string text);  // a keep-alive for proxies and clients
    // From now on the producer keeps so many bytes for this client, besides what it writes: they count as
    // memory of requests. False: there is no room for them; end the stream.
    [[nodiscard]] bool holding(std::size_t bytes);

private:
    exchange* exchange_;
};

using stream_body = std::function<task<>(body_writer)>;

using body_variant = std::variant<std::string, shared_text, stream_body>;

class response {
public:
    explicit response(int status = 200) : status_(status) {}

    [[nodiscard]] static response text(int status, std::string body);
    [[nodiscard]] static response json(int status, const boost::json::value& body);
    [[nodiscard]] static response json_text(int status, std::string body);  // `body` is JSON text
    [[nodiscard]] static response json_text(int status, shared_text body);
    [[nodiscard]] static response html(int status, std::string body);  // gzipped where the client accepts it
    // application/problem+json (RFC 9457): `detail` is a sentence for the user; `more` adds members.
    [[nodiscard]] static response problem(int status, std::string detail, boost::json::object more = {});
    // Maps an error to a status and a problem document; the only place that does.
    [[nodiscard]] static response of(const boost::system::error_code&);
    [[nodiscard]] static response redirect(int status, std::string location);
    [[nodiscard]] static response shared(int status, std::string content_type, shared_text body);
    [[nodiscard]] static response stream(int status, std::string content_type, stream_body producer);
    [[nodiscard]] static response events(stream_body producer);  // text/event-stream

    response&& header(std::string name, std::string value) &&;
    response& header(std::string name, std::string value) &;
    // A strong ETag, given without quotes. A matching If-None-Match is then answered with 304.
    response&& etag(std::string tag) &&;
    response&& content_type(std::string type) &&;
    response&& compressible() &&;  // may be sent gzipped
    // Of a stream: its producer begins with so many bytes in memory. They count as memory of requests from
    // the start: where there is no room for them the client gets 503, or 429, instead of the stream.
    response&& holding(std::size_t bytes) &&;

    [[nodiscard]] int status() const noexcept { return status_; }
    [[nodiscard]] const fields& headers() const noexcept { return headers_; }
    [[nodiscard]] std::string_view content_type() const noexcept {
        return other_type_.empty() ? known_type_ : other_type_;
    }
    [[nodiscard]] const std::string& etag() const noexcept { return etag_; }
    [[nodiscard]] bool is_compressible() const noexcept { return compressible_; }
    [[nodiscard]] std::size_t held_bytes() const noexcept { return held_bytes_; }
    [[nodiscard]] const body_variant& body() const noexcept { return body_; }
    [[nodiscard]] body_variant& body() noexcept { return body_; }

private:
    int status_;
    bool compressible_ = false;
    std::size_t held_bytes_ = 0;   // by the producer of a stream
    std::string_view known_type_;  // a literal: most answers are of these kinds, and allocate nothing for it
    std::string other_type_;
    std::string etag_;
    fields headers_;
    body_variant body_;
};

[[nodiscard]] std::string_view reason_phrase(int status) noexcept;

class handler_result;
using handler = std::function<handler_result(request)>;

// Completes a deferred request, once, from any callback on the event loop. If it is destroyed first, the
// client gets 503.
class pending_answer {
public:
    explicit pending_answer(std::shared_ptr<answer_slot> slot) noexcept : slot_(std::move(slot)) {}
    pending_answer(pending_answer&&) noexcept;
    pending_answer& operator=(pending_answer&&) = delete;
    ~pending_answer();

    // Sends what can be sent at once; code of other requests may run before it returns.
    void give(response);
    // Calls this handler for the response, as if the request had just arrived.
    void go_on(const handler&);
    // Responds with 500 and logs `what`, as if a handler had thrown it.
    void fail(std::string_view what);
    // False once the response was given, the client has disconnected or the service has stopped.
    [[nodiscard]] bool is_wanted() const noexcept;
    // Called when the client disconnects or the service stops before the response was given. Destroyed then,
    // or once the response is given.
    void on_gone(std::function<void()> notify);

private:
    std::shared_ptr<answer_slot> slot_;
};

// What happens to a request's buffers (tens of KiB) while its response is deferred.
//     keep: cheapest for a response that is due within moments, such as that to a write. The drain waits for
//         it; a client that disconnects meanwhile is not noticed.
//     release: the request costs its connection and its own bytes, so thousands may wait. When the client
//         disconnects, `on_gone` is called; at the drain the response is 503.
enum class buffers : std::uint8_t { keep, release };

// Defers the response without holding a coroutine: `begin` is called once the handler has returned and all
// earlier responses are sent. Use the request it receives, not the handler's own; it is valid until the
// response is given.
struct deferred {
    using begin_function = std::function<void(request, pending_answer)>;
    deferred(buffers b, begin_function f) : while_waiting(b), begin(std::move(f)) {}

    buffers while_waiting;
    begin_function begin;
};

// What a handler returns: a response that is ready, a coroutine that finds it, or `deferred`. Responses to
// pipelined requests that are ready leave in one write. A coroutine may end in any of the three.
class handler_result {
public:
    using variant = std::variant<response, task<response>, task<handler_result>, deferred>;

    handler_result(response r) : value_(std::move(r)) {}
    handler_result(task<response> t) : value_(std::move(t)) {}
    handler_result(task<handler_result> t) : value_(std::move(t)) {}
    handler_result(deferred d) : value_(std::move(d)) {}
    handler_result(handler_result&&) = default;
    handler_result& operator=(handler_result&&) = delete;  // Asio's would leak a coroutine that was not run

    // Adds a header to the response, now or when it is given.
    void header(std::string name, std::string value);

    [[nodiscard]] variant& value() noexcept { return value_; }
    [[nodiscard]] fields take_headers() noexcept { return std::move(headers_); }

private:
    variant value_;
    fields headers_;  // for a response that is not here yet
};

struct route_options {
    // Of the body, in bytes; over it: 413. Unless it is given: 1 MiB, and nothing at all for GET and HEAD.
    std::optional<std::size_t> body_limit = std::nullopt;
    bool streams_body = false;  // the handler reads with `read_some`; body_limit still holds
    bool waits_long = false;  // a coroutine for a long poll: cancelled when the peer leaves and at the drain
    bool internal = false;    // heartbeat, metrics, ...: its access lines are not shipped
    bool polled = false;      // likewise where a program of the system reads, which will again
    bool routine = false;     // asked for by programs and pages, not by people: not shown on a terminal
    bool open = false;        // answered without credentials, too
    // Its 4xx answers are warnings at the log service; else they are info. Any 5xx is an error there.
    bool warns_of_refusals = false;
};

// An outgoing request. `url` is absolute: http://host[:port]/path?query.
struct call {
    explicit call(std::string method_, std::string url_) : method(std::move(method_)), url(std::move(url_)) {}

    // Propagates the trace and the request id of `cause`, whose span becomes the parent of the called one.
    call&& caused_by(const request& cause) &&;
    call&& with_body(std::string bytes, std::string type) &&;
    call&& within(milliseconds span) &&;

    std::string method;
    std::string url;
    http::fields headers;
    std::string body;
    std::string content_type;
    milliseconds connect_deadline{2000};
    milliseconds deadline{5000};         // for the whole call, retries included
    std::size_t answer_limit = 4 << 20;  // maximum size of the response body
    bool safe_to_repeat = false;         // may be retried on a new connection; GET and HEAD always may
};

struct reply {
    int status = 0;
    http::fields headers;
    std::string body;
};

// Outgoing calls over pooled keep-alive connections. Errors are results; throws only operation_aborted.
class client {
public:
    virtual ~client() = default;
    [[nodiscard]] virtual task<result<reply>> send(call) = 0;
};

}  // namespace distd::http
