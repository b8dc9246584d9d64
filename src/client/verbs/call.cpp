// distd call: curl at an instance of a service, found by its name.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "client/system/context.hpp"
#include "client/system/names.hpp"
#include "client/system/verb_failure.hpp"
#include "client/verbs/verbs.hpp"
#include "http/message/url.hpp"

namespace distd::ops::client {
namespace {

// What curl will send, as far as the proof has to say it.
std::string method_of(const std::vector<std::string>& options) {
    std::string method = "GET";
    for (std::size_t i = 0; i < options.size(); ++i) {
        const auto& o = options[i];
        const bool has_next = i + 1 < options.size();
        if ((o == "-X" || o == "--request") && has_next) return options[i + 1];
        if (o.starts_with("-X") && o.size() > 2) return o.substr(2);
        if (o.starts_with("--request=")) return o.substr(10);
        if (o == "-I" || o == "--head") method = "HEAD";
        if (o == "-T" || o == "--upload-file") method = "PUT";
        if (o == "-G" || o == "--get") return "GET";
        if (o.starts_with("-d") || o.starts_with("--data") || o.starts_with("--json") ||
            o.starts_with("-F") || o.starts_with("--form"))
            method = "POST";
    }
    return method;
}

// Fields that nobody else may see, in a file that has no name: curl reads its settings from it.
int hidden_settings(const std::string& text) {
    const int fd = ::memfd_create("distd-call", 0);  // it is to be inherited
    if (fd < 0) return -1;
    if (::write(fd, text.data(), text.size()) != static_cast<ssize_t>(text.size())) return -1;
    ::lseek(fd, 0, SEEK_SET);
    return fd;
}

[[noreturn]] void become_curl(std::vector<std::string> words) {
    std::vector<char*> argv;
    for (auto& w : words) argv.push_back(w.data());
    argv.push_back(nullptr);
    ::execvp("curl", argv.data());
    throw verb_failure(
        exit_code::cannot_reach,
        "curl cannot be started: " + std::string(std::strerror(errno)) + "\ninstall it: apt install curl");
}

task<int> run_call(context& c) {
    const auto all = co_await ask_registered(c);
    const auto& who = c.given.words()[0];
    auto path = c.given.words()[1];
    if (!path.starts_with('/')) path.insert(path.begin(), '/');
    const auto found = find_instances(all, who);
    const auto base = addresses_of(found, found.front().name).front();
    std::string error;
    const auto url = http::split_url(base + path, error);
    if (!url) throw verb_failure(exit_code::wrong_use, error);
    const auto method = method_of(c.given.rest());
    auto settings = "header = \"X-Distd-Actor: " + c.roles.where().actor + "\"\n";
    if (const auto proof = c.roles.authorization({method, url->target, url->authority()}); !proof.empty())
        settings += "header = \"Authorization: " + proof + "\"\n";
    const int fd = hidden_settings(settings);
    std::vector<std::string> words{"curl", "-sS"};
    if (fd >= 0) words.insert(words.end(), {"-K", "/dev/fd/" + std::to_string(fd)});
    words.push_back(base + path);
    words.insert(words.end(), c.given.rest().begin(), c.given.rest().end());
    become_curl(std::move(words));
}

}  // namespace

verb describe_call() {
    verb v;
    v.name = "call";
    v.form = "NAME|URL|NAME/2 PATH [CURL-OPTION...]";
    v.summary = "Call a service by its name: curl at one of its instances that is up";
    v.details =
        "What follows the path is curl's. Where there are access tokens the call carries a proof, which is "
        "on no "
        "command line. The exit code is curl's.";
    v.min_words = v.max_words = 2;
    v.words = word_kind::instance;
    v.takes_rest = true;
    v.examples = {{"distd call LogService /heartbeat", "one GET"},
                  {"distd call GradingService /students -i", "with curl's -i"}};
    v.run = &run_call;
    return v;
}

}  // namespace distd::ops::client
