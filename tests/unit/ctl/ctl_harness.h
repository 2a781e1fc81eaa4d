// One run of aiopsctl inside the test.
#pragma once

#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "ctl/ctl.h"

namespace aiops {

struct CtlRun {
  explicit CtlRun(std::vector<std::string> arguments, const std::string& program = "aiopsctl") {
    std::ostringstream out_stream;
    std::ostringstream err_stream;
    code = RunCtl(std::move(arguments), "0.0.0", out_stream, err_stream, program);
    out = out_stream.str();
    err = err_stream.str();
  }
  int code = -1;
  std::string out;
  std::string err;
};

}  // namespace aiops
