#include "role/log/intake/shipper_routes.hpp"

#include <boost/json/object.hpp>

#include "role/log/intake/batch_report.hpp"
#include "role/log/intake/elastic_bulk.hpp"
#include "role/log/intake/loki_push.hpp"
#include "role/log/intake/otlp_logs.hpp"

namespace distd::logs {
namespace {

// Clients look for the header, and for a version whose bulk format they know.
constexpr const char* product_header = "X-Elastic-Product";
constexpr const char* product = "Elasticsearch";
constexpr const char* greeting =
    R"({"name":"distd","cluster_name":"distd","cluster_uuid":"distd","version":{"number":"8.9.0",)"
    R"("build_flavor":"default","build_type":"tar","minimum_wire_compatibility_version":"7.17.0",)"
    R"("minimum_index_compatibility_version":"7.0.0"},"tagline":"You Know, for Search"})";
constexpr const char* license =
    R"({"license":{"status":"active","uid":"distd","type":"basic","mode":"basic"}})";
constexpr const char* page =
    "<!doctype html><html lang=en><meta charset=utf-8><title>Log service</title><h1>Log service</h1>"
    "<p><a href=/log>The latest lines</a>, <a href=/log/tail>those that arrive</a>, "
    "<a href=/metrics>its counters</a>.</p>"
    "<p>Lines are taken at /log, /_bulk, /loki/api/v1/push and /v1/logs.</p></html>";

http::response as_elastic(http::response r) {
    r.header(product_header, product);
    return r;
}

http::response greet(const http::request& q) {
    if (q.header("Accept").find("text/html") != std::string_view::npos)
        return http::response::html(200, page);
    return as_elastic(http::response::json_text(200, greeting));
}

http::response elastic_error(int status, const std::string& reason) {
    const json::object error{{"type", "illegal_argument_exception"}, {"reason", reason}};
    return as_elastic(http::response::json(status, json::object{{"error", error}, {"status", status}}));
}

// In one sentence, for clients that show no more than that.
std::string reasons(const batch& b) {
    constexpr std::size_t max_reasons = 20;
    std::string text;
    for (std::size_t i = 0; i < b.reported.size() && i < max_reasons; ++i) {
        const auto& [number, reason] = b.reported[i];
        text += (i == 0 ? "record " : "; record ") + std::to_string(number) + ": " + reason;
    }
    if (b.refused > max_reasons) text += "; and " + std::to_string(b.refused - max_reasons) + " more";
    return text;
}

// The answer to a longer one is rendered off the loop.
constexpr std::size_t rendered_at_once = 1000;
struct bulk_answer {
    elastic_bulk bulk;
    std::uint64_t first = 0;
    std::int64_t took_ms = 0;
    std::string text;

    void render() { text = render_bulk_answer(bulk, first, took_ms); }
};

bool is_protobuf(std::string_view content_type) {
    return content_type.find("protobuf") != std::string_view::npos ||
           content_type.find("octet-stream") != std::string_view::npos;
}

// OpenTelemetry's clients do not retry after 500 and 507, although these failures are temporary.
http::response otlp_failure(const boost::system::error_code& ec) {
    if (ec == errc::storage_full || ec == errc::storage_failed)
        return http::response::problem(503, ec.message()).header("Retry-After", "10");
    return http::response::of(ec);
}

}  // namespace

shipper_routes::shipper_routes(service& s, intake_control& control)
    : service_(s),
      control_(control),
      elastic_(s.metrics(), "elasticsearch"),
      loki_(s.metrics(), "loki"),
      otlp_(s.metrics(), "otlp") {}

void shipper_routes::mount() {
    mount_elastic();
    http::route_options in;
    in.body_limit = max_batch;
    in.internal = true;  // a line about a line about a line ...
    service_.post(
        "/loki/api/v1/push", [this](http::request q) { return take_loki(q); }, in);
    for (const auto* path : {"/v1/logs", "/otlp/v1/logs"})
        service_.post(
            path, [this](http::request q) { return take_otlp(q); }, in);
    http::route_options probe;
    probe.internal = true;
    service_.get(
        "/ready", [](http::request) { return http::response::text(200, "ready\n"); }, probe);
}

void shipper_routes::mount_elastic() {
    http::route_options in;
    in.body_limit = max_batch;
    in.internal = true;
    http::route_options probe;
    probe.internal = true;
    const auto bulk = [this](http::request q) { return take_elastic(q); };
    const auto nothing = [](http::request) { return as_elastic(http::response::json_text(200, "{}")); };
    const auto licensed = [](http::request) { return as_elastic(http::response::json_text(200, license)); };
    // A template or a policy of an index: there are none here, and nothing is lost by it.
    const auto agree = [](http::request) {
        return as_elastic(http::response::json_text(200, R"({"acknowledged":true})"));
    };
    // Some shippers put everything below a prefix.
    for (const std::string prefix : {"", "/elasticsearch"}) {
        for (const auto verb : {http::verb::post, http::verb::put})
            for (const auto* path : {"/_bulk", "/_bulk/", "/{index}/_bulk", "/{index}/_bulk/"})
                service_.route(verb, prefix + path, bulk, in);
        service_.get(prefix + "/", greet, probe);
        for (const auto* path : {"/_license", "/_xpack"}) service_.get(prefix + path, licensed, probe);
        for (const auto* path :
             {"/_ilm/{path...}", "/_index_template/{path...}", "/_component_template/{path...}",
              "/_template/{path...}", "/_ingest/{path...}", "/_nodes", "/_nodes/{path...}", "/_cat/{path...}",
              "/_cluster/{path...}", "/_data_stream/{path...}", "/_alias/{path...}"})
            service_.get(prefix + path, nothing, probe);
        for (const auto* path :
             {"/_ilm/{path...}", "/_index_template/{path...}", "/_component_template/{path...}",
              "/_template/{path...}", "/_ingest/{path...}", "/_data_stream/{path...}"})
            service_.route(http::verb::put, prefix + path, agree, in);
    }
    service_.get("/elasticsearch", greet, probe);
}

task<http::response> shipper_routes::take_elastic(http::request q) {
    if (auto refusal = control_.refuse(q)) co_return as_elastic(std::move(*refusal));
    const auto start = service_.time().now();
    auto room = co_await control_.room_for(q);
    auto b = co_await control_.read(q, elastic_, &read_elastic_bulk);
    if (!b) co_return as_elastic(http::response::of(b.error()));
    if (!b->malformed.empty()) co_return elastic_error(b->is_too_large ? 413 : 400, b->malformed);
    if (b->items.empty()) co_return elastic_error(400, "the body is empty: there is no document in it");
    std::uint64_t first = 0;
    if (b->accepted > 0) {
        co_await control_.until_store_has_room();
        const auto placed = co_await control_.store(elastic_, std::move(b->lines), b->accepted);
        if (!placed) co_return as_elastic(http::response::of(placed.error()));
        first = placed->first;
    }
    const auto took = std::chrono::duration_cast<milliseconds>(service_.time().now() - start);
    const auto answered = std::make_shared<bulk_answer>();
    answered->bulk = *std::move(b);
    answered->first = first;
    answered->took_ms = took.count();
    if (answered->bulk.items.size() > rendered_at_once)
        co_await control_.run_off_loop([answered] { answered->render(); });
    else
        answered->render();
    co_return as_elastic(http::response::json_text(200, std::move(answered->text)));
}

task<shipper_routes::taken> shipper_routes::store_json(http::request q, json_api api) {
    taken t;
    if (is_protobuf(q.header("Content-Type"))) {
        t.refusal =
            http::response::problem(415, api.protobuf_refused).header("Accept-Post", "application/json");
        co_return t;
    }
    t.refusal = control_.refuse(q);
    if (t.refusal) co_return t;
    auto room = co_await control_.room_for(q);
    auto b = co_await control_.read(q, api.counters, api.reader);
    if (b) room.shrink(b->lines.size());
    if (b && b->malformed.empty() && b->accepted > 0) {
        co_await control_.until_store_has_room();
        const auto placed = co_await control_.store(api.counters, std::move(b->lines), b->accepted);
        if (!placed) b = placed.error();
    }
    if (!b)
        t.refusal = api.failure(b.error());
    else if (!b->malformed.empty())
        t.refusal = http::response::problem(b->is_too_large ? 413 : 400,
                                            "The body cannot be read: " + b->malformed + ".");
    else
        t.records = *std::move(b);
    co_return t;
}

task<http::response> shipper_routes::take_loki(http::request q) {
    const json_api api{loki_, &read_loki_push, &http::response::of,
                       "Pushes are taken as JSON, not as protobuf with snappy: let the sender use "
                       "Content-Type: application/json."};
    auto t = co_await store_json(q, api);
    if (t.refusal) co_return *std::move(t.refusal);
    const auto& b = t.records;
    if (b.refused == 0) co_return http::response(204);
    // As Loki does it: 400, which no sender repeats, although the others are stored.
    co_return http::response::problem(400,
                                      std::to_string(b.refused) + " refused and " +
                                          std::to_string(b.accepted) + " stored; " + reasons(b) + ".",
                                      report_of(b));
}

task<http::response> shipper_routes::take_otlp(http::request q) {
    const json_api api{otlp_, &read_otlp_logs, &otlp_failure,
                       "Records are taken as JSON, not as protobuf: set `encoding: json` in the "
                       "exporter (OTEL_EXPORTER_OTLP_PROTOCOL=http/json)."};
    auto t = co_await store_json(q, api);
    if (t.refusal) co_return *std::move(t.refusal);
    if (t.records.refused == 0) co_return http::response::json_text(200, "{}");
    const json::object partial{{"rejectedLogRecords", std::to_string(t.records.refused)},
                               {"errorMessage", reasons(t.records)}};
    co_return http::response::json(200, json::object{{"partialSuccess", partial}});
}

}  // namespace distd::logs
