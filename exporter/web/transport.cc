#include "web/transport.h"

#include "web/front/front.h"
#include "web/front/workers.h"
#include "web/listen_address.h"

namespace aiops {

struct Transport::Impl {
  Hop hop = Hop::Draw();
  int port = 0;
  std::unique_ptr<Workers> workers;
  std::unique_ptr<Front> front;  // last: it ends before its workers do
};

Result<std::unique_ptr<Transport>> Transport::Open(TransportOptions options) {
  AIOPS_TRY(const ListenAddress address, ParseListenAddress(options.listen_address));
  AIOPS_TRY(Fd listener, Listen(address));
  auto impl = std::make_unique<Impl>();
  impl->port = PortOf(listener);
  AIOPS_TRY(impl->workers, Workers::Start({impl->hop, options.max_connections, options.handle,
                                           options.headers, options.refused}));
  FrontOptions front{options.clock,         impl->hop,       LimitsFor(options.max_connections),
                     impl->workers->port(), options.headers, options.tls,
                     options.refused};
  AIOPS_TRY(impl->front, Front::Start(std::move(listener), std::move(front)));
  return std::unique_ptr<Transport>(new Transport(std::move(impl)));
}

Transport::Transport(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Transport::~Transport() = default;

int Transport::port() const { return impl_->port; }

}  // namespace aiops
