"""A container that should run dies: a fact, told without learning."""
from docker import open_engine
import scenario


class ContainerDies(scenario.Scenario):
    alertname = "AiopsContainerDown"
    severity = "critical"
    kind = "fact"

    def prepare(self) -> None:
        self.engine = open_engine(self.folder)
        self.stack.callback(self.engine.close)

    def sources(self) -> str:
        return super().sources() + f"\n  docker: {{socket: '{self.engine.socket}', ignore: {self.engine.ignore}}}"

    def off(self) -> list[str]:
        return []

    def object(self) -> str | None:
        return self.engine.container

    def fault(self) -> None:
        self.engine.crash()

    def repair(self) -> None:
        self.engine.repair()
