#include "sdk/process/service_addresses.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>

#include "base/settings/options_values.hpp"

namespace distd {
namespace {

// What --listen or --advertise says: a value for each NAME=, and under "" the one without a name.
template <class Value>
class named_items {
public:
    // `parse` throws settings_error with the reason alone.
    named_items(std::string setting_name, std::string origin, const std::vector<listener>& listeners,
                const std::vector<std::string>& items, Value (*parse)(const std::string&))
        : setting_(std::move(setting_name)), origin_(std::move(origin)) {
        for (const auto& l : listeners) names_.push_back(l.name);
        for (const auto& item : items) add(item, parse);
    }

    // Null when nothing is said about it.
    [[nodiscard]] const Value* find(const std::string& name) const {
        const auto found = said_.find(name);
        return found == said_.end() ? nullptr : &found->second;
    }

    // The services that have no item of their own.
    [[nodiscard]] std::vector<std::string> unnamed() const {
        std::vector<std::string> out;
        for (const auto& name : names_) {
            if (find(name) == nullptr) out.push_back(name);
        }
        return out;
    }

    // One value cannot be meant for several services: which of them it is for must be said.
    [[noreturn]] void refuse_as_ambiguous(const std::string& item, const std::string& otherwise) const {
        refuse(item, "cannot stand for " + joined(unnamed(), ", ") + " alike; write " + unnamed().front() +
                         "=" + item + " for one of them" + otherwise);
    }

private:
    [[noreturn]] void refuse(const std::string& item, const std::string& reason) const {
        throw settings_error(value_place(setting_, item, origin_) + ": " + reason);
    }

    void add(const std::string& item, Value (*parse)(const std::string&)) {
        const auto mark = item.find_first_of("=:/[");  // behind the others, '=' belongs to an address
        const bool named = mark != std::string::npos && item[mark] == '=';
        const std::string name = named ? item.substr(0, mark) : std::string();
        if (named && std::find(names_.begin(), names_.end(), name) == names_.end()) {
            refuse(item, "'" + printable(name) + "' does not run in this process, only " +
                             joined(names_, ", ") + did_you_mean(name, names_));
        }
        if (find(name) != nullptr)
            refuse(item, "there is one before it for " + (named ? name : "every service"));
        try {
            said_.emplace(name, parse(named ? item.substr(mark + 1) : item));
        } catch (const settings_error& wrong) {
            refuse(item, wrong.what());
        }
    }

    std::string setting_;
    std::string origin_;
    std::vector<std::string> names_;
    std::map<std::string, Value> said_;
};

void check_distinct(const std::map<std::string, host_port>& listening) {
    std::map<std::string, std::string> taken;
    for (const auto& [name, where] : listening) {
        const auto [at, fresh] = taken.emplace(to_string(where), name);
        if (fresh || where.port == 0) continue;
        throw settings_error("--listen: " + at->second + " and " + name + " would both listen on " +
                             to_string(where) + "; give one of them another port");
    }
}

}  // namespace

std::map<std::string, host_port> resolve_listen(const std::vector<std::string>& items,
                                                const std::string& origin,
                                                const std::vector<listener>& listeners) {
    const named_items<host_port> said("listen", origin, listeners, items, parse_host_port);
    const host_port* general = said.find("");
    if (general != nullptr && general->port > 0 && said.unnamed().size() > 1) {
        said.refuse_as_ambiguous(to_string(*general), ", or leave the port out");
    }
    std::map<std::string, host_port> out;
    for (const listener& l : listeners) {
        const host_port* own = said.find(l.name);
        host_port where = parse_host_port(l.default_address);
        const auto take = [&where](const host_port& from, bool with_port) {
            if (!from.host.empty()) where.host = from.host;
            if (from.port >= 0 && with_port) where.port = from.port;
        };
        // A port that is not 0 is meant for the one role without an address of its own.
        if (general != nullptr) take(*general, own == nullptr || general->port == 0);
        if (own != nullptr) take(*own, true);
        out.emplace(l.name, where);
    }
    check_distinct(out);
    return out;
}

std::map<std::string, host_port> resolve_tls_listen(const std::vector<std::string>& items,
                                                    const std::string& origin,
                                                    const std::vector<listener>& listeners,
                                                    const std::map<std::string, host_port>& plain) {
    const named_items<host_port> said("tls-listen", origin, listeners, items, parse_host_port);
    const host_port* general = said.find("");
    if (general != nullptr && general->port != 0 && said.unnamed().size() > 1)
        said.refuse_as_ambiguous(to_string(*general), "");
    std::map<std::string, host_port> out;
    auto all = plain;
    for (const listener& l : listeners) {
        const host_port* own = said.find(l.name);
        if (own == nullptr) own = general;
        if (own == nullptr) continue;
        auto where = *own;
        if (where.port < 0)
            throw settings_error(value_place("tls-listen", to_string(where), origin) +
                                 ": there is no port; write " + where.host + ":443, or another one");
        if (where.host.empty()) where.host = parse_host_port(l.default_address).host;
        out.emplace(l.name, where);
        all.emplace(l.name + " with TLS", where);
    }
    check_distinct(all);
    return out;
}

std::map<std::string, std::string> resolve_advertise(const std::vector<std::string>& items,
                                                     const std::string& origin,
                                                     const std::vector<listener>& listeners) {
    const named_items<std::string> said("advertise", origin, listeners, items, parse_url);
    const std::string* general = said.find("");
    if (general != nullptr && said.unnamed().size() > 1) said.refuse_as_ambiguous(*general, "");
    std::map<std::string, std::string> out;
    for (const listener& l : listeners) {
        const std::string* own = said.find(l.name);
        if (own == nullptr) own = general;
        if (own != nullptr) out.emplace(l.name, *own);
    }
    return out;
}

void check_exposure(const std::string& name, const host_port& where, bool has_access_tokens, bool insecure) {
    if (has_access_tokens || insecure || is_loopback(where.host)) return;
    throw settings_error("--listen: " + name + " would listen on " + to_string(where) +
                         ", where other machines can reach it, without access tokens; set "
                         "--access-token-file=FILE, or listen on 127.0.0.1, or insist with --insecure");
}

void check_encryption(const std::string& name, const std::string& needs_tls, bool has_tls) {
    if (has_tls || needs_tls.empty()) return;
    throw settings_error(needs_tls + ": " + name + " does not listen with TLS; set --tls-listen=" + name +
                         "=HOST:PORT, and a certificate for it");
}

bool is_loopback(const std::string& host) {
    if (host == "localhost") return true;
    boost::system::error_code ec;
    const auto address = boost::asio::ip::make_address(host, ec);
    return !ec && address.is_loopback();
}

}  // namespace distd
