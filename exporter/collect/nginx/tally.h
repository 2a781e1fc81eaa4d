// Tally: what is known of some requests, and of how much memory it takes.
#pragma once

#include <cstdint>

#include "collect/nginx/client_set.h"
#include "collect/nginx/log_entry.h"
#include "collect/nginx/quantile_sketch.h"

namespace aiops {

// Sums are exact.
struct BinCounts {
  std::uint64_t requests = 0;
  std::uint64_t errors_4xx = 0;
  std::uint64_t errors_5xx = 0;
  std::uint64_t bytes = 0;
  std::uint64_t bytes_in = 0;
  void Add(const BinCounts& other);
};

// In seconds; empty where the log does not say.
struct RequestTimes {
  QuantileSketch request;
  QuantileSketch upstream;
};

// What is known of some requests.
struct Tally {
  BinCounts counts;
  ClientSet clients;
  RequestTimes times;

  // An empty client and times that are NaN are unknown.
  void Add(const LogEntry& entry, std::uint64_t client_hash);
  size_t bytes() const {  // on the heap
    return clients.bytes() + times.request.bytes() + times.upstream.bytes();
  }
  size_t largest() const;  // of its three sketches, in bytes
  // Makes those sketches coarser that have more than `limit` bytes. How many of them there were.
  std::uint64_t Coarsen(size_t limit);
};

}  // namespace aiops
