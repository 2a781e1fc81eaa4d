#include "net/redact.h"

#include <gtest/gtest.h>

namespace aiops {
namespace {

TEST(RedactSecrets, HidesAPasswordAlsoAsTheHeaderCarriesIt) {
  HttpEndpoint endpoint;
  endpoint.basic_user = "ann";
  endpoint.basic_password = Secret("s3cretPW");
  HttpResponse response;
  response.status = 400;
  response.body = "bad: Authorization: Basic YW5uOnMzY3JldFBX, s3cretPW";
  RedactSecrets(endpoint, response);
  EXPECT_EQ(response.body, "bad: Authorization: Basic *, *");
}

}  // namespace
}  // namespace aiops
