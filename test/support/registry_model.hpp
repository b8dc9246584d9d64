// A registry as a service meets it, on fake time: it appends what it is sent without looking (a foreign one)
// or keeps one entry per URL and can be asked (one of ours). It sends heartbeats, dies, comes back with or
// without its memory, hangs.
#pragma once

#include <algorithm>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <distd/http.hpp>
#include <functional>
#include <list>
#include <string>
#include <vector>

#include "http/client/peer_watch.hpp"
#include "wire/registration.hpp"

namespace distd::test {

class registry_model final : public http::client {
public:
    enum class kind : std::uint8_t { foreign, ours };

    registry_model(kind k, executor ex, time_source& time) : kind_(k), loop_(ex), time_(time) {}

    // What tests set.
    bool up = true;
    bool hangs = false;              // accepts, never answers
    bool takes_then_breaks = false;  // remembers a registration, and loses the connection before its answer
    bool beats = true;
    bool keeps_connections = true;
    bool refuses_parameters = false;  // of a question, as a version that does not know them yet
    std::string last_question;
    bool ignores_questions = false;       // accepts a GET, never answers it
    bool breaks_off_withdrawals = false;  // a DELETE ends its connection, and nothing else
    milliseconds answers_after{0};        // a registration, which it has taken by then
    milliseconds can_be_tied_after{0};
    int refuse_with = 0;              // this status instead of 200 to a registration
    std::function<void()> heartbeat;  // the probe as the service hears it

    // What they look at.
    std::vector<std::string> listed;
    int posts = 0;
    int deletes = 0;
    int asked = 0;
    int peer_watches = 0;

    void kill() {
        up = false;
        cut_connections();
    }
    void start(bool with_memory) {
        up = true;
        if (!with_memory) listed.clear();
    }
    void restart(bool with_memory) {
        kill();
        start(with_memory);
    }
    void cut_connections() {
        for (auto* end : peer_watches_) end->wake();
    }
    void probe(const std::string& url) const {
        if (up && beats && std::ranges::find(listed, url) != listed.end() && heartbeat) heartbeat();
    }
    [[nodiscard]] auto times_listed(const std::string& url) const { return std::ranges::count(listed, url); }

    task<result<http::reply>> send(http::call c) override {
        if (!up) co_return errc::unreachable;
        if (hangs) {
            co_await sleep_for(time_, c.deadline);
            co_return errc::timed_out;
        }
        if (c.method == "POST") {
            auto taken = enroll(c);
            if (answers_after > milliseconds(0))
                co_await sleep_for(time_, std::min(answers_after, c.deadline));
            if (answers_after > c.deadline) co_return errc::timed_out;
            co_return taken;
        }
        if (c.method == "DELETE") co_return withdraw(c);
        ++asked;
        last_question = c.url;
        if (refuses_parameters && c.url.find('?') != c.url.npos) co_return answer(400);
        if (ignores_questions) {
            co_await sleep_for(time_, c.deadline);
            co_return errc::timed_out;
        }
        co_return look_up();
    }

    task<http::peer_watch_end> hold(http::peer_watch_setup, std::function<void()> held) {
        if (!up) co_return http::peer_watch_end::unreachable;
        if (!keeps_connections) co_return http::peer_watch_end::not_kept;
        if (can_be_tied_after > milliseconds(0)) co_await sleep_for(time_, can_be_tied_after);
        ++peer_watches;
        held();
        alarm_clock end(loop_, time_);
        const auto place = peer_watches_.insert(peer_watches_.end(), &end);
        struct leave_list {
            std::list<alarm_clock*>& list;
            std::list<alarm_clock*>::iterator place;
            ~leave_list() { list.erase(place); }
        } guard{peer_watches_, place};
        co_await end.wait();
        co_return http::peer_watch_end::lost;
    }

private:
    result<http::reply> enroll(const http::call& c) {
        ++posts;
        json_error error;
        const auto r = parse_registration(c.body, error);
        if (!r) return answer(400);
        if (refuse_with != 0) return answer(refuse_with);
        if (kind_ == kind::ours) std::erase(listed, r->url);
        listed.push_back(r->url);
        if (takes_then_breaks) return errc::connection_lost;
        return answer(200);
    }
    result<http::reply> withdraw(const http::call& c) {
        ++deletes;
        if (breaks_off_withdrawals) return errc::connection_lost;
        const auto found = std::ranges::find(listed, c.body);
        if (found == listed.end()) return answer(404);
        listed.erase(found);
        return answer(200);
    }
    result<http::reply> look_up() const {
        if (kind_ == kind::foreign) return answer(405);
        std::string body = "[";
        for (const auto& url : listed)
            body += (body.size() > 1 ? R"(,{"ServiceURL":")" : R"({"ServiceURL":")") + url + "\"}";
        return answer(listed.empty() ? 404 : 200, body + "]");
    }
    [[nodiscard]] http::reply answer(int status, std::string body = {}) const {
        http::reply r;
        r.status = status;
        r.body = std::move(body);
        if (kind_ == kind::ours) r.headers.add("X-Distd-Registry", "e1");
        return r;
    }

    kind kind_;
    executor loop_;
    time_source& time_;
    std::list<alarm_clock*> peer_watches_;
};

}  // namespace distd::test
