// The registry's whole state under random histories: services come, go, restart, register twice, lose patches
// and answers; the registry itself is killed at any moment and goes on from its store. The promises of
// patch_validator must hold.
#include "role/registry/core/directory.hpp"

#include <catch2/catch.hpp>
#include <random>

#include "role/registry/registry_store.hpp"
#include "support/patch_validator.hpp"
#include "support/temp_dir.hpp"

using namespace distd;
using namespace std::chrono_literals;
using namespace distd::registry;
using how = outbox::outcome;

namespace {

class history {
public:
    explicit history(unsigned seed) : random_(seed) { open(); }

    void run(int steps) {
        for (int i = 0; i < steps; ++i) step();
    }

    // All patches arrive from now on, until nobody is owed one.
    void settle() {
        while (!open_.empty()) finish_one(0, 0);
        for (int rounds = 0; directory_->patches().unsettled() > 0; ++rounds) {
            REQUIRE(rounds < 1000);
            now_ += 10s;
            while (take_one()) finish_one(0, 0);
        }
        for (const auto* i : directory_->instances().all()) {
            std::set<test::patch_validator::entry> wanted;
            for (const auto& name : i->that.required_services)
                for (const auto& [provider_url, provider] : directory_->instances().named(name))
                    if (provider->offered) wanted.emplace(name, provider_url);
            validator_.expect_equal(i->that.url, wanted);
        }
        INFO("first broken promise: "
             << (validator_.broken_promises().empty() ? "" : validator_.broken_promises().front()));
        REQUIRE(validator_.broken_promises().empty());
    }

    void crash() {
        for (const auto& d : open_) {
            lose(d, draw(2) == 0);
            validator_.ended(d.sent.url);
        }
        open_.clear();
        const auto before = seen_by_readers();
        directory_.reset();
        store_->database().commit();
        store_.reset();
        validator_.registry_restarted();
        open();
        REQUIRE(seen_by_readers() == before);
    }

    // Indexes and the timeline: the store keeps what the memory knows.
    [[nodiscard]] std::string seen_by_readers() const {
        const auto& names = directory_->names();
        auto seen = std::to_string(names.of_all());
        for (const auto* name : {"S0", "S1", "S2", "S3", "nobody"})
            seen += " " + std::string(name) + "=" + std::to_string(names.of(name));
        for (const auto& e : directory_->events().all()) seen += "\n" + event_as_json(e);
        return seen;
    }

    void note_settled() {
        for (auto& s : directory_->patches().take_settled())
            make(settled_change{s.url, s.generation, directory_->revision()});
    }

    // False when no patch is due.
    bool take_one() {
        const auto d = directory_->patches().take(now_);
        if (!d) return false;
        json_error error;
        const auto p = parse_patch(*d->text, error);
        REQUIRE(p);
        validator_.began(d->url);
        open_.push_back({*d, *p, lives_[d->url]});
        return true;
    }

    [[nodiscard]] std::size_t instances() const { return directory_->instances().size(); }

private:
    struct open_delivery {
        dispatcher::delivery sent;
        patch what;
        int life = 0;
    };

    void open() {
        store_ = std::make_unique<registry_store>(dir_ / "registry.db");
        directory_ = std::make_unique<directory>(health_engine::rules{}, dispatcher::limits{},
                                                 [this] { return random_(); });
        const auto kept = store_->load();
        revision_ = kept.revision;
        directory_->restore(kept, now_, wall_point());
        store_->database()
            .begin();  // one transaction for a life: what is tested is the content, not the disk
    }

    void step() {
        now_ += milliseconds(draw(300));
        const auto url = "u" + std::to_string(draw(12));
        switch (draw(16)) {
            case 15: give_up(url); break;
            case 14: toggle_drain(url); break;
            case 0:
            case 1: enroll(url); break;
            case 2: withdraw(url); break;
            case 3:
            case 4: flip(url); break;
            case 5: note_settled(); break;
            case 6: make(tidy_change{}); break;
            case 7:
                if (draw(12) == 0) crash();
                break;
            case 8:
            case 9:
            case 10: take_one(); break;
            default:
                if (!open_.empty()) finish_one(draw(open_.size()), draw(6));
        }
    }

    void enroll(const std::string& url) {
        registration r{"S" + std::to_string(draw(4)), url, {}, url + "/services", ""};
        // Mostly the same again; now and then under another name.
        const auto* known = directory_->instances().find(url);
        if (known && draw(4) > 0) r.name = known->that.name;
        const auto vanished = vanished_.extract(url);
        if (vanished && draw(3) > 0) {
            r.required_services = vanished.mapped();
        } else if (!known || draw(2) == 0) {
            ++lives_[url];
            validator_.restarted(url);
            for (const auto* name : {"S0", "S1", "S2", "S3"})
                if (draw(2) == 0) r.required_services.emplace_back(name);
        } else {
            r.required_services = known->that.required_services;  // a process requires the same all its life
        }
        validator_.registered(url);
        make(put_change{r, ++revision_});
    }

    void withdraw(const std::string& url) {
        ++lives_[url];
        if (directory_->instances().find(url)) validator_.restarted(url);
        make(remove_change{url, 0, ++revision_});
    }

    // It lives on, and keeps what it holds.
    void give_up(const std::string& url) {
        const auto* i = directory_->instances().find(url);
        if (!i) return;
        vanished_[url] = i->that.required_services;
        make(remove_change{url, i->generation, ++revision_});
    }

    void flip(const std::string& url) {
        const auto* i = directory_->instances().find(url);
        if (i) make(offer_change{url, i->generation, !i->healthy, ++revision_});
    }

    void toggle_drain(const std::string& url) {
        const auto* i = directory_->instances().find(url);
        if (!i) return;
        make(drain_change{url, i->drain.holds() ? drain_note() : drain_note{1700, "why"}, ++revision_});
    }

    void make(const change& c) {
        store_->apply(c);
        directory_->apply(c, now_);
    }

    void finish_one(std::size_t which, std::size_t luck) {
        const auto d = open_[which];
        open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(which));
        auto outcome = how::arrived;
        if (luck == 4) outcome = how::refused;
        if (luck == 5) outcome = how::in_doubt;
        // Whoever it was meant for is not there any more.
        if (d.life != lives_[d.sent.url] && outcome == how::arrived) outcome = how::in_doubt;
        if (outcome == how::arrived) validator_.applied(d.sent.url, d.what);
        if (outcome == how::in_doubt) lose(d, draw(2) == 0);
        validator_.ended(d.sent.url);
        directory_->patches().finish(d.sent, outcome, now_, random_());
    }

    void lose(const open_delivery& d, bool was_applied) {
        validator_.answer_lost(d.sent.url, d.what, was_applied && d.life == lives_[d.sent.url]);
    }

    std::size_t draw(std::size_t below) { return random_() % below; }

    std::mt19937_64 random_;
    test::temp_dir dir_;
    steady_point now_{1h};
    std::uint64_t revision_ = 0;
    std::unique_ptr<registry_store> store_;
    std::unique_ptr<directory> directory_;
    test::patch_validator validator_;
    std::vector<open_delivery> open_;
    std::map<std::string, int> lives_;
    std::map<std::string, std::vector<std::string>> vanished_;  // with what they require
};

}  // namespace

TEST_CASE(
    "patches keep their promises under random kills, losses and restarts of subscribers and of the "
    "registry") {
    const auto seed = GENERATE(range(1U, 25U));
    CAPTURE(seed);
    history h(seed);
    for (int i = 0; i < 5; ++i) {
        h.run(200);
        h.settle();
    }
}

TEST_CASE("a registry that restarts without a loss sends nothing to those who were up to date") {
    history h(7);
    h.run(300);
    h.settle();
    h.note_settled();
    h.crash();
    CHECK(h.instances() > 0);
    CHECK_FALSE(h.take_one());
}

TEST_CASE("a registry that restarts before it noted who was up to date brings all up to date again") {
    history h(8);
    h.run(300);
    h.settle();
    h.crash();
    CHECK(h.take_one());
    h.settle();
}
