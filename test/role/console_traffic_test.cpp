// The console's page Traffic: what a real gateway has, leaves out and finds wrong, and each number that one
// tells.
#include <catch2/catch.hpp>

#include "role/console_fixture.hpp"
#include "unit/http/client/raw_server.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;

namespace {

raw_server::action says(const std::string& body) {
    return {"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
            std::to_string(body.size()) + "\r\n\r\n" + body};
}

constexpr auto status_answer = R"({"routes":[],"errors":[],"registry":{"reachable":true},"services":[
    {"name":"cart","instances":[
        {"url":"http://127.0.0.6:8100","version":"1.8.2","state":"in use",
         "in_flight":4,"streams":2,"requests":900,"failed":9,"ejections":0},
        {"url":"http://127.0.0.7:8100","version":"1.8.2","state":"ejected","ejected_for_s":12,
         "in_flight":3,"streams":0,"requests":100,"failed":50,"ejections":5}],
     "left_out":[{"url":"http://10.0.0.9:8100","reason":"not permitted by --portal-gateway-allow"}]},
    {"name":"search","instances":[
        {"url":"http://127.0.0.6:9200","version":"2","state":"ejected","ejected_for_s":3,
         "in_flight":0,"streams":0,"requests":1,"failed":1,"ejections":1}],"left_out":[]}]})";
constexpr auto history_answer = R"({"range":"1h","step_seconds":60,"services":[
    {"name":"cart","requests":[600,1200,60],"failures":[0,12,0],
     "p50_us":[1000,1000,1000],"p95_us":[4000,9000,4000],"p99_us":[8000,20000,8000],
     "in_flight":7,"instances":[],
     "total":{"requests":1860,"failures":12,"retries":31,"p50_us":1000,"p95_us":9000,"p99_us":20000},
     "recent":{"seconds":60,"requests":1200,"failures":12,"p50_us":1000,"p95_us":9000,"p99_us":20000}}]})";

// A gateway that says of itself what a test wants to see on the page.
struct with_gateway : console_fixture {
    with_gateway()
        : gateway(w.loop, [](int, const std::string& q) {
              return says(q.find("/gateway/history") != q.npos  ? history_answer
                          : q.find("/gateway/status") != q.npos ? status_answer
                                                                : "{}");
          }) {
        add_instance("cart", "http://127.0.0.6:8100");
        add_instance("Portald", gateway.url(""));
    }
    std::string traffic(const std::string& query = {}) {
        std::string body;
        w.until("the console knows the gateway", [&] {
            body = get("/traffic" + query).body;
            return body.find("127.0.0.7:8100") != body.npos && body.find(">31<") != body.npos;
        });
        return body;
    }
    // What stands between `from` and the next `to`.
    static std::string between(const std::string& page, const std::string& from, const std::string& to) {
        const auto at = page.find(from);
        return at == page.npos ? std::string() : page.substr(at, page.find(to, at) - at);
    }

    raw_server gateway;
};

}  // namespace

TEST_CASE_METHOD(with_gateway,
                 "Traffic has of each service what is in flight, ejected, left out, retried and failed") {
    const auto page = traffic();
    CHECK_THAT(page, Contains("2 services behind the gateway") && Contains("2 instances ejected"));
    const auto cart = between(page, ">cart</a><p>", "</tr>");
    CHECK_THAT(cart, Contains("<p>1 ejected, 1 left out</p>") && Contains("<td class=\"n\">1/2</td>") &&
                         Contains("<td class=\"n t x\">7</td>") &&  // in flight, of both instances
                         Contains("<td class=\"n t\">31</td>") &&   // retries
                         Contains("class=\"n failed fault\">0.6"));
    CHECK_THAT(between(page, ">search</a><p>", "</tr>"), Contains("all are ejected, so all are used"));
}

TEST_CASE_METHOD(with_gateway,
                 "Traffic has of each instance its state, what is in flight, and its ejections") {
    const auto page = traffic("?service=cart");
    const auto rows = between(page, "id=\"upstreams\"", "</section>");
    const auto used = between(rows, "127.0.0.6:8100", "</tr>");
    const auto ejected = between(rows, "127.0.0.7:8100", "</tr>");
    CHECK_THAT(used, Contains("g well") && Contains(" in use</td>") && Contains("<td class=\"n\">4 ") &&
                         Contains("<td class=\"n t\">2</td>") && Contains("<td class=\"n t\">0</td>"));
    CHECK_THAT(ejected, Contains("g sick") && Contains("ejected for 12\u202fs more") &&
                            Contains("<td class=\"n\">3 ") && Contains("<td class=\"n t\">5</td>"));
    CHECK_THAT(rows, !Contains("9200"));
}

TEST_CASE_METHOD(with_gateway,
                 "Traffic has what is left out with the reason, and charts of the service that is chosen") {
    const auto page = traffic("?service=cart");
    CHECK_THAT(between(page, "id=\"left-out\"", "</section>"),
               Contains("10.0.0.9:8100") && Contains("not permitted by --portal-gateway-allow"));
    const auto charts = between(page, "id=\"charts\"", "</section>");
    CHECK_THAT(charts, Contains("<dt>Retries</dt><dd>31</dd>") && Contains("<dt>In flight</dt><dd>7</dd>") &&
                           Contains("<dt>Requests</dt><dd>1\u202f860</dd>") &&
                           Contains("class=\"columns\"") && Contains("class=\"lines\""));
    CHECK_THAT(between(get("/services/cart").body, "id=\"passed\"", "</section>"),
               Contains("<dt>In flight</dt><dd>7</dd>") && Contains("1\u202f860"));
}

TEST_CASE_METHOD(console_fixture, "Traffic shows what the gateway has, leaves out, and finds wrong") {
    w.start("portal", "portal", {"--registry=" + registry(), "--portal-gateway-allow=127.0.0.6"});
    w.http("PUT", registry() + "/config/gateway/routes/shop", R"({"service":"cart","prefix":"/shop"})");
    w.http("PUT", registry() + "/config/gateway/routes/bad", R"({"service":"cart","prefixx":"/shop"})");
    add_instance("cart", "http://127.0.0.6:8100", R"(,"Tags":["gateway"])");
    add_instance("cart", "http://127.0.0.7:8100", R"(,"Tags":["gateway"])");
    std::string body;
    w.until("the console knows the gateway", [&] {
        body = get("/traffic").body;
        return body.find("127.0.0.6:8100") != body.npos && body.find("gateway/routes/bad") != body.npos;
    });
    CHECK_THAT(body, Contains(">cart</a>") && Contains("/shop") && Contains("in use"));
    const auto left_out = body.substr(body.find("id=\"left-out\""));
    CHECK_THAT(left_out.substr(0, left_out.find("</section>")),
               Contains("127.0.0.7:8100") && Contains("--portal-gateway-allow"));
    CHECK_THAT(get("/services/cart").body,
               Contains("<code>/api/cart/…</code>") && Contains("<code>/shop/…</code>"));
    CHECK_THAT(get("/traffic?service=cart&range=6h").body,
               Contains("Instances of <span class=\"name\">cart</span>"));
}

TEST_CASE_METHOD(
    console_fixture,
    "a system without a gateway and without a log service is complete, and nothing in it is wrong") {
    add_instance("cart", "http://127.0.0.6:8100");
    CHECK_THAT(get("/traffic").body, Contains("<h1>No gateway is registered</h1>") &&
                                         Contains("/icon-well") && !Contains("class=\"away\"") &&
                                         !Contains("unreachable"));
    CHECK_THAT(get("/").body, Contains("No log service is registered") && !Contains("class=\"away\""));
    CHECK_THAT(get("/services/Console").body, Contains("<small>not here</small>") && !Contains("g sick"));
    for (const auto* path : {"/logs", "/services/cart", "/requests/0af7651916cd43dd8448eb211c80319c"}) {
        INFO(path);
        CHECK_THAT(get(path).body, Contains("No log service is registered") && Contains("/icon-well") &&
                                       !Contains("class=\"away\"") && !Contains("Not searched"));
    }
}
