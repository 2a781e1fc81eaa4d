#include "collect/nginx/tally.h"

#include <algorithm>

namespace aiops {

void BinCounts::Add(const BinCounts& other) {
  requests += other.requests;
  errors_4xx += other.errors_4xx;
  errors_5xx += other.errors_5xx;
  bytes += other.bytes;
  bytes_in += other.bytes_in;
}

void Tally::Add(const LogEntry& entry, std::uint64_t client_hash) {
  const bool client_error = entry.status >= 400 && entry.status < 500;
  const bool server_error = entry.status >= 500 && entry.status < 600;
  counts.Add({1, client_error, server_error, entry.bytes, entry.bytes_in});
  if (!entry.client.empty()) clients.Insert(client_hash);
  times.request.Add(entry.request_seconds);
  times.upstream.Add(entry.upstream_seconds);
}

size_t Tally::largest() const {
  return std::max({clients.bytes(), times.request.bytes(), times.upstream.bytes()});
}

std::uint64_t Tally::Coarsen(size_t limit) {
  std::uint64_t coarser = 0;
  if (clients.bytes() > limit) coarser += clients.Coarsen();
  for (auto* sketch : {&times.request, &times.upstream}) {
    if (sketch->bytes() > limit) coarser += sketch->Coarsen();
  }
  return coarser;
}

}  // namespace aiops
