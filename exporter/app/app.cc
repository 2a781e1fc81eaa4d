#include "app/app.h"

#include <cstdio>
#include <fstream>
#include <mutex>

#include "base/log.h"
#include "pipeline/collector_runner.h"
#include "pipeline/detect_loop.h"
#include "web/server.h"

namespace aiops {
namespace {

void (*g_wake)() = nullptr;
bool g_left_behind = false;  // a thread that hangs: nothing that it uses may go
constexpr auto kStopPatience = seconds(5);

// When the machine has booted, by /proc/uptime; the epoch where that is unknown.
Time BootTime(const Clock& clock) {
  double uptime = 0;
  std::ifstream file("/proc/uptime");
  if (!(file >> uptime)) return Time{};
  return clock.Now() - Duration(static_cast<std::int64_t>(uptime * 1e3));
}

WebPolicy PolicyOf(const Config& config) {
  return {config.web.external_url, config.web.allowed_hosts, config.web.per_feature_series_limit};
}

}  // namespace

// Everything that a reload replaces. The store, the web server and what they share stay.
class Core {
 public:
  // `loop`: what does not come from the setup.
  Core(Setup setup, Clock& clock, Store& store, CommandQueue& commands, ViewCell& cell,
       LoopOptions loop)
      : clock_(clock),
        setup_(std::move(setup)),
        delivery_(std::move(setup_.notifiers), store, clock,
                  [this](Time now) {
                    const Config& c = setup_.config;
                    return c.notify.flush_warnings.Next(now, c.timezone).value_or(now);
                  }),
        engine_(setup_.config, store, EngineOptionsFor(clock),
                [this](std::vector<Anomaly> open) { delivery_.Publish(open); }),
        loop_(setup_.config, clock, engine_, delivery_, commands, cell,
              LoopOptionsFor(std::move(loop))),
        commands_(commands) {
    std::map<std::string, std::string> checkpoints;
    if (auto stored = store.ReadCheckpoints())
      for (auto& checkpoint : *stored) checkpoints[checkpoint.collector] = checkpoint.value;
    engine_.Restore(clock.Now());
    delivery_.Start();
    std::vector<CollectorRunner*> runners;
    for (auto& [descriptor, collector] : setup_.collectors) {
      runners_.push_back(std::make_unique<CollectorRunner>(
          runners_.size(), *descriptor, std::move(collector), clock,
          [this](Answer answer) { loop_.OnAnswer(std::move(answer)); }));
      runners.push_back(runners_.back().get());
    }
    for (auto& runner : runners_) runner->Start(checkpoints[runner->name()]);
    history_ = std::make_unique<HistoryReader>(
        setup_.config, store, clock, std::move(setup_.history), [this] { loop_.OnHistory(); });
    history_->Start();
    commands.SetListener([this] { loop_.Wake(); });
    loop_.Start(std::move(runners));
  }

  ~Core() {
    commands_.SetListener(nullptr);
    loop_.Stop();
    for (auto& runner : runners_) runner->RequestStop();
    history_->RequestStop();
    engine_.Flush();
    if (engine_.backlog() != 0) {
      LogError("the database did not take everything before the stop: what waited is lost",
               {{"transactions", engine_.backlog()}});
    }
    const auto until = clock_.Steady() + kStopPatience;
    for (auto& runner : runners_) {
      if (runner->AwaitStop(until - clock_.Steady())) continue;
      LogError("a collector hangs in its source; it is left behind",
               {{"collector", runner->name()}});
      g_left_behind = true;
      (void)runner.release();  // its thread may still use it
    }
    if (history_->AwaitStop(until - clock_.Steady())) return;
    LogError("reading the history hangs in its source; it is left behind");
    g_left_behind = true;
    (void)history_.release();
  }

  std::string Introduction() const {
    const DetectConfig& d = setup_.config.detect;
    const Duration interval = setup_.config.collect.interval;
    std::string out;
    if (setup_.tryout) {
      out = "This is a try-out: no aiops.yml here, so samples come every " +
            FormatDuration(interval) + ", rounds every " + FormatDuration(d.interval) +
            ", and the data goes to " + setup_.config.store.path +
            ".\nFor real use: `aiopsctl init` writes an aiops.yml for this machine.\n";
    } else {
      const Time now = clock_.Now();
      const Duration first = FloorTo(now, d.interval) + d.interval - now;
      out = "Configuration: " + setup_.file + ". Samples every " + FormatDuration(interval) +
            ", rounds every " + FormatDuration(d.interval) + ", the first in " +
            FormatDuration(first / seconds(1) * seconds(1)) + ".\n";
    }
    std::string sources;
    for (const auto& runner : runners_) sources += (sources.empty() ? "" : ", ") + runner->name();
    out += "Sources: " + (sources.empty() ? "none" : sources) + ".\n";
    for (const auto& check : setup_.checklist)
      out +=
          "  " + std::string(MarkOf(check.state)) + " " + check.name + ": " + check.detail + "\n";
    return out + "A new entity is judged in earnest after " + std::to_string(d.warmup_samples) +
           " samples, " + FormatDuration(d.warmup_samples * interval) + "." + OfHistory();
  }

 private:
  // Whoever history tells enough of does not warm up.
  std::string OfHistory() const {
    const auto history = history_->check();
    const bool read =
        history && (history->state == SourceState::kWaits || history->state == SourceState::kWorks);
    return read ? " The history of the sources is read first: those that it tells enough of are "
                  "judged from the next round on."
                : "";
  }

  LoopOptions LoopOptionsFor(LoopOptions options) {
    options.tryout = setup_.tryout;
    options.checklist = setup_.checklist;
    options.origins = setup_.document->origins();
    options.history = [this] { return history_->check(); };
    if (setup_.tryout) options.reload = nullptr;
    return options;
  }

  EngineOptions EngineOptionsFor(const Clock& clock) {
    EngineOptions options;
    options.silent_until = BootTime(clock) + setup_.config.detect.boot_grace;
    options.messages = [this](const Anomaly& anomaly, const std::vector<Occasion>& occasions) {
      return delivery_.Messages(anomaly, occasions);
    };
    for (const auto& named : setup_.collectors) {
      EngineOptions::Source source{named.descriptor->name, {}};
      for (const auto& fact : named.descriptor->facts) source.facts.emplace_back(fact.name);
      if (source.name == "prometheus")
        for (const auto& rule : setup_.config.fact_rules) source.facts.push_back(rule.name);
      options.collectors.push_back(std::move(source));
    }
    return options;
  }

  Clock& clock_;
  Setup setup_;
  Delivery delivery_;
  Engine engine_;
  DetectLoop loop_;
  CommandQueue& commands_;
  std::unique_ptr<HistoryReader> history_;
  std::vector<std::unique_ptr<CollectorRunner>> runners_;  // last: sources stop first
};

struct App::Impl {
  AppOptions options;
  SystemClock clock;
  std::unique_ptr<HttpClient> http = MakeHttpClient();
  std::unique_ptr<Store> store;
  CommandQueue commands;
  ViewCell cell;
  std::unique_ptr<WebServer> web;
  std::mutex mutex;
  std::optional<Setup> accepted;  // by a reload; waits for Swap()
  Time started_at;
  WebConfig started_web;  // what cannot change without a restart
  std::string started_database;
  std::unique_ptr<Core> core;  // last: stops first

  std::unique_ptr<Core> MakeCore(Setup setup) {
    return std::make_unique<Core>(std::move(setup), clock, *store, commands, cell,
                                  LoopOptions{.version = options.version,
                                              .started_at = started_at,
                                              .last_round = cell.Get()->last_round,
                                              .reload = [this] { return Reload(); },
                                              .swap =
                                                  [] {
                                                    if (g_wake) g_wake();
                                                  }});
  }

  // On the detect thread.
  Result<void> Reload() {
    AIOPS_TRY(auto setup, MakeSetup(options.setup, clock, *http));
    if (setup.tryout)
      return NotFound("the aiops.yml that was read at the start is gone: put it back");
    const WebConfig& web_now = setup.config.web;
    const std::pair<const char*, bool> fixed[] = {
        {"store.path", setup.config.store.path == started_database},
        {"web.listen_address", web_now.listen_address == started_web.listen_address},
        {"web.config_file", web_now.config_file == started_web.config_file},
        {"web.max_connections", web_now.max_connections == started_web.max_connections}};
    std::string changed;
    for (const auto& [key, same] : fixed)
      if (!same) changed += (changed.empty() ? "" : ", ") + std::string(key);
    if (!changed.empty())
      return InvalidArgument(changed + " cannot change at a reload: restart the daemon");
    AIOPS_TRY_VOID(web->ReloadUsers());
    std::lock_guard lock(mutex);
    accepted = std::move(setup);
    return {};
  }
};

App::App(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
App::~App() = default;

bool App::Stop() {
  impl_->core.reset();
  impl_->web.reset();
  impl_->store.reset();
  return !g_left_behind;
}
int App::port() const { return impl_->web->port(); }
bool App::tls() const { return impl_->web->tls(); }
std::string App::Introduction() const { return impl_->core->Introduction(); }
void App::SetWaker(void (*wake)()) { g_wake = wake; }

void App::RequestReload() { (void)impl_->commands.Push({ReloadCommand{}, "signal", "signal"}); }

void App::Swap() {
  std::optional<Setup> next;
  {
    std::lock_guard lock(impl_->mutex);
    next.swap(impl_->accepted);
  }
  if (!next) return;
  impl_->core.reset();
  impl_->web->SetPolicy(PolicyOf(next->config));
  impl_->store->SetRetention(next->config.store.retention_samples,
                             next->config.store.retention_anomalies);
  impl_->core = impl_->MakeCore(std::move(*next));
  LogInfo("the configuration was reloaded");
}

Result<std::unique_ptr<App>> App::Start(const AppOptions& options, int* exit_code) {
  auto impl = std::make_unique<Impl>();
  impl->options = options;
  *exit_code = kExitConfig;
  AIOPS_TRY(auto setup, MakeSetup(options.setup, impl->clock, *impl->http));
  *exit_code = kExitFailure;
  const Config& config = setup.config;
  impl->started_at = impl->clock.Now();
  impl->started_web = config.web;
  impl->started_database = config.store.path;
  auto store = Store::Open({.path = config.store.path,
                            .retention_samples = config.store.retention_samples,
                            .retention_anomalies = config.store.retention_anomalies},
                           impl->clock);
  if (!store) {
    if (Store::IsHeld(store.error())) *exit_code = kExitDatabaseHeld;
    return std::move(store).error();
  }
  impl->store = *std::move(store);
  auto web = WebServer::Open({config.web.listen_address, config.web.config_file,
                              config.web.max_connections, PolicyOf(config)},
                             {impl->clock, impl->cell, impl->commands, *impl->store});
  if (!web) {
    if (web.error().kind == ErrorKind::kInvalidArgument) *exit_code = kExitConfig;
    return std::move(web).error();
  }
  impl->web = *std::move(web);
  impl->core = impl->MakeCore(std::move(setup));
  return std::unique_ptr<App>(new App(std::move(impl)));
}

}  // namespace aiops
