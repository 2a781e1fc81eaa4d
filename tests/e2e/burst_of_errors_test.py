"""A burst of 5xx among answers that are fine: two features move, the learned verdict is a warning."""
import scenario


class BurstOfErrors(scenario.Scenario):
    main_features = set(scenario.NGINX_FEATURES)

    def fault(self) -> None:
        # The usual traffic goes on, so the site does not answer only errors: no fact, but 80 % are.
        self.burst = self.traffic(self.nginx.port, "/fail", rate=40, clients=40)

    def repair(self) -> None:
        self.burst.stop()
