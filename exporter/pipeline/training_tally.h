// TrainingTally: how a training ended for all whom it was about, in one sentence.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "model/model_record.h"
#include "pipeline/engine.h"

namespace aiops {

class TrainingTally {
 public:
  // `before`: the record of the model that judged until then; null: there was none.
  void Add(const Trained& trained, const ModelRecord* before);
  // "trained on 900 samples"; of several "2 trained, on 500 to 900 samples, 1 refused (nas: ...)".
  std::string Text() const;

 private:
  struct NotTaken {
    size_t count = 0;
    std::string first;   // whose
    std::string reason;  // of that one
  };
  size_t trained_ = 0;
  size_t fewest_ = 0, most_ = 0;  // samples of those that were trained
  size_t shorter_ = 0;            // trained on a shorter time than the model before
  std::string shorter_first_, shorter_reason_;
  std::map<ModelState, NotTaken> not_taken_;
};

}  // namespace aiops
