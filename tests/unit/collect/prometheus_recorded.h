// Recorded answers of real servers (tests/testdata/prometheus).
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "net/http_client.h"

namespace aiops {

inline HttpResponse Recorded(const std::string& version, const std::string& name) {
  const auto path = std::string(AIOPS_TESTDATA) + "/prometheus/" + version + "/" + name + ".http";
  std::ifstream file(path, std::ios::binary);
  if (!file) ADD_FAILURE() << "no " << path;
  HttpResponse response;
  std::string type, empty;
  file >> response.status;
  file.ignore();
  std::getline(file, type);
  std::getline(file, empty);
  response.headers = {{"content-type", type}};
  response.body.assign(std::istreambuf_iterator<char>(file), {});
  return response;
}

inline HttpResponse Json(std::string body, int status = 200) {
  return {.status = status, .body = std::move(body)};
}

// A successful vector of the given series, each `{"metric":...,"value":...}`.
inline HttpResponse Vector(const std::string& series) {
  return Json(R"({"status":"success","data":{"resultType":"vector","result":[)" + series + "]}}");
}

}  // namespace aiops
