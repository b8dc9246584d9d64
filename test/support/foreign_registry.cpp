#include "support/foreign_registry.hpp"

#include <algorithm>

#include "support/foreign_json.hpp"

namespace distd::test {
namespace {

constexpr int attempts = 3;

std::string patch_text(const std::string& list, const std::vector<foreign_registry::entry>& entries) {
    std::string items;
    for (const auto& e : entries)
        items += (items.empty() ? "" : ",") + ("{\"Name\":" + foreign_quoted(e.name)) +
                 ",\"URL\":" + foreign_quoted(e.url) + "}";
    const auto other = list == "Added" ? "Removed" : "Added";
    return "{\"" + list + "\":" + (items.empty() ? "null" : "[" + items + "]") + ",\"" + other + "\":null}";
}

foreign_registry::entry entry_from(const std::string& body) {
    const auto json = foreign_parse(body);
    foreign_registry::entry e;
    e.name = foreign_text(json, "ServiceName");
    e.url = foreign_text(json, "ServiceURL");
    for (const auto& r : foreign_list(json, "RequiredServices"))
        if (r.is_string()) e.required.emplace_back(r.get_string());
    e.update_url = foreign_text(json, "ServiceUpdateURL");
    e.heartbeat_url = foreign_text(json, "HeartbeatURL");
    return e;
}

bool requires_name(const foreign_registry::entry& e, const std::string& name) {
    return std::ranges::find(e.required, name) != e.required.end();
}

}  // namespace

foreign_registry::foreign_registry(int heartbeat_ms, int retry_ms)
    : heartbeat_ms_(heartbeat_ms),
      retry_ms_(retry_ms),
      server_([this](const foreign_request& q) { return answer(q); }) {}

void foreign_registry::start(std::uint16_t port) {
    listed_.clear();
    probes_passed_ = 0;
    caller_ = std::make_unique<foreign_caller>();
    server_.start(port);
    beats_ = std::thread([this] { beat(); });
}

void foreign_registry::stop() {
    if (!caller_) return;
    caller_->close();
    beats_.join();
    server_.stop();
    for (auto& t : threads_) t.join();
    threads_.clear();
    caller_.reset();
    listed_.clear();
}

int foreign_registry::times_listed(const std::string& name) const {
    const std::lock_guard lock(mutex_);
    return static_cast<int>(std::ranges::count(listed_, name, &entry::name));
}

int foreign_registry::posts() const {
    const std::lock_guard lock(mutex_);
    return posts_;
}

int foreign_registry::probes_passed() const {
    const std::lock_guard lock(mutex_);
    return probes_passed_;
}

foreign_answer foreign_registry::answer(const foreign_request& q) {
    if (q.target != "/services") return {404, "404 page not found\n"};
    if (q.method == "POST") return enroll(q.body);
    if (q.method == "DELETE") return remove(q.body);
    return {405};
}

foreign_answer foreign_registry::enroll(const std::string& body) {
    const auto e = entry_from(body);
    if (e.name.empty() || e.url.empty()) return {400};
    append(e);
    {
        const std::lock_guard lock(mutex_);
        ++posts_;
    }
    foreign_answer answer{send_what_it_requires(e) ? 200 : 400};  // it stays on the list all the same
    if (restarts_next_.exchange(false)) answer.then = [this] { forget_everything(); };
    return answer;
}

void foreign_registry::forget_everything() {
    {
        const std::lock_guard lock(mutex_);
        listed_.clear();
    }
    drop_connections();
}

void foreign_registry::append(const entry& e) {
    {
        const std::lock_guard lock(mutex_);
        listed_.push_back(e);
    }
    tell_others("Added", e);
}

foreign_answer foreign_registry::remove(const std::string& url) {
    if (take_off(url)) return {200};
    return {404, "service at URL " + url + " not found"};
}

bool foreign_registry::take_off(const std::string& url) {
    entry gone;
    {
        const std::lock_guard lock(mutex_);
        const auto found = std::ranges::find(listed_, url, &entry::url);
        if (found == listed_.end()) return false;
        gone = *found;
        listed_.erase(found);
    }
    tell_others("Removed", gone);
    return true;
}

bool foreign_registry::send_what_it_requires(const entry& e) {
    std::vector<entry> known;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& other : listed_)
            if (requires_name(e, other.name)) known.push_back(other);
    }
    return e.update_url.empty() ||
           caller_->call("POST", e.update_url, patch_text("Added", known)).status == 200;
}

void foreign_registry::tell_others(const std::string& list, const entry& e) {
    const std::lock_guard lock(mutex_);
    for (const auto& other : listed_) {
        if (!requires_name(other, e.name) || other.update_url.empty()) continue;
        threads_.emplace_back([this, to = other.update_url, text = patch_text(list, {e})] {
            static_cast<void>(caller_->call("POST", to, text));
        });
    }
}

void foreign_registry::beat() {
    while (!caller_->closed()) {
        std::vector<entry> now;
        {
            const std::lock_guard lock(mutex_);
            now = listed_;
        }
        std::list<std::thread> probes;
        for (const auto& e : now) probes.emplace_back([this, &e] { probe(e); });
        for (auto& p : probes) p.join();
        caller_->pause(heartbeat_ms_);
    }
}

void foreign_registry::probe(const entry& e) {
    if (e.heartbeat_url.empty()) return;
    bool lost = false;
    for (int attempt = 0; attempt < attempts && !caller_->closed(); ++attempt) {
        if (caller_->call("GET", e.heartbeat_url).status == 200) {
            if (lost) append(e);
            const std::lock_guard lock(mutex_);
            ++probes_passed_;
            return;
        }
        if (!lost && !caller_->closed()) take_off(e.url);
        lost = true;
        caller_->pause(retry_ms_);
    }
}

}  // namespace distd::test
