// AlertmanagerPeer: a real Alertmanager as a private process on loopback, on a port that the system
// chooses, for the life of the object.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "base/clock.h"
#include "unit/test_folder.h"

namespace aiops {

class AlertmanagerPeer {
 public:
  // `name` as tests/tools/peers knows it. Afterwards url() or skip_reason() is set.
  explicit AlertmanagerPeer(const std::string& name) {
    const auto program = Find(name);
    if (!program.empty()) Start(program);
  }
  ~AlertmanagerPeer() {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
  }
  AlertmanagerPeer(const AlertmanagerPeer&) = delete;
  AlertmanagerPeer& operator=(const AlertmanagerPeer&) = delete;

  const std::string& url() const { return url_; }                  // empty: it did not start
  const std::string& skip_reason() const { return skip_reason_; }  // empty: there is a program
  std::string log() const { return Read(folder_ / "log"); }

  // Polls until `done` says so; false after ten seconds.
  template <class Done>
  static bool Await(Done done) {
    SystemClock clock;
    const auto deadline = clock.Steady() + seconds(10);
    while (!done()) {
      if (clock.Steady() > deadline) return false;
      clock.WaitFor(milliseconds(20), {});
    }
    return true;
  }

 private:
  static std::string Read(const std::filesystem::path& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  std::string Find(const std::string& name) {
    FILE* pipe = popen((AIOPS_TESTDATA "/../tools/peers " + name + " 2>/dev/null").c_str(), "r");
    std::string said;
    for (int c; (c = fgetc(pipe)) != EOF;) said += static_cast<char>(c);
    const int status = pclose(pipe);
    while (said.ends_with('\n')) said.pop_back();
    if (status == 0 && !said.empty()) return said;
    skip_reason_ = said.starts_with("skipped: ") ? said : "skipped: tools/peers failed for " + name;
    return "";
  }

  void Start(const std::string& program) {
    std::ofstream(folder_ / "config.yml") << "route: {receiver: none}\nreceivers: [{name: none}]\n";
    pid_ = fork();
    if (pid_ == 0) Execute(program);
    Await([this] { return ReadAddress() || waitpid(pid_, nullptr, WNOHANG) != 0; });
  }

  [[noreturn]] void Execute(const std::string& program) const {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int log = open((folder_ / "log").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    const auto config = "--config.file=" + (folder_ / "config.yml").string();
    const auto storage = "--storage.path=" + (folder_ / "data").string();
    execl(program.c_str(), program.c_str(), config.c_str(), storage.c_str(),
          "--cluster.listen-address=", "--web.listen-address=127.0.0.1:0", nullptr);
    _exit(127);
  }

  bool ReadAddress() {
    const auto text = log();
    const auto at = text.find("address=127.0.0.1:");
    const auto end = text.find('\n', at);
    if (at == std::string::npos || end == std::string::npos) return false;
    const auto address = text.substr(at + 8, end - at - 8);
    url_ = "http://" + address.substr(0, address.find(' '));
    return true;
  }

  const TestFolder scratch_;  // gone after the process
  const std::filesystem::path folder_ = scratch_.path();
  std::string url_;
  std::string skip_reason_;
  pid_t pid_ = -1;
};

}  // namespace aiops
