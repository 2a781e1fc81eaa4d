"""A site at three requests a minute that answers only errors: too little for statistics, enough for a fact."""
import scenario


class QuietSite(scenario.Scenario):
    alertname = "AiopsSiteOnlyErrors"
    severity = "critical"
    kind = "fact"
    patience = 130.0  # the fifth error in a row comes 80 s after the first

    def object(self) -> str | None:
        return "blog.log"

    def start(self) -> None:
        super().start()
        self.traffic(self.nginx.blog_port, "/", rate=3 / 60, clients=1)

    def fault(self) -> None:
        self.nginx.break_blog(True)

    def repair(self) -> None:
        self.nginx.break_blog(False)
