// aiops_exporter: flags -> App; exit codes; signals; nothing else.
#include <malloc.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>

#include "app/app.h"
#include "base/log.h"
#include "text/invocation.h"

namespace {

constexpr const char* kHelp =
    "Finds anomalies in this machine's features, exposes them as metrics and tells Alertmanager.\n"
    "Without a configuration it is a try-out with rounds in seconds; `aiopsctl init` writes one.";

int Fail(const aiops::Error& error, int exit_code) {
  std::fprintf(stderr, "aiops_exporter: %s\n", error.message.c_str());
  return exit_code;
}

// Blocked before any thread starts, so that only Wait() takes them.
sigset_t BlockSignals() {
  signal(SIGPIPE, SIG_IGN);
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGUSR1}) sigaddset(&set, number);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  return set;
}

// Where to look: the first thing that a newcomer wants to know.
void Greet(const aiops::App& app, const char* program) {
  const std::string url =
      std::string(app.tls() ? "https" : "http") + "://localhost:" + std::to_string(app.port());
  std::fprintf(stderr, "\n%s\n",
               aiops::AsCalled(app.Introduction(), aiops::InvocationOf(program)).c_str());
  std::fprintf(stderr,
               "Look at  %s/  in a browser; %s/status and %s/metrics are for programs.\n"
               "Ctrl-C stops.\n\n",
               url.c_str(), url.c_str(), url.c_str());
}

void Wait(aiops::App& app, const sigset_t& signals) {
  for (;;) {
    int number = 0;
    if (sigwait(&signals, &number) != 0) continue;
    if (number == SIGHUP)
      app.RequestReload();
    else if (number == SIGUSR1)
      app.Swap();
    else
      return;
  }
}

// glibc gives threads heaps of their own, up to eight a core; what one frees the others cannot use.
// One heap is some megabytes smaller, and the threads here mostly wait (docs/figures.md).
void ShareOneHeap() {
#ifdef __GLIBC__
  mallopt(M_ARENA_MAX, 1);
#endif
}

// The usual 1,024 are for programs that use select(); logs and connections want more.
void RaiseFileLimit() {
  constexpr rlim_t kWanted = 16'384;
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= kWanted) return;
  files.rlim_cur = std::min(kWanted, files.rlim_max);
  setrlimit(RLIMIT_NOFILE, &files);
}

}  // namespace

int main(int argc, char** argv) {
  ShareOneHeap();
  RaiseFileLimit();
  CLI::App cli(kHelp, "aiops_exporter");
  aiops::AppOptions options;
  options.version = AIOPS_VERSION;
  std::string level = "info", format = "logfmt";
  cli.add_option("--config.file", options.setup.config_file,
                 "Configuration (default: aiops.yml in this folder if there is one)");
  auto& flags = options.setup.flags;
  auto& names = options.setup.flag_names;
  const auto key = [&](const char* flag, const char* path, const char* help) {
    names[path] = flag;
    cli.add_option_function<std::string>(
        flag, [&flags, path](const std::string& value) { flags[path] = value; }, help);
  };
  key("--web.listen-address", "web.listen_address", "Where to listen (default 127.0.0.1:8100)");
  key("--web.config.file", "web.config_file", "TLS and users, in exporter-toolkit's format");
  key("--web.external-url", "web.external_url", "URL under which people reach this daemon");
  cli.add_flag("--docker", options.setup.docker, "In a try-out: watch containers by the socket");
  cli.add_option("--log.level", level, "debug, info, warn or error");
  cli.add_option("--log.format", format, "logfmt or json");
  cli.set_version_flag("--version", std::string("aiops_exporter ") + AIOPS_VERSION);
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return cli.exit(error) == 0 ? 0 : aiops::kExitConfig;
  }
  if (const auto log = aiops::SetUpLog(level, format); !log)
    return Fail(log.error(), aiops::kExitConfig);
  umask(umask(0) | 027);  // what is kept of a machine is not for everybody on it
  const sigset_t signals = BlockSignals();
  aiops::App::SetWaker([] { kill(getpid(), SIGUSR1); });
  int exit_code = aiops::kExitFailure;
  auto app = aiops::App::Start(options, &exit_code);
  if (!app) return Fail(app.error(), exit_code);
  Greet(**app, argv[0]);
  Wait(**app, signals);
  aiops::LogInfo("stopping");
  const bool clean = (*app)->Stop();
  aiops::LogInfo("stopped");
  if (!clean) _exit(0);
  return 0;
}
