// App: builds everything from the configuration, owns the threads, fixes start and stop order.
#pragma once

#include <memory>
#include <string>

#include "app/setup.h"

namespace aiops {

inline constexpr int kExitFailure = 1;
inline constexpr int kExitConfig = 2;
inline constexpr int kExitDatabaseHeld = 3;

struct AppOptions {
  SetupOptions setup;
  std::string version;
};

// Thread-safe where it says so. Sinks are declared before sources, so destruction order is shutdown
// order: collectors, detect thread, receivers, web, store.
class App {
 public:
  // Listens and collects from its return on. An error also sets the exit code that tells its stage.
  static Result<std::unique_ptr<App>> Start(const AppOptions& options, int* exit_code);
  ~App();

  // Ends everything, in order. False: a collector hangs in its source and was left behind; the
  // process must then end without destroying anything. What was gathered is stored either way.
  bool Stop();

  int port() const;
  bool tls() const;
  // What runs, on what, and from when it judges: a few lines for people.
  std::string Introduction() const;
  // Asks the daemon to read its configuration again (thread-safe). The swap happens in Swap().
  void RequestReload();
  // Called by the main thread when woken: swaps to a configuration that a reload has accepted.
  void Swap();
  // Set before Start: called on any thread when Swap() has something to do.
  static void SetWaker(void (*wake)());

 private:
  struct Impl;
  explicit App(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace aiops
