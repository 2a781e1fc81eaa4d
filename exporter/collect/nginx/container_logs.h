// ContainerLogs: the logs of containers, asked from a container engine (Docker, Podman): what a
// program wrote to stdout.
//
// It polls, every two seconds. A container is known by its id. One that is met for the first time
// is read from where the engine was last asked what it has, so that nothing is lost when a
// container is made anew.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "collect/docker/engine.h"
#include "collect/nginx/container_log.h"
#include "collect/nginx/container_place.h"
#include "collect/nginx/log_follower.h"
#include "collect/nginx/log_lines.h"

namespace aiops {

struct ContainerOptions {
  std::vector<std::string> names;  // or shell patterns; empty: no engine is asked
  HttpEndpoint engine;
  LineOptions lines;
};

// Not thread-safe.
class ContainerLogs {
 public:
  // What becomes of the lines of the container with that name.
  using HandlersOf = std::function<LineHandlers(const std::string& name)>;

  ContainerLogs(ContainerOptions options, StartAt start, Duration interval, Clock& clock,
                HttpClient& http);
  ContainerLogs(const ContainerLogs&) = delete;
  ContainerLogs& operator=(const ContainerLogs&) = delete;

  // Reads what there is, if a poll is due: not beyond `until`, and with an engine that hangs at
  // most seconds. False if there is more.
  bool Poll(Time until, const std::stop_token& stop, const HandlersOf& handlers);
  // The next Poll asks for everything, unless the engine hung just now.
  void Hurry();

  bool wanted() const { return !options_.names.empty(); }
  // Why no log can be read at all, with what cures it; nullopt if one can, or if one could within
  // the last ten minutes of a container that is gone.
  std::optional<Error> Down() const;
  // A sentence for each container that is not there or cannot be read, and for each guess.
  std::vector<std::string> Notes() const;
  // Whether lines of a log that was counted before may be missing now.
  bool Failing() const;
  const ContainerCounters& counters() const { return counters_; }

  // Corruption for what State() did not write.
  ContainerCheckpoint State() const;
  Result<void> Restore(ContainerCheckpoint saved);

 private:
  struct Present {
    ContainerLog log;
    std::optional<Error> error;
  };

  bool Due(Time now) const;
  Result<void> List(const ContainerPass& pass);
  void TakeList(std::vector<docker::Container> containers, Time now);
  void Meet(const docker::Container& container, Time now);
  Result<bool> ReadAll(const ContainerPass& pass, const HandlersOf& handlers);
  Result<bool> ReadOne(Present& container, const ContainerPass& pass, const HandlersOf& handlers);
  void TakeOutcome(Result<bool> outcome, bool had_time);
  void ForgetVanished(Time now);
  std::vector<std::string> Missing() const;

  const ContainerOptions options_;
  const StartAt start_;
  const Duration first_window_;
  Clock& clock_;
  docker::Engine engine_;
  LogLines lines_;
  std::map<std::string, Present> present_;        // by id: wanted, and had by the engine
  std::map<std::string, ContainerPlace> places_;  // by id: of these and of some that are gone
  std::vector<std::string> names_;                // of all containers that the engine has
  size_t left_out_ = 0;
  std::optional<Time> listed_;
  std::optional<Time> next_list_;
  std::optional<Time> next_poll_;
  Duration patience_;
  int timeouts_ = 0;  // in a row
  Duration pause_{};  // until a hung engine is asked again
  bool whole_ = true;
  std::optional<Error> engine_error_;
  std::optional<Time> failing_since_;
  ContainerCounters counters_;
};

}  // namespace aiops
