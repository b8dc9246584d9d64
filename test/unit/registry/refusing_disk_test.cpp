// A registry on a disk that refuses now and then, under random histories: verdicts are refused, overtaken and
// made durable later; the clock is set back; the registry is ended and started again at any moment, also
// while the disk refuses. The promises of patch_validator must hold, what is listed must be what was judged
// last, and neither an index nor the timeline may turn back.
#include <boost/asio/post.hpp>
#include <catch2/catch.hpp>
#include <random>

#include "base/task_group.hpp"
#include "role/registry/change_log.hpp"
#include "role/registry/core/directory.hpp"
#include "support/fake_time.hpp"
#include "support/loop_runner.hpp"
#include "support/patch_validator.hpp"
#include "support/temp_dir.hpp"

using namespace distd;
using namespace std::chrono_literals;
using namespace distd::registry;
using how = outbox::outcome;

namespace {

constexpr auto all_names = {"S0", "S1", "S2", "S3"};

// A registry's state with its journal and store, as `registry` puts them together.
class life {
public:
    life(test::loop_runner& r, test::fake_time& t, const std::filesystem::path& file, std::mt19937_64& random)
        : runner_(r),
          time_(t),
          store_(file),
          state(health_engine::rules{}, dispatcher::limits{}, [&random] { return random(); }),
          tasks_(r.loop.get_executor(), t) {
        auto kept = store_.load();
        change_log::origin from;
        was_in_doubt = from.in_doubt = kept.in_doubt;
        state.restore(std::move(kept), time_.now(), time_.wall());
        from.revision = state.revision();
        if (!state.events().all().empty()) from.at_ms = state.events().all().back().at_ms;
        change_log_ = std::make_unique<change_log>(
            store_, r.loop.get_executor(), t, from, [this](change& c) { return state.apply(c, time_.now()); },
            [this](const auto& urls, std::uint64_t index) { return state.restate(urls, index); });
        tasks_.spawn("journal", [this] { return change_log_->run(); });
    }
    ~life() {
        tasks_.cancel();
        runner_.run([this] { return ended(); });
    }
    life(const life&) = delete;
    life& operator=(const life&) = delete;

    // True when it was taken.
    bool commit(change c) {
        bool taken = false;
        runner_.run([&] { return commit_into(std::move(c), taken); });
        return taken;
    }
    void record(change c) {
        change_log_->record(std::move(c));
        runner_.run([this] { return idle(); });
    }
    void retry() {
        change_log_->restate();
        runner_.run([this] { return idle(); });
    }
    [[nodiscard]] bool is_unsure() const { return change_log_->is_unsure(); }
    // As a full disk does it: nothing can be written into the database any more.
    void refuse(bool on) {
        store_.database().run_script(on ? "PRAGMA query_only = ON" : "PRAGMA query_only = OFF");
    }
    [[nodiscard]] kept_state stored() { return store_.load(); }

private:
    task<> ended() { co_await tasks_.join_until(steady_point::max()); }
    task<> commit_into(change c, bool& taken) {
        const auto outcome = co_await change_log_->commit(std::move(c));
        taken = outcome.has_value();
    }
    task<> idle() {
        while (!change_log_->is_idle()) {
            auto ex = runner_.loop.get_executor();
            co_await boost::asio::post(ex, use_task);
        }
    }

    test::loop_runner& runner_;
    test::fake_time& time_;
    registry_store store_;

public:
    directory state;
    bool was_in_doubt = false;

private:
    std::unique_ptr<change_log> change_log_;
    task_group tasks_;
};

class history {
public:
    explicit history(unsigned seed) : time_(runner_.loop), random_(seed) { open(); }

    void run(int steps) {
        for (int i = 0; i < steps; ++i) {
            time_.jump(milliseconds(draw(60)));
            step();
            look();
        }
    }

    // There is room, all patches arrive, until nobody is owed one.
    void settle() {
        set_full(false);
        life_->retry();
        CHECK_FALSE(life_->is_unsure());
        while (!open_.empty()) finish_one(0, 0);
        for (int rounds = 0; patches().unsettled() > 0; ++rounds) {
            REQUIRE(rounds < 1000);
            time_.jump(10s);
            while (take_one()) finish_one(0, 0);
        }
        for (const auto* i : instances().all()) {
            std::set<test::patch_validator::entry> wanted;
            for (const auto& name : i->that.required_services)
                for (const auto& [url, provider] : instances().named(name))
                    if (provider->offered) wanted.emplace(name, url);
            validator_.expect_equal(i->that.url, wanted);
        }
        expect_promises_kept();
        expect_stored_as_shown();
    }

    void restart() {
        for (const auto& d : open_) {
            lose(d, draw(2) == 0);
            validator_.ended(d.sent.url);
        }
        open_.clear();
        const bool was_unsure = life_->is_unsure();
        const auto shown = life_->state.events().all();
        life_.reset();
        validator_.registry_restarted();
        open();
        if (draw(2) == 0) set_full(false);
        // What was shown is there, or the timeline says that it may not be.
        if (life_->was_in_doubt) {
            CHECK(was_unsure);
            adopt_verdicts();
        } else {
            CHECK(life_->state.events().all() == shown);
        }
    }

private:
    struct open_delivery {
        dispatcher::delivery sent;
        patch what;
        int life = 0;
    };

    [[nodiscard]] const catalog& instances() const { return life_->state.instances(); }
    [[nodiscard]] dispatcher& patches() { return life_->state.patches(); }

    void open() {
        life_ = std::make_unique<life>(runner_, time_, dir_ / "registry.db", random_);
        life_->refuse(is_full_);
    }

    void set_full(bool on) {
        is_full_ = on;
        life_->refuse(on);
    }

    void step() {
        const auto url = "u" + std::to_string(draw(12));
        switch (draw(20)) {
            case 0:
            case 1: enroll(url); break;
            case 2: withdraw(url); break;
            case 3:
            case 4:
            case 5: flip(url); break;
            case 6: lose_for_good(url); break;
            case 7: toggle_drain(url); break;
            case 8: note_settled(); break;
            case 9: life_->record(tidy_change{}); break;
            case 10: set_full(draw(2) == 0); break;
            case 11: life_->retry(); break;
            case 12:
                if (draw(4) == 0) time_.jump_wall(draw(2) == 0 ? milliseconds(1h) : milliseconds(-2h));
                break;
            case 13:
                if (draw(6) == 0) restart();
                break;
            case 14:
            case 15:
            case 16: take_one(); break;
            default:
                if (!open_.empty()) finish_one(draw(open_.size()), draw(6));
        }
    }

    // Nothing that readers see may turn back, restarts included.
    void look() {
        const auto& names = life_->state.names();
        expect_grown("", names.of_all());
        for (const auto* name : all_names) expect_grown(name, names.of(name));
        const auto& events = life_->state.events().all();
        const auto turns_back = [](const event& a, const event& b) {
            return a.index >= b.index || a.at_ms > b.at_ms;
        };
        REQUIRE(std::ranges::adjacent_find(events, turns_back) == events.end());
        if (!events.empty()) expect_grown("events", events.back().index);
        std::map<std::string, bool> listed;
        for (const auto* i : instances().all()) listed[i->that.url] = i->healthy;
        REQUIRE(listed == healthy_);
    }

    void expect_grown(const std::string& what, std::uint64_t index) {
        INFO("index of '" << what << "'");
        REQUIRE(index >= seen_[what]);
        seen_[what] = index;
    }

    void expect_promises_kept() {
        const auto& broken = validator_.broken_promises();
        INFO("first broken promise: " << (broken.empty() ? "" : broken.front()));
        REQUIRE(broken.empty());
    }

    void expect_stored_as_shown() {
        const auto kept = life_->stored();
        REQUIRE(kept.instances.size() == instances().size());
        for (const auto& k : kept.instances) {
            const auto* i = instances().find(k.that.url);
            REQUIRE(i);
            CHECK(k.that == i->that);
            CHECK(k.offered == i->healthy);
            CHECK(k.revision == i->revision);
            CHECK(k.modified == i->modified);
            CHECK(k.generation == i->generation);
            CHECK(k.drain.same_as(i->drain));
        }
        const auto& shown = life_->state.events().all();
        CHECK(std::ranges::equal(kept.events, shown));
    }

    void adopt_verdicts() {
        healthy_.clear();
        for (const auto* i : instances().all()) healthy_[i->that.url] = i->healthy;
    }

    void enroll(const std::string& url) {
        registration r{"S" + std::to_string(draw(4)), url, {}, url + "/services", ""};
        const auto* known = instances().find(url);
        if (known && draw(4) > 0) r.name = known->that.name;
        // A process that starts anew holds nothing, and requires what it likes: where it is refused it would
        // be another one than the registry knows.
        const bool starts_anew = !is_full_ && (!known || draw(2) == 0);
        if (starts_anew) {
            ++lives_[url];
            validator_.restarted(url);
            for (const auto* name : all_names)
                if (draw(2) == 0) r.required_services.emplace_back(name);
        } else if (known) {
            r.required_services = known->that.required_services;
        }
        if (!is_full_) validator_.registered(url);
        const bool taken = life_->commit(put_change{r, 0});
        REQUIRE(taken != is_full_);
        if (!taken) return;
        healthy_[url] = true;
        if (draw(3) == 0) expect_greeting(url);
    }

    // Whatever failed before, its patch goes out now, unless one is under way.
    void expect_greeting(const std::string& url) {
        const auto is_to_it = [&](const open_delivery& d) { return d.sent.url == url; };
        while (take_one()) {}
        INFO("first patch before the answer: " << url);
        REQUIRE(std::ranges::any_of(open_, is_to_it));
    }

    void withdraw(const std::string& url) {
        const bool is_known = instances().find(url) != nullptr;
        if (!is_full_) {
            ++lives_[url];
            if (is_known) validator_.restarted(url);
        }
        const bool taken = life_->commit(remove_change{url, 0, 0});
        if (taken) healthy_.erase(url);
    }

    void flip(const std::string& url) {
        const auto* i = instances().find(url);
        if (!i) return;
        healthy_[url] = !i->healthy;
        life_->record(offer_change{url, i->generation, !i->healthy, 0, "why"});
    }

    void lose_for_good(const std::string& url) {
        const auto* i = instances().find(url);
        if (!i || i->healthy || i->drain.holds()) return;
        healthy_.erase(url);
        life_->record(remove_change{url, i->generation, 0, "why"});
    }

    void toggle_drain(const std::string& url) {
        const auto* i = instances().find(url);
        if (i)
            static_cast<void>(life_->commit(
                drain_change{url, i->drain.holds() ? drain_note() : drain_note{1700, "why"}, 0}));
    }

    void note_settled() {
        for (auto& s : patches().take_settled())
            life_->record(settled_change{s.url, s.generation, life_->state.revision()});
    }

    // False when no patch is due.
    bool take_one() {
        const auto d = patches().take(time_.now());
        if (!d) return false;
        json_error error;
        const auto p = parse_patch(*d->text, error);
        REQUIRE(p);
        validator_.began(d->url);
        open_.push_back({*d, *p, lives_[d->url]});
        return true;
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
        patches().finish(d.sent, outcome, time_.now(), random_());
    }

    void lose(const open_delivery& d, bool was_applied) {
        validator_.answer_lost(d.sent.url, d.what, was_applied && d.life == lives_[d.sent.url]);
    }

    std::size_t draw(std::size_t below) { return random_() % below; }

    test::loop_runner runner_;
    test::fake_time time_;
    std::mt19937_64 random_;
    test::temp_dir dir_;
    std::unique_ptr<life> life_;
    bool is_full_ = false;
    test::patch_validator validator_;
    std::vector<open_delivery> open_;
    std::map<std::string, int> lives_;
    std::map<std::string, bool> healthy_;  // as it was judged last
    std::map<std::string, std::uint64_t> seen_;
};

}  // namespace

TEST_CASE(
    "whatever a disk refuses, and whenever the registry ends, lists come right and nothing turns back") {
    const auto seed = GENERATE(range(1U, 17U));
    CAPTURE(seed);
    history h(seed);
    for (int i = 0; i < 4; ++i) {
        h.run(200);
        h.settle();
        if (i % 2 == 1) h.restart();
    }
}
