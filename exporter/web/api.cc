#include "web/api.h"

#include <algorithm>
#include <memory>

#include "web/openapi.h"
#include "web/overview.h"
#include "web/page_files.h"
#include "web/series.h"

namespace aiops {
namespace {

constexpr const char* kHtml = "text/html; charset=utf-8";
constexpr const char* kPlain = "text/plain; charset=utf-8";

WebResponse Text(std::string type, std::string body) {
  WebResponse response;
  response.content_type = type;
  response.body = std::move(body);
  return response;
}

// Browsers name text/html first; scripts say nothing, */* or application/json.
bool WantsHtml(const WebRequest& request) {
  const size_t html = request.accept.find("text/html");
  return html != std::string::npos && html < request.accept.find("application/json");
}

WebResponse Metrics(const ApiContext& c, const WebRequest& request) {
  const ExpositionFormat format = NegotiateExposition(request.accept);
  WebResponse response;
  response.content_type = ContentType(format);
  response.body = RenderMetrics(*c.view.Get(), c.per_feature_limit(), c.requests, format);
  return response;
}

WebResponse Ready(const ApiContext& c) {
  if (!c.view.Get()->last_round) return ErrorResponse(503, "the first round has not been run yet");
  return Text(kPlain, "ready\n");
}

WebResponse Status(const ApiContext& c, const WebRequest& request) {
  const auto view = c.view.Get();
  if (WantsHtml(request)) return Text(kHtml, StatusPage(*view, c.clock.Now()));
  // The rest of it is worth telling also when the database does not answer.
  const auto outbox = c.store.CountOutbox();
  return JsonResponse(StatusJson(*view, c.clock.Now(), outbox ? *outbox : OutboxCounts{}));
}

using Handle = std::function<WebResponse(const WebRequest&)>;

const RouteAnswer kNoDatabase{503, "The database does not answer.", "Error"};
const RouteAnswer kNoAnomaly{404, "There is no such anomaly.", "Error"};

RouteAnswer TextAnswer(std::string help, std::vector<std::string> types) {
  return {200, std::move(help), "", std::move(types)};
}

Route Get(std::string path, std::string summary, std::vector<RouteAnswer> answers, Handle handle,
          std::vector<Param> query = {}) {
  return {"GET", std::move(path),    std::move(summary), std::move(query),
          "",    std::move(answers), std::move(handle)};
}

// A command: besides its own answers it may have to wait, or not be taken at all.
Route Post(std::string path, std::string summary, std::vector<RouteAnswer> answers, Handle handle,
           std::string body = "") {
  answers.push_back({503, "Too many commands wait, or the daemon or its database stops.", "Error"});
  const auto is_202 = [](const RouteAnswer& answer) { return answer.status == 202; };
  if (std::none_of(answers.begin(), answers.end(), is_202))
    answers.push_back({202, "It goes on; /status tells how it ends.", "Accepted"});
  return {"POST",          std::move(path),    std::move(summary), {},
          std::move(body), std::move(answers), std::move(handle)};
}

// A file of the page; `type` is also what the description says.
Route File(std::string path, std::string summary, std::string_view type, std::string_view text) {
  return Get(std::move(path), std::move(summary), {TextAnswer("It.", {std::string(type)})},
             [type, text](const WebRequest&) {
               return Text(std::string(type) + "; charset=utf-8", std::string(text));
             });
}

template <class Action>
Handle Executes(const ApiContext& c, Action action) {
  return [c, action](const WebRequest& request) {
    return Execute(c.commands, CommandOf(request, action), c.stopping);
  };
}

std::vector<Route> Readings(const ApiContext& c) {
  return {
      Get("/health", "Whether everything works, and what does not.",
          {{200, "Always, so that a dead source restarts nobody.", "Health"}},
          [c](const WebRequest&) {
            return JsonResponse(HealthJson(*c.view.Get(), c.clock.Now()));
          }),
      Get("/status", "Everything; as a page where Accept names text/html first.",
          {{200, "The state of every part.", "Status", {"application/json", "text/html"}}},
          [c](const WebRequest& request) { return Status(c, request); }),
      Get("/metrics", "Metrics, in the format that Accept asks for.",
          {TextAnswer("The exposition.", {"text/plain", "application/openmetrics-text"})},
          [c](const WebRequest& request) { return Metrics(c, request); }),
      Get("/-/healthy", "200 while the process serves.", {TextAnswer("It does.", {"text/plain"})},
          [](const WebRequest&) { return Text(kPlain, "healthy\n"); }),
      Get("/-/ready", "Whether a round was run.",
          {TextAnswer("It was.", {"text/plain"}), {503, "Not yet.", "Error"}},
          [c](const WebRequest&) { return Ready(c); }),
  };
}

std::vector<Route> Page(const ApiContext& c) {
  return {
      File("/", "The page for people.", "text/html", kPageHtml),
      File("/page.css", "The page's looks.", "text/css", kPageCss),
      File("/page.js", "The page's script.", "text/javascript", kPageJs),
      Get(
          "/overview", "What the page polls: everything in short, the worst entities first.",
          {{200, "As much for thousands of entities as for three.", "Overview"}},
          [c](const WebRequest& request) {
            return Overview(*c.view.Get(), c.clock.Now(), request);
          },
          OverviewParams()),
      Get(
          "/series", "The last hours of one entity, as curves.",
          {{200, "Least and greatest value of each step.", "Series"},
           {404, "Nobody of that name is watched.", "Error"},
           kNoDatabase},
          [c](const WebRequest& request) {
            return Series(*c.view.Get(), c.store, c.clock.Now(), request);
          },
          SeriesParams()),
  };
}

std::vector<Route> History(const ApiContext& c) {
  return {
      Get(
          "/anomalies", "Anomalies, newest first.",
          {{200, "One page of them.", "Anomalies"}, kNoDatabase},
          [c](const WebRequest& request) {
            return ListAnomalies(c.store, *c.view.Get(), c.clock.Now(), request);
          },
          AnomalyParams()),
      Get("/anomalies/{id}", "One anomaly, and what moved first.",
          {{200, "It.", "Anomaly"}, kNoAnomaly, kNoDatabase},
          [c](const WebRequest& request) { return ShowAnomaly(c.store, *c.view.Get(), request); }),
      Get(
          "/why", "Why it was quiet, or not, at a moment.",
          {{200, "In words and in fields, for each scope.", "Why"},
           {404, "Nothing is stored of that entity.", "Error"},
           kNoDatabase},
          [c](const WebRequest& request) {
            return TellWhy(c.store, *c.view.Get(), c.clock.Now(), request);
          },
          WhyParams()),
      Get(
          "/audit", "Who asked for what, newest first.",
          {{200, "One page of the trail.", "Audit"}, kNoDatabase},
          [c](const WebRequest& request) { return ListAudit(c.store, c.clock.Now(), request); },
          AuditParams()),
  };
}

std::vector<Route> Models(const ApiContext& c) {
  const RouteAnswer back{200, "It judges now.", "RolledBack"};
  const RouteAnswer refused{409, "There is nothing to go back to, or it cannot judge.", "Error"};
  const auto roll_back = [c](const WebRequest& request) { return RollBack(c, request); };
  return {
      Get(
          "/models", "Trained models, newest first: in use, earlier, and those not taken.",
          {{200, "One page of them.", "Models"}, kNoDatabase},
          [c](const WebRequest& request) { return ListModels(c.store, *c.view.Get(), request); },
          ModelParams()),
      Get("/models/{id}", "One model, and how its training went.",
          {{200, "It.", "TrainedModel"}, {404, "There is no such model.", "Error"}, kNoDatabase},
          [c](const WebRequest& request) { return ShowModel(c.store, *c.view.Get(), request); }),
      Post("/models/{id}/rollback", "Makes an earlier model judge again.",
           {back, {404, "There is no such model.", "Error"}, refused}, roll_back, "Acknowledge"),
      Post("/models/rollback", "Makes the model before the one in use judge again.",
           {back, {404, "Nobody of that name is watched.", "Error"}, refused}, roll_back,
           "RollBack"),
  };
}

std::vector<Route> Outbox(const ApiContext& c) {
  const auto decide = [&](const char* how, bool drop, std::string summary) {
    return Post(
        std::string("/outbox/{id}/") + how, std::move(summary),
        {{200, "It, as it is now.", "DecidedMessage"},
         {404, "There is no such message.", "Error"},
         {409, "It was sent, or is on its way.", "Error"}},
        [c, drop](const WebRequest& request) { return DecideMessage(c, drop, request); },
        "Acknowledge");
  };
  return {
      Get(
          "/outbox", "Messages to receivers that are told each change once, newest first.",
          {{200, "One page of them.", "Messages"}, kNoDatabase},
          [c](const WebRequest& request) { return ListOutbox(c.store, request); }, OutboxParams()),
      decide("retry", false, "Sends what failed once more, and what waits at once."),
      decide("drop", true, "Gives up a message that has not been sent."),
  };
}

Route Marks(const ApiContext& c, Mark mark, std::string summary) {
  return Post(
      "/anomalies/{id}/" + std::string(ToString(mark)), std::move(summary),
      {{200, "The last mark counts.", "Marked"}, kNoAnomaly},
      [c, mark](const WebRequest& request) { return MarkAnomaly(c, mark, request); },
      "Acknowledge");
}

std::vector<Route> SilencesOf(const ApiContext& c, SilenceKind kind) {
  const bool window = kind == SilenceKind::kWindow;
  const std::string path = window ? "/windows" : "/mutes";
  const std::string what = window ? "maintenance window" : "mute";
  const std::string body = window ? "Window" : "Mute";
  return {
      Get(
          path, "Every " + what + " in force or to come.",
          {{200, "Past ones first, each by id.", body + "s"}},
          [c, kind](const WebRequest& request) {
            return ListSilences(*c.view.Get(), kind, c.clock.Now(), request);
          },
          SilenceParams()),
      Post(
          path, "Begins a " + what + ": judged and stored, told to nobody, not trained on.",
          {{200, "It, with its id.", "Silence"},
           {404, "There is no such scope.", "Error"},
           {409, "Times that cannot be, or too many of them.", "Error"}},
          [c, kind](const WebRequest& request) { return BeginSilence(c, kind, request); }, body),
      Post(
          path + "/{id}/end",
          "Ends a " + what + " now; one that is over is taken back: its samples train again.",
          {{200, "It, as it was.", "Silence"},
           {404, "There is none of the last 31 days.", "Error"}},
          [c, kind](const WebRequest& request) { return EndSilence(c, kind, request); },
          "Acknowledge")};
}

std::vector<Route> Silences(const ApiContext& c) {
  std::vector<Route> routes = SilencesOf(c, SilenceKind::kWindow);
  for (Route& route : SilencesOf(c, SilenceKind::kMute)) routes.push_back(std::move(route));
  return routes;
}

std::vector<Route> Commands(const ApiContext& c) {
  return {
      Post(
          "/anomalies/{id}/acknowledge", "Says that somebody takes care; again and again is fine.",
          {{200, "Acknowledged, now or before: the first stays.", "Acknowledgement"}, kNoAnomaly},
          [c](const WebRequest& request) { return Acknowledge(c, request); }, "Acknowledge"),
      Marks(c, Mark::kReal, "Says that it was a real incident: no model learns from its samples."),
      Marks(c, Mark::kExpected, "Says that it was to be expected: models learn its samples."),
      Post("/run", "Collects and detects now.",
           {{200, "The verdicts of the round.", "Run"},
            {409, "A run or a collection is under way.", "Error"},
            {429, "One run in five seconds.", "Error"}},
           Executes(c, RunCommand{})),
      Post("/train", "Fits the models now.",
           {{202, "The training has begun; /status tells how it ends.", "Accepted"},
            {409, "Too few samples, or a training is under way.", "TrainRefusal"}},
           Executes(c, TrainCommand{})),
      Post("/-/reload", "Reads the configuration again.",
           {{200, "It is in force from the next tick on.", "Reload"},
            {400, "All that is wrong with it; the old one stays.", "Error"},
            {409, "There is no file to read.", "Error"}},
           Executes(c, ReloadCommand{})),
  };
}

}  // namespace

std::vector<Route> ApiRoutes(const ApiContext& c) {
  std::vector<Route> routes;
  for (auto* group : {&Page, &Readings, &History, &Models, &Outbox, &Silences, &Commands}) {
    for (Route& route : group(c)) routes.push_back(std::move(route));
  }
  routes.push_back(Get("/openapi.json", "This description, in OpenAPI 3.1.",
                       {TextAnswer("It.", {"application/json"})}, nullptr));
  const auto described = std::make_shared<const std::vector<Route>>(routes);
  routes.back().handle = [c, described](const WebRequest&) {
    return JsonResponse(OpenApiJson(*described, c.view.Get()->version));
  };
  return routes;
}

}  // namespace aiops
