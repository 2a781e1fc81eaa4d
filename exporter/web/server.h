// WebServer: the HTTP surface of the daemon (docs/api.md). Joins the transport, users, guard and
// routes.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "pipeline/command_queue.h"
#include "pipeline/view.h"
#include "store/store.h"

namespace aiops {

// What a reload of the configuration may change while the server runs.
struct WebPolicy {
  std::string external_url;
  std::vector<std::string> allowed_hosts;
  int per_feature_series_limit = 100;
};

struct WebOptions {
  std::string listen_address = "127.0.0.1:8100";  // port 0: the system chooses
  std::string config_file;   // exporter-toolkit's web configuration; empty: plain HTTP, no users
  int max_connections = 32;  // requests served at once
  WebPolicy policy;
};

// Whether a server could be opened with them, as far as that can be told without listening: the
// address is one, and the web configuration file and the files that it names can be used.
Result<void> CheckWebOptions(const WebOptions& options);

// Everything outlives the server.
struct WebContext {
  const Clock& clock;
  const ViewCell& view;
  CommandQueue& commands;
  const Store& store;
};

// Thread-safe. Owns the server's threads; handlers read the newest View, query the store
// through its own readers, and push commands: nothing here changes the pipeline directly.
class WebServer {
 public:
  // Listens from its return on. Errors are one sentence that says which key or flag to change.
  static Result<std::unique_ptr<WebServer>> Open(const WebOptions& options, WebContext context);
  // Answers 503 to requests that wait for a command, and returns when the last has its answer.
  ~WebServer();

  int port() const;
  bool tls() const;

  void SetPolicy(WebPolicy policy);
  // Reads the web configuration file, and the files that it names, again: users, certificates and
  // headers. On an error the old ones stay. (A changed file is noticed without this, too.)
  Result<void> ReloadUsers();

 private:
  struct Impl;
  explicit WebServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace aiops
