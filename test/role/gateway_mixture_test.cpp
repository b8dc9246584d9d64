// Many clients and an instance that does anything, in any order: whatever happens on the few connections
// behind the gateway, an answer reaches who asked for it and nobody else, once.
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <regex>
#include <set>

#include "role/gateway_fixture.hpp"

using namespace distd;
using namespace distd::test;

namespace {

// Taken for a request by instances that do not read bodies: its answer may reach nobody but its sender.
const std::string hidden = "GET /hidden/0 HTTP/1.1\r\nHost: a\r\n\r\n";

// Answers to the request with the target `/HOW/NUMBER`; `<NUMBER>` is in the body of each that has one.
action answer_to(const std::string& request) {
    static const std::regex form(R"(\w+ /(\w+)/(\d+) HTTP/1.1\r\n[^]*)");
    std::smatch m;
    REQUIRE(std::regex_match(request, m, form));
    const std::string how = m[1];
    const std::string body = "<" + m[2].str() + ">";
    const auto head = "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size());
    const auto whole = head + "\r\n\r\n" + body;
    const auto chunk = std::to_string(body.size()) + "\r\n" + body + "\r\n";  // of less than ten bytes
    const auto chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk;
    const std::map<std::string, action> all{
        {"whole", says(whole)},
        {"dripped", {whole, false, false, 7}},
        {"chunked", says(chunked + "0\r\n\r\n")},
        {"interim", says("HTTP/1.1 100 Continue\r\n\r\n" + whole)},
        {"last", says_and_closes(head + "\r\nConnection: close\r\n\r\n" + body)},
        {"beyond", says(whole + "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n<0>")},
        {"until_close", says_and_closes("HTTP/1.1 200 OK\r\n\r\n" + body)},
        {"nothing", says("HTTP/1.1 204 No Content\r\n\r\n")},
        {"half", says_and_closes(chunked)},
        {"gone", says_and_closes("")},
        {"reset", {"", false, true}},
        {"bad", says("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n")},
        {"silent", silence()},
        {"hidden", silence()},  // answered later
    };
    return all.at(how);
}

constexpr std::array ways{"whole",   "whole", "whole",  "dripped",     "chunked",
                          "interim", "last",  "beyond", "until_close", "nothing",
                          "half",    "gone",  "reset",  "bad",         "silent"};

struct client {
    std::unique_ptr<raw_peer> peer;
    std::vector<int> asked;  // since the connection was made
    std::string heard;
    bool has_hidden = false;  // a request in a body
};

class mixture {
public:
    mixture(unsigned seed, bool is_careless) : chance_(seed), clients_(6), is_careless_(is_careless) {
        shop_ = &f_.instance([this](int connection, const std::string& request) {
            if (request.starts_with("GET /hidden/")) late_.push_back(connection);
            return answer_to(request);
        });
        if (is_careless_) shop_->ignore_bodies();
    }

    void step() {
        auto& c = clients_[chance_() % clients_.size()];
        if (!late_.empty() && chance_() % 4 == 0) answer_late();
        switch (chance_() % 10) {
            case 0: return leave(c);
            case 1: return f_.w.time.advance(milliseconds(chance_() % 3'000));
            case 2:
            case 3: return read_all();
            default: return ask(c);
        }
    }

    void check_what_is_left() {
        f_.w.time.advance(seconds(40));
        f_.w.time.advance(seconds(40));
        read_all();
        for (auto& c : clients_) leave(c);
        f_.w.time.advance(seconds(2));
        CHECK(f_.metric(R"(distd_gateway_in_flight{service="Shop"})") == "0");
        CHECK(f_.metric("distd_http_requests_in_flight") == "1");  // the one that asks
        CHECK(f_.holds(f_.status(), R"("in_flight":0)"));
        std::set<std::string> recorded;
        for (const auto& line : f_.records) {
            const auto at = line.find(" path=");
            CHECK(recorded.insert(line.substr(at, line.find(' ', at + 1) - at)).second);
        }
        CHECK(recorded.size() > 500);
        CHECK(marks_ > 200);
        CHECK((late_answers_ > 20) == is_careless_);
        CHECK(shop_->open_connections() <= 6);
    }

private:
    void ask(client& c) {
        if (!c.peer) c.peer = std::make_unique<raw_peer>(port_of(f_.portal), [this] { f_.w.pump(); });
        c.asked.push_back(++number_);
        const auto target = std::string(ways[chance_() % ways.size()]) + "/" + std::to_string(number_);
        const bool is_post = chance_() % 4 == 0;
        const std::string body = is_careless_ ? hidden : "x";
        if (is_post) c.has_hidden = is_careless_;
        c.peer->send(
            (is_post ? "POST" : "GET") + (" /api/Shop/" + target) + " HTTP/1.1\r\nHost: localhost\r\n" +
            (is_post ? "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body : "\r\n"));
    }
    // To what was hidden in bodies, where the connection is still there.
    void answer_late() {
        for (const auto connection : std::exchange(late_, {})) {
            try {
                shop_->say(connection, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n<0>");
            } catch (const boost::system::system_error&) {
                continue;  // closed meanwhile
            }
            ++late_answers_;
        }
    }
    void leave(client& c) {
        if (c.peer && chance_() % 2 == 0) c.peer->reset();
        check(c);
        c = client();
    }
    void read_all() {
        for (auto& c : clients_) {
            while (c.peer && !c.peer->is_silent()) {
                const auto piece = c.peer->read_some();
                c.heard += piece;
                if (!piece.empty()) continue;
                check(c);
                c = client();
            }
        }
    }
    // Only of what this client asked, in that order, each at most once.
    void check(const client& c) {
        static const std::regex mark("<(\\d+)>");
        auto next = c.asked.begin();
        for (std::sregex_iterator m(c.heard.begin(), c.heard.end(), mark), end; m != end; ++m) {
            const auto number = std::stoi((*m)[1]);
            if (number == 0 && c.has_hidden) continue;
            next = std::find(next, c.asked.end(), number);
            REQUIRE(next != c.asked.end());
            ++next;
            ++marks_;
        }
    }

    gateway_fixture f_;
    std::mt19937 chance_;
    std::vector<client> clients_;
    bool is_careless_;
    std::vector<int> late_;  // connections on which something hidden waits for its answer
    int late_answers_ = 0;
    raw_server* shop_ = nullptr;
    int number_ = 0;
    int marks_ = 0;  // answers with a body
};

}  // namespace

TEST_CASE("answers reach the right client, once, whatever instances and clients do") {
    const bool is_careless = GENERATE(false, true);  // an instance that takes bodies for requests
    mixture m(GENERATE(range(1u, 7u)), is_careless);
    for (int i = 0; i < 1'500; ++i) m.step();
    m.check_what_is_left();
}
