// Loop: what the front's thread does (front.h).
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "web/front/acceptor.h"
#include "web/front/front.h"
#include "web/front/poller.h"
#include "web/front/roster.h"

namespace aiops {

class Front::Loop {
 public:
  Loop(Poller poller, Fd listener, FrontOptions options);
  ~Loop();

 private:
  void Run();
  void BeginStop();
  bool Finished() const;

  // loop.cc: what happens when.
  void TakeTurns(const std::vector<Ready>& ready);
  void OnReady(const Ready& ready);
  void Accept();
  void Admit(Accepted accepted);
  void Expire();
  void ExpireStage(Stage stage, std::chrono::seconds after,
                   const std::function<void(Connection&)>& end);
  int Patience() const;
  bool MakeRoom();
  bool Shrink();

  // loop_steps.cc: the stages of one connection. Each may end it.
  void ReadRequest(Connection& c);
  void OpenChannel(Connection& c);
  void OnNoMore(Connection& c);
  void OnLost(Connection& c);
  bool TellToContinue(Connection& c);
  void Enqueue(Connection& c);
  void Dispatch();
  Connection* NextForWorker() const;
  void Serve(Connection& c);
  void OnWorker(Connection& c);
  bool SendToWorker(Connection& c);
  void ReadFromWorker(Connection& c);
  void Abandon(Connection& c);
  void OnAnswered(Connection& c);
  void Refuse(Connection& c, WebResponse response);
  void SetAnswer(Connection& c, std::string answer);
  void Write(Connection& c);
  void Linger(Connection& c);
  void Drain(Connection& c);
  void Drop(Connection& c);
  void Await(Connection& c, unsigned events);

  FrontOptions options_;
  Poller poller_;
  Acceptor acceptor_;
  Roster roster_;
  SteadyTime now_;
  size_t room_;              // connections that are held
  SteadyTime shrunk_until_;  // as long as there are fewer than the limit
  size_t answer_bytes_ = 0;  // of all answers
  std::optional<SteadyTime> stop_by_;
  std::atomic<bool> stop_{false};
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace aiops
