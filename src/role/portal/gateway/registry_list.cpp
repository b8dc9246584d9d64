#include "role/portal/gateway/registry_list.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "base/ip_address.hpp"
#include "http/message/registered_url.hpp"
#include "http/message/url.hpp"
#include "sdk/process/service_addresses.hpp"
#include "sdk/role_services.hpp"
#include "wire/header_names.hpp"
#include "wire/service_names.hpp"

namespace distd::portal {
namespace {

constexpr seconds wait_at_registry{30};
constexpr seconds pause_after_failure{2};
constexpr seconds pause_without_index{3};  // a registry that does not offer to wait
constexpr milliseconds answer_deadline{5'000};
constexpr std::size_t max_list_bytes = 64 << 20;
constexpr auto needed_fields =
    "ServiceName,ServiceURL,Tags,Weight,Zone,Version,Health,Guarded,Drained,"
    "Proven,Unproven,CertificateSha256";

struct written_instance {
    std::string ServiceName;
    std::string ServiceURL;
    std::vector<std::string> Tags;
    std::optional<int> Weight;
    std::string Zone;
    std::string Version;
    std::string Health;
    std::string CertificateSha256;
    bool Guarded = false;
    bool Drained = false;
    bool Proven = false;
    bool Unproven = false;
};
BOOST_DESCRIBE_STRUCT(written_instance, (),
                      (ServiceName, ServiceURL, Tags, Weight, Zone, Version, Health, CertificateSha256,
                       Guarded, Drained, Proven, Unproven))

std::string find_console(const std::vector<listed_instance>& all) {
    const auto is_console = [](const listed_instance& i) { return i.name == wire::console_service; };
    const auto found = std::ranges::find_if(all, is_console);
    if (found == all.end() || std::ranges::count_if(all, is_console) > 1) return {};
    const auto where = http::split_peer_url(found->facts.url);
    const bool is_reliable = found->is_offered && found->proof == wire::url_proof::confirmed;
    return is_reliable && where && is_loopback(where->host) ? http::base_url_of(found->facts.url)
                                                            : std::string();
}

}  // namespace

std::optional<std::vector<listed_instance>> parse_listed(std::string_view text, std::string& error) {
    json_error why;
    const auto written = from_json<std::vector<written_instance>>(text, why);
    if (!written) {
        error = why.text;
        return std::nullopt;
    }
    std::vector<listed_instance> list;
    for (const auto& w : *written) {
        if (w.ServiceName.empty()) continue;
        const bool is_offered = !w.Drained && (w.Health != "lost" || w.Guarded);
        // Somebody else may have tagged a URL that is not its own.
        const bool tagged =
            !w.Unproven && std::find(w.Tags.begin(), w.Tags.end(), exposing_tag) != w.Tags.end();
        const auto proof = w.Proven     ? wire::url_proof::confirmed
                           : w.Unproven ? wire::url_proof::none
                                        : wire::url_proof::vouched_for;
        const auto weight = static_cast<double>(w.Weight.value_or(1));
        list.push_back({w.ServiceName, {w.ServiceURL, weight, w.Zone, w.Version}, proof, tagged, is_offered});
        list.back().facts.certificate_sha256 = w.CertificateSha256;
    }
    return list;
}

registry_list::registry_list(service& s, std::function<void()> on_change)
    : service_(s), on_change_(std::move(on_change)) {}

task<> registry_list::watch() {
    for (;;) {
        if (registries_of(service_).empty()) {
            co_await sleep_for(service_.time(), wait_at_registry);
            continue;
        }
        const auto pause = co_await ask_once();
        if (pause.count() > 0) co_await sleep_for(service_.time(), pause);
    }
}

task<seconds> registry_list::ask_once() {
    const auto& registries = registries_of(service_);
    const auto base = registries[registry_ % registries.size()];
    http::call c("GET", base + "/services");
    c.answer_limit = max_list_bytes;
    c.deadline = answer_deadline;
    c.url += list_query();
    if (index_ != 0) c.deadline += wait_at_registry + wait_at_registry / 8;
    const auto answer = co_await service_.http().send(std::move(c));
    // One of an earlier version shows all fields.
    if (answer && answer->status == 400 && std::exchange(asks_for_fields_, false)) co_return seconds(0);
    std::string error;
    std::optional<std::vector<listed_instance>> list;
    if (!answer)
        error = "it does not answer: " + answer.error().message();
    else if (answer->status != 200)
        error = "it answers with " + std::to_string(answer->status);
    else
        list = parse_listed(answer->body, error);
    if (!list) {
        note_trouble("the registry at " + base + ": " + error);
        index_ = 0;
        asks_for_fields_ = true;
        ++registry_;
        co_return pause_after_failure;
    }
    if (away_since_) service_.log().info("gateway_registry_back", {{"registry", base}});
    away_since_.reset();
    trouble_.clear();
    const auto index = wire::read_index(answer->headers.find(wire::index_header));
    index_ = index;
    take_list(std::move(*list), answer->headers.find(wire::registry_id_header));
    co_return index != 0 ? seconds(0) : pause_without_index;
}

// Only what is used here: what others put into their registrations beside it is no concern of the gateway.
std::string registry_list::list_query() const {
    std::string query;
    const auto add = [&query](const std::string& parameter) {
        query.append(query.empty() ? "?" : "&").append(parameter);
    };
    if (asks_for_fields_) add(std::string("fields=") + needed_fields);
    if (index_ != 0) {
        add("index=" + std::to_string(index_));
        add("wait=" + std::to_string(wait_at_registry.count()) + "s");
    }
    return query;
}

void registry_list::note_trouble(std::string why) {
    if (!away_since_) {
        away_since_ = service_.time().wall();
        service_.log().warn("gateway_registry_away",
                            {{"reason", why}, {"consequence", "known instances stay in use"}});
    }
    trouble_ = std::move(why);
}

// A registry that came up without its data knows nobody yet; who registers by itself will do so again, and
// others never. So of its list only those names count that are in it; for all others what was known before.
void registry_list::take_list(std::vector<listed_instance> list, std::string_view data_id) {
    const bool is_same_data = !data_id.empty() && data_id == data_id_;
    if (list.empty() && has_list_ && !is_same_data) return;
    if (!data_id_.empty() && !data_id.empty() && data_id != data_id_) {
        service_.log().warn("gateway_registry_forgot", {{"consequence", "known instances stay in use"}});
        before_loss_ = std::move(listed_);
    }
    if (!data_id.empty()) data_id_ = data_id;
    has_list_ = has_list_ || !list.empty();
    listed_ = std::move(list);
    std::set<std::string, std::less<>> known;
    for (const auto& i : listed_) known.insert(i.name);
    std::erase_if(before_loss_, [&](const auto& i) { return known.contains(i.name); });
    listed_.insert(listed_.end(), before_loss_.begin(), before_loss_.end());
    console_ = find_console(listed_);
    on_change_();
}

}  // namespace distd::portal
