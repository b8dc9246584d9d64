#include "support/foreign_service.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "support/foreign_json.hpp"

namespace distd::test {
namespace {

int next_order() {
    static std::atomic<int> last = 0;
    return ++last;
}

// In the order of the fields of a registration.
std::array<std::string_view, 5> field_names(field_spelling s) {
    switch (s) {
        case field_spelling::camel:
            return {"serviceName", "serviceURL", "requiredServices", "serviceUpdateURL", "heartbeatURL"};
        case field_spelling::snake:
            return {"service_name", "service_url", "required_services", "service_update_url",
                    "heartbeat_url"};
        case field_spelling::pascal: break;
    }
    return {"ServiceName", "ServiceURL", "RequiredServices", "ServiceUpdateURL", "HeartbeatURL"};
}

std::vector<foreign_entry> entries(const boost::json::value& patch, std::string_view list) {
    std::vector<foreign_entry> out;
    for (const auto& e : foreign_list(patch, list))
        out.push_back({foreign_text(e, "Name"), foreign_text(e, "URL")});
    return out;
}

foreign_answer books(const foreign_request& q) {
    if (q.target != "/books") return {404, "404 page not found\n"};
    if (q.method != "GET") return {405};
    return {200, R"([{"ID":1,"Name":"Go"},{"ID":2,"Name":"Python"}])", "application/json"};
}

}  // namespace

foreign_service::foreign_service(foreign_setup s)
    : setup_(std::move(s)),
      server_([this](const foreign_request& q) { return answer(q); }),
      worker_([this] { work(); }) {}

foreign_service::~foreign_service() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
        asked_.notify_all();
    }
    caller_.close();
    worker_.join();
    server_.stop();
}

void foreign_service::start(std::uint16_t port) { server_.start(port); }
void foreign_service::stop() { server_.stop(); }

std::string foreign_service::url() const {
    return (setup_.with_scheme ? "http://" : "") + setup_.host + ":" + std::to_string(server_.port());
}

std::string foreign_service::base_url() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }

std::string foreign_service::registration() const {
    const auto names = field_names(setup_.spelling);
    const auto own = "http://" + setup_.host + ":" + std::to_string(server_.port());
    std::string text = "{";
    const auto add = [&](std::string_view name, const std::string& value) {
        text += (text.size() > 1 ? "," : "") + foreign_quoted(std::string(name)) + ":" + value;
    };
    add(names[0], foreign_quoted(setup_.name));
    add(names[1], foreign_quoted(url()));
    std::string list;
    for (const auto& r : setup_.required) list += (list.empty() ? "" : ",") + foreign_quoted(r);
    if (!list.empty() || setup_.without_required == empty_lists::as_arrays)
        add(names[2], "[" + list + "]");
    else if (setup_.without_required == empty_lists::null)
        add(names[2], "null");
    if (!setup_.update_path.empty()) add(names[3], foreign_quoted(own + setup_.update_path));
    if (!setup_.heartbeat_path.empty()) add(names[4], foreign_quoted(own + setup_.heartbeat_path));
    return text + "}";
}

void foreign_service::work() {
    std::unique_lock lock(mutex_);
    for (;;) {
        asked_.wait(lock, [this] { return ending_ || !to_do_.empty(); });
        if (ending_) return;
        const auto next = std::move(to_do_.front());
        to_do_.pop_front();
        busy_ = true;
        lock.unlock();
        next();
        lock.lock();
        busy_ = false;
    }
}

void foreign_service::ask(std::function<void()> what) {
    const std::lock_guard lock(mutex_);
    to_do_.push_back(std::move(what));
    asked_.notify_all();
}

bool foreign_service::idle() const {
    const std::lock_guard lock(mutex_);
    return to_do_.empty() && !busy_;
}

void foreign_service::request(const std::string& method, const std::string& url, const std::string& body,
                              const std::string& type) {
    heard_answer heard;
    heard.asked = std::chrono::steady_clock::now();
    auto reply = caller_.call(method, url, body, type);
    heard.answered = std::chrono::steady_clock::now();
    heard.status = reply.status;
    heard.body = std::move(reply.body);
    heard.order = next_order();
    const std::lock_guard lock(mutex_);
    answers_[method].push_back(std::move(heard));
}

void foreign_service::enroll(const std::string& registry_url) {
    ask([this, registry_url] {
        request("POST", registry_url + "/services", registration(), "application/json");
        const auto known = providers("LogService");
        const std::lock_guard lock(mutex_);
        log_provider_ = known.empty() ? std::nullopt : std::optional(known.front());
    });
}

void foreign_service::leave(const std::string& registry_url) {
    for (int time = 0; time < 2; ++time)
        ask([this, registry_url] { request("DELETE", registry_url + "/services", url(), "text/plain"); });
}

void foreign_service::log(const std::string& text) {
    ask([this, text] {
        const auto provider = log_provider();
        if (provider)
            request("POST", *provider + "/log", "[" + setup_.name + "] - " + text + "\n", "text/plain");
    });
}

void foreign_service::send(const std::string& method, const std::string& url, const std::string& body) {
    ask([this, method, url, body] { request(method, url, body, "application/json"); });
}

std::optional<foreign_answer> foreign_service::answer(const foreign_request& q) {
    if (!setup_.update_path.empty() && q.target == setup_.update_path) return take_patch(q);
    if (!setup_.heartbeat_path.empty() && q.target == setup_.heartbeat_path) {
        ++heartbeats_;
        if (heartbeat_ == mood::hanging) return std::nullopt;
        return foreign_answer{heartbeat_ == mood::well ? 200 : 500};
    }
    return setup_.business ? setup_.business(q) : books(q);
}

std::optional<foreign_answer> foreign_service::take_patch(const foreign_request& q) {
    if (q.method != "POST") return foreign_answer{405};
    const auto now = update_.load();
    if (now != mood::well) ++unanswered_patches_;
    if (now == mood::failing) return foreign_answer{500};
    if (now == mood::hanging) return std::nullopt;
    const auto patch = foreign_parse(q.body);
    if (!patch.is_object()) return foreign_answer{400};
    apply({next_order(), std::chrono::steady_clock::now(), entries(patch, "Added"), entries(patch, "Removed"),
           q.body});
    if (now == mood::deaf) return std::nullopt;
    return foreign_answer{200};
}

void foreign_service::apply(heard_patch p) {
    const std::lock_guard lock(mutex_);
    for (const auto& e : p.added) {
        auto& urls = providers_[e.name];
        if (std::ranges::find(urls, e.url) != urls.end()) ++added_twice_;
        urls.push_back(e.url);
    }
    for (const auto& e : p.removed) {
        auto& urls = providers_[e.name];
        const auto found = std::ranges::find(urls, e.url);
        if (found == urls.end())
            ++removed_unheld_;
        else
            urls.erase(found);
    }
    patches_.push_back(std::move(p));
}

std::vector<heard_answer> foreign_service::answers(const std::string& method) const {
    const std::lock_guard lock(mutex_);
    const auto found = answers_.find(method);
    return found == answers_.end() ? std::vector<heard_answer>() : found->second;
}

bool foreign_service::registered() const {
    const auto posts = answers("POST");
    return idle() && !posts.empty() && posts.back().status == 200;
}

std::vector<heard_patch> foreign_service::patches() const {
    const std::lock_guard lock(mutex_);
    return patches_;
}

std::vector<std::string> foreign_service::providers(const std::string& name) const {
    const std::lock_guard lock(mutex_);
    const auto found = providers_.find(name);
    return found == providers_.end() ? std::vector<std::string>() : found->second;
}

std::optional<std::string> foreign_service::log_provider() const {
    const std::lock_guard lock(mutex_);
    return log_provider_;
}

int foreign_service::added_twice() const {
    const std::lock_guard lock(mutex_);
    return added_twice_;
}

int foreign_service::removed_unheld() const {
    const std::lock_guard lock(mutex_);
    return removed_unheld_;
}

}  // namespace distd::test
