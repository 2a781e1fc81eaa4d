// CollectorRunner: the thread of one collector, and the loop around every collector.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "collect/collector.h"
#include "pipeline/assembler.h"
#include "pipeline/patient_thread.h"
#include "pipeline/view.h"
#include "pipeline/waker.h"

namespace aiops {

// Between assignments it calls Advance, at a tick's end Collect; duration, success and last success
// are recorded here, so that no collector can forget them. Thread-safe.
class CollectorRunner {
 public:
  using Deliver = std::function<void(Answer)>;  // called on the collector's thread

  CollectorRunner(size_t index, const CollectorDescriptor& descriptor,
                  std::unique_ptr<Collector> collector, Clock& clock, Deliver deliver);

  // Starts the thread. Empty checkpoint: none.
  void Start(std::string checkpoint);
  // Asks it to stop; the destructor joins.
  void RequestStop() { thread_.RequestStop(); }
  // Waits for that, at most until `patience` has passed. False: it hangs in its source. Then nobody
  // may destroy it, it delivers nothing any more, and it keeps what it was given for ever.
  bool AwaitStop(std::chrono::steady_clock::duration patience) {
    return thread_.AwaitStop(patience);
  }

  // The tick to work on next; replaces one that has not begun.
  void Assign(const Tick& tick);

  const std::string& name() const { return view_.name; }
  // One more answer came after its deadline and was dropped.
  void CountLate();
  // The deadline has passed without its answer: it is down, whatever it says later.
  void MarkMissed();
  CollectorView view() const;

 private:
  void Run(std::stop_token stop, const std::string& checkpoint);
  std::optional<Tick> NextTick(std::stop_token stop);
  void Work(const Tick& tick, std::stop_token stop);
  void Record(const Answer& answer);
  void Fail(const std::string& text, const std::string& kind);

  const size_t index_;
  Clock& clock_;
  const Deliver deliver_;
  std::unique_ptr<Collector> collector_;
  mutable std::mutex mutex_;
  std::optional<Tick> assigned_;
  CollectorView view_;
  Waker waker_;
  PatientThread thread_;  // last: stops before the rest goes
};

}  // namespace aiops
