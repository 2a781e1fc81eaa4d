// What runs on this machine, for a first configuration.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "net/http_client.h"

namespace aiops {

// Where to look.
struct Places {
  std::string nginx_folder = "/var/log/nginx";
  std::string prometheus = "http://127.0.0.1:9090";
  std::string alertmanager = "http://127.0.0.1:9093";
  std::vector<std::string> docker_sockets{"/var/run/docker.sock", "/run/podman/podman.sock"};
};

struct Discovery {
  std::string nginx_pattern;                 // of the logs that can be read; empty: none
  std::vector<std::string> readable_logs;    // sorted paths
  std::vector<std::string> unreadable_logs;  // there, but not for this user
  std::string prometheus;                    // its URL, if it answered
  std::optional<Duration> scrape_interval;   // of most of its targets, if it says so
  std::string alertmanager;
  std::string docker_socket;  // the first that is there
  std::string timezone;       // never empty
};

// Takes at most about three seconds; whatever does not answer is not there.
Discovery Discover(const Places& places, HttpClient& http);

}  // namespace aiops
