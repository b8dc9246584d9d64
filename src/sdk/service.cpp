// The public face of a service: remembers what its author says, and hands on to what runs behind it.
#include <distd/service.hpp>

#include <algorithm>

#include "base/assert.hpp"
#include "base/random.hpp"
#include "sdk/service_impl.hpp"

namespace distd {

service::service(std::string name, int argc, char** argv) : impl_(std::make_unique<impl>(std::move(name))) {
    impl_->arguments.assign(argv + std::min(argc, 1), argv + argc);
    impl_->folder = impl_->name;
    std::replace(impl_->folder.begin(), impl_->folder.end(), '/', '_');
}

service::service(std::unique_ptr<impl> i) : impl_(std::move(i)) {}

service::~service() = default;

service& service::listens_on(std::string address) {
    impl_->default_address = std::move(address);
    return *this;
}

service& service::depends_on(std::string service_name) {
    impl_->depends_on.push_back(std::move(service_name));
    return *this;
}

service& service::option(setting row) {
    impl_->own_settings.push_back(std::move(row));
    return *this;
}

service& service::tagged(std::string tag) {
    impl_->tags.push_back(std::move(tag));
    return *this;
}

service& service::version(std::string text) {
    impl_->version = std::move(text);
    return *this;
}

service& service::unregistered() {
    impl_->registers = false;
    return *this;
}

service& service::waits_for_dependencies() {
    impl_->waits_for_dependencies = true;
    return *this;
}

service& service::configured_by(std::string directory, configuration_handler changed) {
    if (!directory.empty() && directory.back() != '/') directory += '/';
    impl_->configurations.push_back({std::move(directory), std::move(changed)});
    return *this;
}

service& service::route(http::verb method, std::string path, http::handler h, http::route_options o) {
    if (method == http::verb::post && path == "/services") impl_->is_registry = true;
    impl_->routes.add({method, std::move(path), std::move(h), o});
    return *this;
}

service& service::get(std::string path, http::handler h, http::route_options o) {
    return route(http::verb::get, std::move(path), std::move(h), o);
}
service& service::post(std::string path, http::handler h, http::route_options o) {
    return route(http::verb::post, std::move(path), std::move(h), o);
}
service& service::put(std::string path, http::handler h, http::route_options o) {
    return route(http::verb::put, std::move(path), std::move(h), o);
}
service& service::patch(std::string path, http::handler h, http::route_options o) {
    return route(http::verb::patch, std::move(path), std::move(h), o);
}
service& service::del(std::string path, http::handler h, http::route_options o) {
    return route(http::verb::del, std::move(path), std::move(h), o);
}

service& service::background(std::string name, std::function<task<>()> factory) {
    impl_->background.push_back({std::move(name), std::move(factory)});
    return *this;
}

service& service::on_drain(std::function<task<>()> step) {
    impl_->drain_steps.push_back(std::move(step));
    return *this;
}

service& service::health(std::function<std::string()> reason) {
    impl_->health_checks.push_back(std::move(reason));
    return *this;
}

service& service::on_log_line(std::function<void(log_level, std::string_view record)> take) {
    impl_->line_tap = std::move(take);
    return *this;
}

const std::string& service::name() const noexcept { return impl_->name; }
const logger& service::log() const { return *impl_->log; }
distd::metrics& service::metrics() noexcept { return impl_->counters; }
time_source& service::time() const noexcept { return impl_->host().time; }
http::client& service::http() const { return impl_->host().client; }
executor service::loop() const noexcept { return impl_->host().loop; }
std::string service::url() const { return impl_->url; }
bool service::stopping() const noexcept { return impl_->stopping; }

std::string service::data_dir() const {
    if (!impl_->dir) {
        const auto& root = impl_->host().config.text("data-dir");
        impl_->dir = std::make_unique<distd::data_dir>(impl_->host().storage, root + "/" + impl_->folder);
    }
    return impl_->dir->path();
}

void service::spawn(std::string name, std::function<task<>()> factory) {
    DISTD_ASSERT(impl_->tasks);
    impl_->tasks->spawn(std::move(name), std::move(factory));
}

std::vector<std::string> service::providers(std::string_view service_name) const {
    return impl_->providers.list(service_name);
}

std::optional<std::string> service::pick(std::string_view service_name) const {
    return impl_->providers.pick(service_name, random_u64());
}

task<result<http::reply>> service::send_to(std::string service_name, http::call c) {
    return impl_->send_to(std::move(service_name), std::move(c));
}

task<bool> service::wait_for(std::string service_name, milliseconds span) {
    announcer::listener news(impl_->provider_changes, impl_->host().loop, impl_->host().time);
    const auto deadline = impl_->host().time.now() + span;
    while (!impl_->providers.has(service_name))
        if (co_await news.bell.wait_until(deadline)) co_return impl_->providers.has(service_name);
    co_return true;
}

}  // namespace distd
