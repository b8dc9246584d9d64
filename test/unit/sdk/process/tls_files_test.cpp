// Which certificates are taken from files, and what becomes of them and of the ticket keys while a process
// runs.
#include "sdk/process/tls_files.hpp"

#include <sys/stat.h>

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <optional>
#include <utility>

#include "base/logging/log_sink.hpp"
#include "sdk/process/host_settings.hpp"
#include "support/fake_time.hpp"
#include "support/forwarding_disk.hpp"
#include "support/record_text.hpp"
#include "support/temp_dir.hpp"
#include "support/test_certificate.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;

namespace {

constexpr std::time_t day = 86400;
constexpr std::time_t now = 1'800'000'000;  // as the fake time has it

struct counting_disk final : forwarding_disk {
    counting_disk() : forwarding_disk(real_disk()) {}
    int syncs = 0;

private:
    struct counting_file final : forwarding_file {
        counting_file(std::unique_ptr<file> that, int& n) : forwarding_file(std::move(that)), syncs(n) {}
        result<> sync() override {
            ++syncs;
            return forwarding_file::sync();
        }
        int& syncs;
    };
    std::unique_ptr<file> wrapped(const path&, std::unique_ptr<file> that) override {
        return std::make_unique<counting_file>(std::move(that), syncs);
    }
    result<> flush_directory(const path&) override {
        ++syncs;
        return {};
    }
};

struct scene {
    scene() {
        log->tap("distd", [this](log_level, std::string_view line) { lines += record_text(line) + "\n"; });
    }
    void write(const std::string& name, const std::string& text, mode_t mode = 0600) {
        const std::string file = dir / name;
        std::ofstream(file) << text;
        REQUIRE(::chmod(file.c_str(), mode) == 0);
    }
    certificate_files both(const std::string& name) { return {dir / name, dir / name}; }
    std::string problem(const certificate_files& f) {
        try {
            static_cast<void>(read_certificate(f));
            return {};
        } catch (const settings_error& e) {
            return e.what();
        }
    }
    void open(const std::vector<certificate_files>& all) {
        files.emplace(all, std::vector<certificate_source>(), dir / "data", storage, loop.get_executor(),
                      time, logger(log, "distd"), m);
    }
    std::string shown(std::size_t which = 0) {
        return files->server()->certificates()[which]->facts().sha256;
    }
    std::string metric(const std::string& name) {
        const auto text = m.prometheus_text();
        const auto at = text.find("\n" + name + "{");
        return text.substr(at + 1, text.find('\n', at + 1) - at - 1);
    }

    temp_dir dir;
    counting_disk storage;
    boost::asio::io_context loop;
    fake_time time{loop};
    std::string lines;
    std::shared_ptr<log_sink> log = std::make_shared<log_sink>(log_sink::setup{.descriptor = -1}, time);
    metrics m;
    std::optional<tls_files> files;
    const test_certificate a{{.names = {"a.example"}}};
    const test_certificate b{{.names = {"b.example"}}};
};

}  // namespace

TEST_CASE_METHOD(scene, "a pair is one file, or two, and a key is nobody else's") {
    write("pair", a.pair());
    CHECK(problem(both("pair")).empty());
    write("cert", a.certificate(), 0644);
    write("key", a.key(), 0640);
    CHECK(problem({dir / "cert", dir / "key"}).empty());
    write("key", a.key(), 0644);
    CHECK_THAT(problem({dir / "cert", dir / "key"}), Contains("--tls-key-file") && Contains("chmod 600"));
    write("pair", a.pair(), 0644);
    CHECK_THAT(problem(both("pair")), Contains("--tls-cert-file") && Contains("chmod 600"));
    write("cert", a.certificate(), 0666);
    CHECK_THAT(problem({dir / "cert", dir / "key"}), Contains("answer in our place"));
    CHECK_THAT(problem(both("gone")), Contains("cannot be read"));
}

TEST_CASE_METHOD(scene, "a pair that does not work is refused by its files and the reason") {
    write("cert", a.certificate());
    write("key", b.key());
    CHECK_THAT(problem({dir / "cert", dir / "key"}),
               Contains(dir / "cert") && Contains(dir / "key") && Contains("not the certificate's"));
    CHECK_THROWS_WITH(open({{dir / "cert", dir / "key"}}), Contains("not the certificate's"));
}

TEST_CASE_METHOD(scene,
                 "a start with a pair that is over, or whose time has not come, shows it and says so") {
    const bool is_over = GENERATE(true, false);
    const std::string reason = is_over ? "its time is over" : "its time has not come yet";
    const test_certificate first({.names = {"a"},
                                  .from = is_over ? now - 10 * day : now + day,
                                  .until = is_over ? now - 1 : now + 90 * day});
    write("pair", first.pair());
    open({both("pair")});
    CHECK(shown() == first.sha256());
    CHECK_THAT(lines, Contains("certificate_not_valid") && Contains(reason));
    CHECK(files->state().at(0).invalid == reason);
    CHECK_THAT(metric("distd_tls_certificate_refused"), Contains("} 1"));
    write("pair", a.pair());
    files->look();
    CHECK(shown() == a.sha256());
    CHECK(files->state().at(0).invalid.empty());
    CHECK_THAT(metric("distd_tls_certificate_refused"), Contains("} 0"));
    write("pair", first.pair());
    files->look();
    CHECK(shown() == a.sha256());
    CHECK_THAT(lines, Contains("certificate_kept"));
}

TEST_CASE_METHOD(scene, "a new pair is shown without a restart, a bad one is named and changes nothing") {
    write("one", a.pair());
    write("two", b.pair());
    open({both("one"), both("two")});
    CHECK(shown(0) == a.sha256());
    const test_certificate next({.names = {"a.example"}, .until = now + 30 * day});
    write("one", next.pair());
    files->look();
    CHECK(shown(0) == next.sha256());
    CHECK(shown(1) == b.sha256());
    CHECK_THAT(lines, Contains("certificate_exchanged") && Contains("a.example"));
    CHECK_THAT(metric("distd_tls_certificate_days_left"), Contains("one") && Contains(" 30"));
    lines.clear();
    write("one", next.certificate() + b.key());
    files->look();
    files->look();
    CHECK(shown(0) == next.sha256());
    CHECK_THAT(lines, Contains("certificate_kept") && Contains("not the certificate's"));
    CHECK(std::count(lines.begin(), lines.end(), '\n') == 1);
    CHECK_THAT(metric("distd_tls_certificate_refused"), Contains("one") && Contains("} 1"));
    const auto state = files->state();
    REQUIRE(state.size() == 2);
    CHECK(state[0].file == dir / "one");
    CHECK(state[0].names == std::vector<std::string>{"a.example"});
    CHECK(state[0].days_left == 30);
    CHECK_THAT(state[0].problem, Contains("not the certificate's"));
    CHECK(state[1].problem.empty());
    std::filesystem::remove(dir / "one");
    files->look();
    CHECK(shown(0) == next.sha256());
    write("one", a.pair());
    files->look();
    CHECK(shown(0) == a.sha256());
    CHECK_THAT(metric("distd_tls_certificate_refused"), Contains("} 0"));
}

TEST_CASE_METHOD(scene, "a new pair whose time has not come yet is shown once it has") {
    write("pair", a.pair());
    open({both("pair")});
    const test_certificate next({.names = {"a.example"}, .from = now + 3600});
    write("pair", next.pair());
    for (int i = 0; i < 3; ++i) files->look();
    CHECK(shown() == a.sha256());
    CHECK_THAT(lines, Contains("certificate_kept") && Contains("its time has not come yet"));
    CHECK(std::count(lines.begin(), lines.end(), '\n') == 1);
    time.jump_wall(milliseconds(3600 * 1000));
    files->look();
    CHECK(shown() == next.sha256());
    CHECK_THAT(metric("distd_tls_certificate_refused"), Contains("} 0"));
}

TEST_CASE_METHOD(scene, "of two certificates for one name the one that is good now is shown") {
    const test_certificate over({.names = {"a.example"}, .from = now - 90 * day, .until = now - 1});
    const test_certificate wild({.names = {"*.example"}, .until = now + 10 * day});
    const test_certificate later({.names = {"a.example"}, .from = now - day, .until = now + 90 * day});
    write("over", over.pair());
    write("wild", wild.pair());
    open({both("over"), both("wild")});
    const auto shown_to_a = [&] { return files->server()->shown_to("a.example").facts().sha256; };
    CHECK(shown_to_a() == wild.sha256());
    CHECK(files->server()->shown_to("unknown.test").facts().sha256 == wild.sha256());
    CHECK(files->state().at(0).file == dir / "over");
    int exchanges = 0;
    files->on_exchange([&] { ++exchanges; });
    files->look();
    CHECK(exchanges == 0);
    time.jump_wall(milliseconds(11 * day * 1000));
    files->look();
    CHECK(shown_to_a() == over.sha256());  // neither is good any more
    CHECK(exchanges == 1);
    write("wild", later.pair());
    files->look();
    CHECK(shown_to_a() == later.sha256());
}

TEST_CASE_METHOD(scene,
                 "a certificate of another's is shown before a file's that is over, once it is issued") {
    const test_certificate over({.names = {"a.example"}, .from = now - 90 * day, .until = now - 1});
    write("pair", over.pair());
    const auto issued = std::make_shared<const http::tls_certificate>(a.certificate(), a.key());
    issuing_state how;
    const certificate_source source{[&] { return issued; },
                                    [&] {
                                        certificate_state s;
                                        s.issuing = how;
                                        return s;
                                    },
                                    [] { return http::tls_challenges(); }};
    files.emplace(std::vector{both("pair")}, std::vector{source}, dir / "data", storage, loop.get_executor(),
                  time, logger(log, "distd"), m);
    CHECK(shown() == over.sha256());
    how.is_issued = true;
    files->look_at_others();
    CHECK(shown() == a.sha256());
}

TEST_CASE_METHOD(scene, "names that a new pair is no longer for are said") {
    write("pair", test_certificate({.names = {"a.example", "localhost", "*.shop.example"}}).pair());
    open({both("pair")});
    write("pair", test_certificate({.names = {"*.example", "127.0.0.1"}}).pair());
    files->look();
    CHECK_THAT(lines, Contains("certificate_names_lost") && Contains("\"localhost, *.shop.example\""));
    lines.clear();
    write("pair", test_certificate({.names = {"127.0.0.1", "*.example", "localhost"}}).pair());
    files->look();
    CHECK_THAT(lines, Contains("certificate_exchanged") && !Contains("certificate_names_lost"));
}

TEST_CASE_METHOD(scene, "two files are exchanged one after the other") {
    write("cert", a.certificate());
    write("key", a.key());
    open({{dir / "cert", dir / "key"}});
    write("cert", b.certificate());
    files->look();
    CHECK(shown() == a.sha256());
    write("key", b.key());
    files->look();
    CHECK(shown() == b.sha256());
}

TEST_CASE_METHOD(scene, "the end of a certificate is said some days before, once each") {
    write("pair", test_certificate({.names = {"a"}, .until = now + 10 * day}).pair());
    open({both("pair")});
    files->look();
    files->look();
    CHECK(std::count(lines.begin(), lines.end(), '\n') == 1);
    CHECK_THAT(lines, Contains("certificate_ends"));
    lines.clear();
    time.jump_wall(milliseconds(8 * day * 1000));
    files->look();
    files->look();
    CHECK(std::count(lines.begin(), lines.end(), '\n') == 1);
    time.jump_wall(milliseconds(day * 1000));
    files->look();
    CHECK(std::count(lines.begin(), lines.end(), '\n') == 2);
}

TEST_CASE_METHOD(scene, "the roots of a file are taken, and one without any is refused by its name") {
    const auto roots = [&](const std::string& file) {
        return roots_of(settings_parser(host_settings()).parse({{"--tls-ca-file=" + file}, {}}));
    };
    write("roots", a.certificate(), 0644);
    CHECK(roots(dir / "roots") == a.certificate());
    write("roots", a.key(), 0644);
    CHECK_THROWS_WITH(roots(dir / "roots"), Contains("--tls-ca-file=") && Contains("no certificate"));
    CHECK_THROWS_WITH(roots(dir / "gone"), Contains("cannot be read"));
}

TEST_CASE_METHOD(scene,
                 "ticket keys outlive a restart, are renewed, and are shared by who shares the folder") {
    write("pair", a.pair());
    open({both("pair")});
    const std::string kept = dir / "data/tls-tickets";
    const auto text = [&] {
        std::ifstream in(kept);
        return std::string(std::istreambuf_iterator<char>(in), {});
    };
    const auto first = text();
    CHECK(http::ticket_keys::of_text(first)->newest() != nullptr);
    struct stat about {};
    REQUIRE(::stat(kept.c_str(), &about) == 0);
    CHECK((about.st_mode & 0777) == 0600);
    open({both("pair")});
    CHECK(text() == first);
    // The loop waits for no disk then.
    CHECK(std::exchange(storage.syncs, 0) > 0);
    time.jump_wall(milliseconds(http::ticket_keys::newest_for));
    files->look();
    CHECK(text() != first);
    CHECK(storage.syncs == 0);
    write("data/tls-tickets", "rubbish");
    files->look();
    open({both("pair")});
    CHECK(http::ticket_keys::of_text(text())->newest() != nullptr);
}
