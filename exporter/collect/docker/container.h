// What a container engine says about its containers, reduced to what is judged. All text is
// sanitised.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"

namespace aiops::docker {

// One entry of GET /containers/json.
struct Container {
  std::string id;    // hex digits only: safe in a path
  std::string name;  // without the leading '/'
  std::string image;
  std::string
      state;  // created, running, paused, restarting, removing, exited, dead; Podman has more
  std::string status;  // for people: "Up 3 hours (healthy)", "Exited (137) 5 minutes ago"
};

// What only GET /containers/{id}/json knows.
struct Inspection {
  std::string state;
  int exit_code = 0;
  bool oom_killed = false;
  std::string error;  // why it could not be started
  std::optional<Time> started_at;
  std::optional<Time> finished_at;
  std::int64_t restart_count = 0;
  std::string restart_policy;  // "no", "always", "unless-stopped", "on-failure", ""
  std::string image;
  std::string health;         // "healthy", "unhealthy", "starting", "none", ""
  std::string health_output;  // of the last probe
  bool tty = false;           // its log has no frames
  bool podman = false;        // the engine is: it starts again what ended without an order
};

// One line of GET /events.
struct Event {
  enum class Kind { kStart, kStop, kKill, kDie, kOom };
  Kind kind = Kind::kStart;
  std::string id;
  Time time;
  int signal = 0;  // of kKill
};

}  // namespace aiops::docker
