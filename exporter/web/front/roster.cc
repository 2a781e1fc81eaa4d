#include "web/front/roster.h"

namespace aiops {

Connection& Roster::Add(std::unique_ptr<Connection> connection, SteadyTime now) {
  connection->id = ++last_id_;
  Connection& added = *connection;
  all_.emplace(added.id, std::move(connection));
  Enter(added, Stage::kReading, now);
  return added;
}

void Roster::Remove(Connection& connection) {
  Leave(connection);
  all_.erase(connection.id);
}

void Roster::Move(Connection& connection, Stage stage, SteadyTime now) {
  Leave(connection);
  Enter(connection, stage, now);
}

Connection* Roster::Find(std::uint64_t id) const {
  const auto found = all_.find(id);
  return found == all_.end() ? nullptr : found->second.get();
}

size_t Roster::ReadingFrom(const PeerKey& peer) const {
  const auto found = reading_.find(peer);
  return found == reading_.end() ? 0 : found->second.size();
}

Connection* Roster::LongestReadingFrom(const PeerKey& peer) const {
  const auto found = reading_.find(peer);
  return found == reading_.end() ? nullptr : found->second.front();
}

Connection* Roster::Dispensable() const {
  for (const Stage stage : {Stage::kLingering, Stage::kReading, Stage::kWriting}) {
    if (!In(stage).empty()) return In(stage).front();
  }
  return nullptr;
}

void Roster::Enter(Connection& connection, Stage stage, SteadyTime now) {
  connection.stage = stage;
  connection.since = now;
  auto& list = stages_[Index(stage)];
  connection.in_stage = list.insert(list.end(), &connection);
  if (stage != Stage::kReading) return;
  auto& peers = reading_[connection.peer.key];
  connection.in_peer = peers.insert(peers.end(), &connection);
}

void Roster::Leave(Connection& connection) {
  stages_[Index(connection.stage)].erase(connection.in_stage);
  if (connection.stage != Stage::kReading) return;
  const auto peers = reading_.find(connection.peer.key);
  peers->second.erase(connection.in_peer);
  if (peers->second.empty()) reading_.erase(peers);
}

}  // namespace aiops
