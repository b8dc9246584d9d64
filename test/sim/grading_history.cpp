#include "sim/grading_history.hpp"

#include <boost/json.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/drawn.hpp"
#include "sim/peer_http.hpp"
#include "sim/troubled_process.hpp"

namespace distd::sim {
namespace {

using namespace std::chrono_literals;
namespace json = boost::json;

constexpr std::size_t clerks = 8;
constexpr std::size_t students = 4;
constexpr const char* address = "127.0.0.1:6000";

// One grade that somebody wants to be there.
struct entry {
    std::string key;
    std::size_t student = 0;
    int under_way = 0;
    int tries = 0;
    bool is_answered = false;  // with 201
    bool is_denied = false;    // the last answer was that nothing was stored, and no other try is open
    std::string first_answer;
};

class history {
public:
    explicit history(world& w)
        : world_(w),
          service_(
              w, "grading", "grading",
              {std::string("--listen=") + address, "--registry=http://127.0.0.9:1", "--drain-timeout=1s"}) {}

    void run() {
        service_.begin();
        for (std::size_t i = 0; i < students; ++i) enroll_student(i);
        if (!world_.run_until([this] { return enrolled_ == students; }, 60s))
            throw broken_promise("a grade book takes students");
        look_again_and_again();
        for (std::size_t i = 0; i < clerks; ++i) work();
        for (auto rounds = 1 + world_.draws.below(3); rounds > 0; --rounds) {
            service_.trouble(span(world_.draws, 5s, 60s), [] {});
            service_.heal();
            world_.run_for(30s);
        }
        is_over_ = true;
        world_.run_for(60s);
        look();
        world_.run_for(10s);
        if (looks_ == 0) throw broken_promise("a grade book is read");
    }

private:
    void enroll_student(std::size_t i);
    void work();
    void enter(const std::shared_ptr<entry>&);
    void answered(const std::shared_ptr<entry>&, const peer_answer&);
    void look_again_and_again();
    void look();
    void read(const peer_answer&);
    [[nodiscard]] std::string url(const std::string& path) const {
        return std::string("http://") + address + path;
    }

    world& world_;
    troubled_process service_;
    std::size_t enrolled_ = 0;
    std::vector<std::shared_ptr<entry>> entries_;
    bool is_over_ = false;
    int looks_ = 0;
};

void history::enroll_student(std::size_t i) {
    const peer_call c{"POST", url("/students"),
                      R"({"FirstName":"S","LastName":"N)" + std::to_string(i) + "\"}",
                      "Idempotency-Key: s" + std::to_string(i) + "\r\n"};
    ask(world_.outside, world_.time, c, [this, i](const peer_answer& a) {
        if (a.status == 201) return void(++enrolled_);
        world_.after(1s, [this, i] { enroll_student(i); });
    });
}

// A clerk enters a grade, again and again until it is there or nobody cares any more, and then the next one.
void history::work() {
    if (is_over_) return;
    const auto one = std::make_shared<entry>();
    one->key = "k" + std::to_string(entries_.size());
    one->student = 1 + world_.draws.below(students);
    entries_.push_back(one);
    enter(one);
}

void history::enter(const std::shared_ptr<entry>& one) {
    ++one->under_way;
    ++one->tries;
    one->is_denied = false;
    const peer_call c{"POST", url("/students/" + std::to_string(one->student) + "/grades"),
                      R"({"Title":")" + one->key + R"(","Type":"Quiz","Score":50})",
                      "Idempotency-Key: " + one->key + "\r\n", span(world_.draws, 50ms, 20s)};
    ask(world_.outside, world_.time, c, [this, one](const peer_answer& a) { answered(one, a); });
}

void history::answered(const std::shared_ptr<entry>& one, const peer_answer& a) {
    --one->under_way;
    world_.note(one->key + " is answered " + std::to_string(a.status));
    if (a.status == 201) {
        if (one->is_answered && a.body != one->first_answer)
            throw broken_promise("idempotent retries: " + one->key + " was answered " + one->first_answer +
                                 ", then " + a.body);
        one->is_answered = true;
        one->first_answer = a.body;
    } else if (a.status != 0 && a.body.find("othing was stored") != a.body.npos) {
        one->is_denied = one->tries == 1;
    }
    const bool is_done = one->is_answered ? !world_.draws.one_in(4) : one->tries > 6;
    const auto pause = span(world_.draws, 1ms, 20s);
    world_.after(pause, [this, one, is_done] {
        if (!is_done && !is_over_) return enter(one);
        // An old one is sent again once more, by somebody who missed the answer.
        if (world_.draws.one_in(3) && !is_over_)
            enter(pick(world_.draws, entries_));
        else
            work();
    });
}

void history::look_again_and_again() {
    look();
    if (!is_over_) world_.after(2s, [this] { look_again_and_again(); });
}

void history::look() {
    ask(world_.outside, world_.time, {"GET", url("/students")}, [this](const peer_answer& a) {
        if (a.status == 200) read(a);
    });
}

void history::read(const peer_answer& a) {
    ++looks_;
    std::map<std::string, int> found;
    const auto parsed = json::parse(a.body);
    for (const auto& student : parsed.as_array())
        for (const auto& grade : student.at("Grades").as_array())
            ++found[std::string(grade.at("Title").as_string())];
    for (const auto& one : entries_) {
        const auto times = found[one->key];
        if (times > 1) throw broken_promise("idempotent retries: " + one->key + " is there twice");
        if (one->is_answered && times == 0)
            throw broken_promise("durable 200: " + one->key + " is not there");
        if (one->is_denied && one->under_way == 0 && times > 0)
            throw broken_promise("\"not stored\" is definite: " + one->key + " is there");
    }
}

}  // namespace

void run_grading_history(world& w) { history(w).run(); }

}  // namespace distd::sim
