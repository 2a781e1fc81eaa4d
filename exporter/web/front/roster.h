// Roster: the connections of the front, by stage, in the order in which they came to it. It knows
// who has waited longest and whom to let go to make room. No input or output.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>

#include "web/front/channel.h"
#include "web/front/fd.h"
#include "web/front/peer.h"
#include "web/front/request_parser.h"

namespace aiops {

using SteadyTime = std::chrono::steady_clock::time_point;

// The stages in the life of a connection, in order.
enum class Stage {
  kReading,    // its request is not complete
  kQueued,     // no worker is free for its request
  kServing,    // a worker has it
  kWriting,    // its answer is being sent
  kLingering,  // answered; what the client still sends is thrown away, so that it can read
};
inline constexpr size_t kStages = 5;

struct Connection {
  std::uint64_t id = 0;
  Fd fd;
  std::unique_ptr<Channel> channel;  // null: nothing was read yet, or the client is gone
  Peer peer;
  bool tls = false;
  unsigned interest = 0;  // of epoll

  RequestParser parser;
  bool told_to_continue = false;
  bool head_only = false;  // the client wants no body
  bool changes = false;    // the request may change something: neither GET nor HEAD

  std::string to_worker;  // bytes of the request that are still to be sent there
  Fd hop;                 // the socket to the worker that serves it
  std::string answer;
  size_t written = 0;  // bytes of the answer
  size_t drained = 0;  // bytes thrown away

  // The roster's.
  Stage stage = Stage::kReading;
  SteadyTime since;  // when it came to this stage, or last moved in it
  std::list<Connection*>::iterator in_stage, in_peer;
};

// Used by one thread.
class Roster {
 public:
  // Adds it in kReading. The roster owns it from here on.
  Connection& Add(std::unique_ptr<Connection> connection, SteadyTime now);
  void Remove(Connection& connection);
  // To another stage, or once more to the end of its own: it has moved.
  void Move(Connection& connection, Stage stage, SteadyTime now);

  Connection* Find(std::uint64_t id) const;  // null: no more
  // Who is in that stage, longest first.
  const std::list<Connection*>& In(Stage stage) const { return stages_[Index(stage)]; }
  size_t size() const { return all_.size(); }
  size_t ReadingFrom(const PeerKey& peer) const;

  // The one to close for another of the same peer: its longest reading. Null: there is none.
  Connection* LongestReadingFrom(const PeerKey& peer) const;
  // The one to close for any other: who lingers, else who reads longest, else who takes its answer
  // slowest. Never one whose request is complete and not answered. Null: there is none.
  Connection* Dispensable() const;

 private:
  static size_t Index(Stage stage) { return static_cast<size_t>(stage); }
  void Enter(Connection& connection, Stage stage, SteadyTime now);
  void Leave(Connection& connection);

  std::unordered_map<std::uint64_t, std::unique_ptr<Connection>> all_;
  std::array<std::list<Connection*>, kStages> stages_;
  std::map<PeerKey, std::list<Connection*>> reading_;  // by peer; no empty lists
  std::uint64_t last_id_ = 0;
};

}  // namespace aiops
