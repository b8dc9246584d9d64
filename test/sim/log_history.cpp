#include "sim/log_history.hpp"

#include <algorithm>
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

constexpr std::size_t senders = 8;
constexpr int max_tries = 6;
constexpr const char* address = "127.0.0.1:4000";
constexpr const char* journal_of_process = "/log/log/journal";

// Lines that are sent together. Times are counted in events: only their order matters.
struct batch {
    std::string id;
    int lines = 0;
    int under_way = 0;
    int tries = 0;
    std::uint64_t first_sent = 0;
    std::uint64_t answered = 0;  // with 200 for the first time; 0: not
    bool is_denied = false;      // the last answer was that nothing was stored, and no other try is open

    [[nodiscard]] std::string name_of(int line) const { return id + "-" + std::to_string(line); }
};
using batch_ptr = std::shared_ptr<batch>;

class history {
public:
    explicit history(world& w)
        : world_(w),
          service_(
              w, "log", "log",
              {std::string("--listen=") + address, "--registry=http://127.0.0.9:1", "--drain-timeout=1s"}) {}

    void run() {
        service_.begin();
        look_again_and_again();
        for (std::size_t i = 0; i < senders; ++i) send_next();
        for (auto rounds = 1 + world_.draws.below(3); rounds > 0; --rounds) {
            service_.trouble(span(world_.draws, 5s, 60s), [] {});
            service_.heal();
            world_.run_for(30s);
        }
        is_over_ = true;
        world_.run_for(60s);
        // What a disk once did not give back, it gives to the next process.
        service_.restart();
        looks_ = 0;
        look();
        world_.run_for(30s);
        if (looks_ == 0) throw broken_promise("a log is read");
    }

private:
    void send_next();
    void send(const batch_ptr&);
    void answered(const batch_ptr&, const peer_answer&);
    void look_again_and_again();
    void look();
    void read(const std::string& lines, std::uint64_t asked);
    void check_order(const std::vector<batch_ptr>&) const;
    [[nodiscard]] bool is_kept_as_damaged(const std::string& line);
    [[nodiscard]] std::string url(const std::string& path) const {
        return std::string("http://") + address + path;
    }

    world& world_;
    troubled_process service_;
    std::vector<batch_ptr> batches_;
    std::map<std::string, batch_ptr> by_line_;
    std::uint64_t events_ = 0;
    bool is_over_ = false;
    int looks_ = 0;
};

// A sender sends lines, again and again until they are there or nobody cares any more, and then the next
// ones.
void history::send_next() {
    if (is_over_) return;
    const auto one = std::make_shared<batch>();
    one->id = "b" + std::to_string(batches_.size());
    one->lines = static_cast<int>(world_.draws.between(1, 5));
    batches_.push_back(one);
    for (int i = 0; i < one->lines; ++i) by_line_[one->name_of(i)] = one;
    send(one);
}

void history::send(const batch_ptr& one) {
    if (one->tries == 0) one->first_sent = ++events_;
    ++one->under_way;
    ++one->tries;
    one->is_denied = false;
    std::string body;
    for (int i = 0; i < one->lines; ++i)
        body += (i == 0 ? "[" : ",") + (R"({"service":"A","message":")" + one->name_of(i)) + "\"}";
    const peer_call c{"POST", url("/log"), body + "]", "X-Batch-Id: " + one->id + "\r\n",
                      span(world_.draws, 50ms, 20s)};
    ask(world_.outside, world_.time, c, [this, one](const peer_answer& a) { answered(one, a); });
}

void history::answered(const batch_ptr& one, const peer_answer& a) {
    --one->under_way;
    world_.note(one->id + " is answered " + std::to_string(a.status));
    if (a.status == 409) throw broken_promise("batches are deduplicated: " + one->id + " is refused");
    if (a.status == 200 && one->answered == 0) one->answered = ++events_;
    if (a.status != 200 && a.status != 0 && a.body.find("othing was stored") != a.body.npos)
        one->is_denied = one->tries == 1;
    const bool is_done = one->answered > 0 ? !world_.draws.one_in(4) : one->tries > max_tries;
    world_.after(span(world_.draws, 1ms, 20s), [this, one, is_done] {
        if (is_over_) return;
        if (!is_done) return send(one);
        // An old one is sent again once more, by somebody who missed the answer.
        world_.draws.one_in(3) ? send(pick(world_.draws, batches_)) : send_next();
    });
}

void history::look_again_and_again() {
    look();
    if (!is_over_) world_.after(4s, [this] { look_again_and_again(); });
}

void history::look() {
    const auto whole_log = url("/log?service=A&order=oldest&limit=1000000");
    const auto asked = ++events_;
    ask(world_.outside, world_.time, {"GET", whole_log, {}, {}, 30s}, [this, asked](const peer_answer& a) {
        if (a.status == 200 && a.body.find("\"_incomplete\"") == a.body.npos) read(a.body, asked);
    });
}

// `asked`: when these lines were asked for.
void history::read(const std::string& lines, std::uint64_t asked) {
    ++looks_;
    std::map<std::string, int> found;
    std::vector<batch_ptr> in_order;
    std::uint64_t last_seq = 0;
    for (std::size_t at = 0, end = 0; (end = lines.find('\n', at)) != lines.npos; at = end + 1) {
        const auto line = std::string_view(lines).substr(at, end - at);
        const auto value = [&](std::string_view name, char until) {
            const auto start = line.find(name);
            if (start == line.npos) throw broken_promise("damage is never data: " + std::string(line));
            const auto rest = line.substr(start + name.size());
            return std::string(rest.substr(0, rest.find(until)));
        };
        const auto seq = std::stoull(value(R"("seq":)", ','));
        const auto message = value(R"("message":")", '"');
        const auto sent = by_line_.find(message);
        if (sent == by_line_.end()) throw broken_promise("damage is never data: " + std::string(line));
        if (seq <= last_seq) throw broken_promise("lines in order: " + std::string(line));
        last_seq = seq;
        const bool is_repeated = ++found[message] > 1;
        if (is_repeated && world_.has_taken("id memory full")) continue;  // it may have been forgotten
        if (is_repeated && service_.could_always_read())                  // the ids, too
            throw broken_promise("batches are deduplicated: " + message + " is there twice");
        in_order.push_back(sent->second);
    }
    if (service_.could_always_read()) check_order(in_order);
    for (const auto& one : batches_)
        for (int i = 0; i < one->lines; ++i) {
            const auto name = one->name_of(i);
            const bool is_there = found[name] > 0;
            if (is_there && one->is_denied && one->under_way == 0)
                throw broken_promise("\"not stored\" is definite: " + name + " is there");
            const bool must_be = one->answered != 0 && one->answered < asked && service_.could_read_all();
            if (must_be && !is_there && !is_kept_as_damaged(name))
                throw broken_promise("durable 200: " + name + " is not there");
        }
}

// What was answered before something else was sent stands before it.
void history::check_order(const std::vector<batch_ptr>& in_order) const {
    std::uint64_t sent = 0;  // the latest of those before
    for (const auto& one : in_order) {
        if (one->answered != 0 && one->answered < sent)
            throw broken_promise("lines in order: " + one->id +
                                 " stands behind what was sent after its answer");
        sent = std::max(sent, one->first_sent);
    }
}

// Of a segment that could not be read when it was sealed, the file is kept.
bool history::is_kept_as_damaged(const std::string& line) {
    auto& disk = world_.disk_of("log");
    if (service_.could_always_read()) return false;
    const auto files = disk.list(journal_of_process);
    if (!files) return true;  // it is down again, or fails to read now: nobody knows
    for (const auto& file : *files) {
        if (file.extension() != ".damaged") continue;
        const auto in = disk.open(file, disk::mode::read);
        if (!in) return true;
        const auto size = (*in)->size();
        if (!size) return true;
        std::string text(static_cast<std::size_t>(*size), '\0');
        const auto got = (*in)->read_at(0, text.data(), text.size());
        if (!got || *got < text.size() || text.find("\"" + line + "\"") != text.npos) return true;
    }
    return false;
}

}  // namespace

void run_log_history(world& w) { history(w).run(); }

}  // namespace distd::sim
